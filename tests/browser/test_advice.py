"""A training that fails: what is said at its end, and what the buttons under it do."""

import re

import pytest

from tests.browser.lab import open_page

pytestmark = pytest.mark.whole


def test_a_training_that_was_too_slow_says_so_and_its_button_sets_the_rate(server, page):
    open_page(page, f"{server}/stacked")
    page.get_by_role("slider", name="Epochs").first.press("Home")
    rate = page.get_by_role("slider", name="Learning rate").first
    rate.press("Home")
    for _ in range(3):
        rate.press("ArrowRight")
    page.get_by_text("Epochs, Learning rate").wait_for()
    page.get_by_role("button", name="Train").first.click()
    words = page.get_by_text("it was still learning at the end")
    words.first.wait_for(timeout=60_000)
    page.get_by_role("button", name="Train 1 epoch more").wait_for()
    # Said once: the live view leaves it to the page. Seen there until the page follows.
    page.locator(".message").wait_for(state="hidden")
    words.nth(1).wait_for(state="detached")
    assert words.count() == 1
    page.get_by_role("button", name="Set a learning rate of 0.003").click()
    page.get_by_text("The settings now differ from this run's: Learning rate 0.003").wait_for()
    page.get_by_text("Press Train again to try it").wait_for()  # which leaves the styles alone
    size = "getComputedStyle(document.querySelector('h1')).fontSize"
    assert page.evaluate(size) == "27.2px"
    assert rate.get_attribute("aria-valuetext") == "0.003"
    page.reload()
    words.first.wait_for()
    page.get_by_role("button", name=re.compile("Set a learning rate")).wait_for()
    page.get_by_role("button", name="Train 1 epoch more").click()
    words.first.wait_for(state="hidden")
    page.get_by_role("button", name="Train more").wait_for(timeout=60_000)


def test_a_stalled_training_says_so_while_it_runs_and_offers_what_to_try(server, page):
    open_page(page, f"{server}/stacked")
    page.get_by_role("slider", name="Epochs").first.press("End")
    rate = page.get_by_role("slider", name="Learning rate").first
    rate.press("End")
    page.get_by_text("Epochs, Learning rate").wait_for()
    page.get_by_role("button", name="Train").first.click()
    words = page.get_by_text(re.compile("^The network collapsed: its error of "))
    words.first.wait_for(timeout=60_000)
    page.get_by_role("button", name="Set a learning rate of 0.003").wait_for()
    page.get_by_role("button", name="Pause").wait_for()  # it still runs
    words.nth(1).wait_for(state="detached")  # said once
    page.get_by_role("button", name="Set a learning rate of 0.003").click()
    page.get_by_text("The settings now differ from this run's: Learning rate 0.003").wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Stop").wait_for(state="detached")
    words.first.wait_for()
    page.get_by_role("button", name="Set a learning rate of 0.003").wait_for()
