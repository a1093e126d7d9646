"""The numbers below the time slider: each moment's own, those of the test images, and how to read
them."""

import json

import numpy as np
import pytest
from playwright.sync_api import expect

from aecore.data.sources import load
from aecore.runs.history import History
from tests.browser.lab import IN_SHADOW, open_page

# Whether the number of this name is this one, to four digits.
NEAR = f"""([name, value]) => ({IN_SHADOW})('.metrics', (list) =>
  [...list.children].some((each) => each.firstChild.textContent.trim() === name
    && Math.abs(parseFloat(each.lastChild.textContent) / value - 1) < 1e-3))"""


@pytest.fixture
def page(chromium):
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    yield page
    page.close()


def meters(page) -> list[str]:
    """The names of the numbers that are shown; remarks on them are not among them."""
    return page.locator(".metrics").evaluate(
        """(list) => [...list.children]
          .filter((each) => each.lastChild.textContent && !each.textContent.startsWith("on "))
          .map((each) => each.firstChild.textContent.trim())"""
    )


def height_of_the_meters(page) -> float:
    """With the closed list; the page may have been scrolled."""
    top, bottom = (page.locator(each).bounding_box()["y"] for each in (".meters", ".pictures"))
    return bottom - top


@pytest.mark.parametrize("variant", ["stacked", "greedy"])
def test_the_error_at_a_moment_is_that_of_its_network(finished, page, variant):
    open_page(page, finished[variant])
    time = page.get_by_role("slider", name="Moment")
    expect(page.locator(".metrics")).to_contain_text("on 250 test images", timeout=30_000)
    kept, x = History(finished.runs / finished.ids[variant]), load("digits").measured.floats()
    places = kept.places()
    time.focus()
    time.press("Home")
    at = 0
    for i in (0, 3, len(places) // 2 + 1):  # before the first evaluation, and between two
        for _ in range(i - at):
            time.press("ArrowRight")
        at = i
        error = float(np.mean(np.square(kept.network(places[i]).reconstruct(x) - x)))
        page.wait_for_function(NEAR, arg=["pixel error", error])
        pca = load("digits").pca.mse(
            x, json.loads(kept.path.with_name("run.json").read_text())["config"]["codings_size"]
        )
        page.wait_for_function(NEAR, arg=["error, share of PCA’s", 100 * error / pca])
    assert "ten neighbours" not in page.inner_text(".metrics")


def test_the_list_says_how_to_read_just_what_is_shown(finished, page):
    open_page(page, finished["sparse"])
    expect(page.locator(".metrics")).to_contain_text("on 250 test images", timeout=30_000)
    figures = json.loads((finished.runs / finished.ids["sparse"] / "results.json").read_text())
    share = page.locator(".metrics span", has_text="ten neighbours").locator("b").inner_text()
    assert float(share) == pytest.approx(figures["test"]["ten_neighbours"], rel=1e-3)
    summary, listed = page.get_by_text("How to read these"), page.locator(".how dl")
    box, line = summary.bounding_box(), page.locator(".meters").bounding_box()
    assert box["y"] >= line["y"] and box["y"] + box["height"] <= line["y"] + line["height"] + 1
    below = height_of_the_meters(page)
    assert not listed.is_visible()
    summary.focus()
    page.keyboard.press("Enter")
    listed.wait_for()
    names = listed.locator("dt").all_inner_texts()
    assert names == meters(page) and {"loss", "linear probe", "mean activation"} <= set(names)
    assert all(words.endswith(".") for words in listed.locator("dd").all_inner_texts())
    labels = listed.locator("dd", has_text="had no part in the training")
    assert labels.count() == 2
    page.get_by_role("slider", name="Moment").press("Home")
    expect(listed.locator("dt", has_text="ten neighbours")).to_have_count(0)
    assert listed.locator("dt").all_inner_texts() == meters(page)
    summary.press("Enter")
    listed.wait_for(state="hidden")
    assert abs(height_of_the_meters(page) - below) <= 1
