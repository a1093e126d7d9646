"""A Plotly chart in a real page.

Where its library comes from, what it draws, and what it says to a keyboard.
"""

import gzip
import urllib.request

import pytest

from ui.addresses import PLOTLY_ROUTE as LIBRARY_ROUTE

pytestmark = pytest.mark.whole


def test_the_library_is_packed_and_kept_for_good(server):
    request = urllib.request.Request(server + LIBRARY_ROUTE, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as answer:
        packed = answer.read()
        assert (
            answer.headers["content-encoding"] == "gzip"
            and "immutable" in answer.headers["cache-control"]
        )
    with urllib.request.urlopen(server + LIBRARY_ROUTE) as answer:
        plain = answer.read()
    assert (
        len(packed) < 0.4 * len(plain)
        and gzip.decompress(packed) == plain
        and b"plotly.js v" in plain[:200]
    )


def test_compare_draws_its_curves_and_reads_them_by_keyboard(finished, page):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(finished.compared("stacked", "tied"))
    page.locator(".plot .ytitle").first.wait_for(timeout=30_000)
    assert [url for url in asked if "plotly" in url] == [finished.address + LIBRARY_ROUTE]
    assert (
        "step" in page.locator(".plot .xtitle").first.text_content()
        and "per pixel" in page.locator(".plot .ytitle").first.text_content()
    )
    assert (
        page.locator(".plot .scatterlayer .trace").count() == 3
    )  # and PCA, which both are compared with
    buttons = page.locator(".plot .modebar-btn").evaluate_all(
        "all => all.map((b) => b.dataset.title || b.getAttribute('aria-label'))"
    )
    assert (
        len(buttons) == 5
        and "Full screen" in buttons
        and not any("loud" in title for title in buttons)
    ), buttons
    plot = page.locator(".plot").first
    drawn, place, chart = (
        page.locator(part).first.bounding_box()["height"]
        for part in (".plot .svg-container", ".plot", ".chart")
    )
    assert drawn == pytest.approx(place, abs=1) and chart == pytest.approx(
        380, abs=1
    )  # layers stacked would be thrice that
    plot.focus()
    page.keyboard.press("Home")
    first = page.locator(".said").first.text_content()
    page.keyboard.press("ArrowRight")
    second = page.locator(".said").first.text_content()
    assert (
        first.startswith("Training step")
        and "Stacked" in first
        and "Tied" in first
        and second != first
    ), (first, second)
    assert (
        page.locator(".tip").first.is_visible()
        and "Stacked" in page.locator(".tip").first.text_content()
    )
    scale = page.get_by_role("button", name="Log scale: on")
    node = plot.element_handle()
    scale.click()
    page.get_by_role("button", name="Log scale: off").wait_for()
    assert (
        page.evaluate("(node) => node.isConnected && node._fullLayout.yaxis.type", node) == "linear"
    )


def test_without_the_library_a_sentence_stands_in_its_place(finished, page):
    page.route("**/plotly-*", lambda route: route.abort())
    page.goto(finished.compared("stacked", "tied"))
    page.get_by_text("its library could not be loaded").first.wait_for(timeout=30_000)
    assert page.locator(".chart").first.bounding_box()["height"] == pytest.approx(380, abs=1)
