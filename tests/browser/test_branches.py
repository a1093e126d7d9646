"""Go on from here: another future of a run, from the moment that the time slider is at."""

import re

import pytest

from aecore.runs import store
from tests.browser.lab import LINES, in_plot, open_page
from tests.helpers import wait_for

pytestmark = pytest.mark.whole


def test_a_branch_shows_both_futures_and_names_the_run_that_it_left(server, server_runs, page):
    open_page(page, f"{server}/denoising")
    page.get_by_role("slider", name="Epochs").first.press("Home")
    page.get_by_role("slider", name="Epochs").first.press("ArrowRight")
    page.get_by_role("button", name="Train").first.click()
    page.get_by_role("button", name="Train more").wait_for(timeout=90_000)
    left = re.search(r"run=([0-9a-f]{32})", page.url)[1]
    here = page.get_by_role("button", name="Go on from here")
    here.wait_for()
    assert here.is_disabled()  # the epochs on the left are over
    number = page.get_by_role("textbox", name="At step")
    number.fill("20")
    number.press("Enter")
    page.get_by_text("where the time slider last rested").wait_for()
    page.get_by_role("slider", name="Noise").first.press("End")
    page.get_by_text("The settings now differ from this run's: Noise").wait_for()
    here.click()
    page.get_by_text("goes on from step 20 of run").wait_for()
    run_id = re.search(r"run=([0-9a-f]{32})", page.url)[1]
    run = store.open_run(server_runs, run_id)
    wait_for(lambda: run.state.status == "done")
    assert run.spec.origin.run_id == left and run.spec.origin.end.place == (0, 20)
    assert run.results()["origin"]["step"] == 20
    page.get_by_role("button", name="the run it left").wait_for()
    others = [line for line in in_plot(page, LINES) if line["name"] == "the run it left"]
    assert others and all(min(x for x in line["x"] if x is not None) >= 20 for line in others)
    page.get_by_role("tab", name="Figures").click()
    page.get_by_text(re.compile("it went on from step 20 of")).wait_for()
    page.get_by_role("button", name="Download the record").wait_for()
    with page.expect_popup() as opened:  # a tab of its own, beside this one
        page.get_by_role("link", name=re.compile("step 20 of run")).click()
    opened.value.get_by_text(f"run {left[:8]}").first.wait_for()
