"""The back button: never trapped on a page, and what is in the address is what is shown."""

import re

import pytest

from tests.browser.lab import open_page, wait_for_points

pytestmark = pytest.mark.whole


def test_back_leaves_the_run_then_the_page_and_forward_returns(server, page):
    open_page(page, server)
    page.get_by_role("link", name="Stacked", exact=True).first.click()
    page.get_by_role("heading", name="Stacked autoencoders").wait_for()
    page.get_by_role("button", name="Train").first.click()
    page.wait_for_url(re.compile("run="))
    wait_for_points(page, 1)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Resume").wait_for()
    run_url = page.url
    page.go_back()
    page.get_by_text("watch the loss fall").wait_for()
    assert page.url.endswith("/stacked")
    page.go_back()
    page.get_by_role("heading", name="Autoencoder Lab").wait_for()
    page.go_forward()
    page.get_by_role("heading", name="Stacked autoencoders").wait_for()
    page.goto(run_url)
    page.get_by_role("button", name="Resume").wait_for()


def test_coming_back_to_a_lesson_by_the_menu_reopens_its_run(server, page):
    open_page(page, f"{server}/tied")
    page.get_by_role("button", name="Train").first.click()
    page.wait_for_url(re.compile("run="))
    run = page.url.split("run=")[1]
    page.get_by_role("link", name="Sparse", exact=True).first.click()
    page.get_by_role("heading", name="Sparse autoencoders").wait_for()
    page.get_by_role("link", name="Tied weights", exact=True).first.click()
    page.wait_for_url(re.compile(f"run={run}"))
    page.get_by_role("button", name=re.compile("Stop|Train more")).first.wait_for()
    if page.get_by_role("button", name="Stop").count():
        page.get_by_role("button", name="Stop").click()


def test_a_tab_and_a_page_keep_what_was_chosen_in_them(finished, page):
    open_page(page, finished["stacked"])
    page.get_by_role("radio", name="worst first").click()
    page.locator("label", has_text="Corrupt the input").click()
    noise = page.get_by_role("slider", name="Noise level")
    noise.press("End")
    page.wait_for_timeout(500)

    def as_chosen():
        page.get_by_role("tab", name="Reconstructions").click()
        noise.wait_for()
        assert float(noise.input_value()) == 1
        assert page.get_by_role("radio", name="worst first").is_checked()

    page.get_by_role("tab", name="Figures").click()
    page.get_by_text("parameters").first.wait_for()
    as_chosen()
    page.get_by_role("link", name="Sparse", exact=True).first.click()
    page.get_by_role("heading", name="Sparse autoencoders").wait_for()
    page.get_by_role("link", name="Stacked", exact=True).first.click()  # leads back to the run
    as_chosen()


@pytest.mark.parametrize(
    "changed", ["Codings", "How many"]
)  # among the settings, and in a tab below
def test_a_run_deleted_in_another_tab_gets_a_sentence(server, page, changed):
    open_page(page, f"{server}/stacked")
    page.get_by_role("slider", name="Epochs").first.press("Home")
    page.get_by_role("button", name="Train").first.click()
    page.get_by_role("button", name="Train more").wait_for(timeout=60_000)
    other = page.context.new_page()
    open_page(other, f"{server}/runs")
    other.get_by_role("button", name="Rename").first.click()
    other.get_by_role("textbox", name="Name").fill("Its own name")
    other.get_by_role("textbox", name="Name").press("Enter")
    other.get_by_role("link", name="Its own name").wait_for()
    other.get_by_role("button", name="Delete").first.click()
    other.get_by_role("button", name="Delete this run").click()
    other.get_by_text("No runs yet").wait_for()
    page.get_by_role("slider", name=changed).first.press("ArrowLeft")
    page.get_by_text("There is no run").wait_for()
    assert "run=" not in page.url


def test_generates_network_follows_the_address_back(server, page):
    """Two runs chosen one after the other: the back button shows the first again."""
    for name in ("stacked", "tied"):
        open_page(page, f"{server}/{name}")
        page.get_by_role("slider", name="Epochs").first.press("Home")
        page.get_by_role("button", name="Train").first.click()
        page.get_by_role("button", name="Train more").wait_for(timeout=60_000)
    first = {}
    open_page(page, f"{server}/generate")
    for name in ("Stacked", "Tied weights"):
        page.get_by_role("combobox", name="Network").click()
        page.get_by_role("option", name=re.compile(rf"^{name} \d")).first.click()  # a run
        page.wait_for_url(re.compile("run="))
        page.get_by_role("link", name=re.compile(f"Open the run “{name}")).wait_for()
        first[name] = page.url
    assert first["Stacked"] != first["Tied weights"]
    page.go_back()
    page.get_by_role("link", name=re.compile("Open the run “Stacked")).wait_for()
    assert page.url == first["Stacked"]
