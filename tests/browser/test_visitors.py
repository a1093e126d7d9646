"""Several visitors, and what the page needs from the network."""

import json

import pytest

from tests.browser.lab import POINTS, open_page, start_long_vae, start_small_vae, wait_for_points

pytestmark = pytest.mark.whole


def test_a_visitor_cannot_steer_another_visitors_run(server, page, chromium):
    run_id = start_small_vae(page, server)
    stranger = chromium.new_context().new_page()
    stranger.goto(f"{server}/variational?run={run_id}")
    stranger.get_by_text("you can watch it, not steer it").wait_for(timeout=20_000)
    assert (
        not stranger.locator(".st-key-steer").get_by_role("button", name="Stop").count()
    )  # Streamlit has one of its own, while it draws
    stranger.goto(f"{server}/runs")
    stranger.get_by_text("No runs yet").wait_for()
    stranger.context.close()
    page.get_by_role("button", name="Stop").click()


def test_every_page_fits_a_phone_and_has_words_for_its_pictures(server, chromium):
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    for path in (
        "",
        "lab",
        "linear",
        "stacked",
        "tied",
        "greedy",
        "denoising",
        "sparse",
        "variational",
        "generate",
        "compare",
        "runs",
    ):
        open_page(page, f"{server}/{path}")
        page.wait_for_timeout(700)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert not page.locator("img:not([alt]), canvas[role=img]:not([aria-label])").count(), path
    context.close()


def test_nothing_is_asked_of_another_server(server, chromium):
    """It works without a network, and reports no use of it."""
    context = chromium.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("", "stacked", "generate"):
        open_page(page, f"{server}/{path}")
        page.wait_for_timeout(800)
    start_long_vae(page, server)  # draws charts, too
    wait_for_points(page, 1)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Resume").wait_for()
    outside = [url for url in asked if not url.startswith((server, "data:", "blob:"))]
    assert not outside, json.dumps(outside)
    context.close()


def test_without_the_push_route_the_page_polls(server, page):
    page.route_web_socket("**/lab/live/**", lambda socket: socket.close())
    start_small_vae(page, server)
    wait_for_points(page, 2)
    first = page.evaluate(POINTS)
    wait_for_points(page, first + 2)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Resume").wait_for()


def test_who_waits_reads_why_and_a_pause_lets_the_next_one_in(server, page, chromium):
    start_long_vae(page, server)
    wait_for_points(page, 1)
    visitors = [chromium.new_context().new_page() for _ in range(2)]
    for visitor in visitors:
        start_long_vae(visitor, server)
    visitors[0].get_by_text("Waiting for a worker: place 1 of 2").wait_for()
    visitors[1].get_by_text("Waiting for a worker: place 2 of 2").wait_for()
    page.get_by_role("button", name="Pause").click()  # the visitor may leave now
    page.get_by_text("Paused and saved: it uses no worker").wait_for()
    wait_for_points(visitors[0], 1)
    visitors[1].get_by_text("Waiting for a worker: place 1 of 1").wait_for()
    page.get_by_role("button", name="Resume").click()
    page.get_by_text("Waiting for a worker: place 2 of 2").wait_for()
    visitors[1].get_by_role("button", name="Stop").click()
    visitors[0].get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Pause").wait_for()  # it has its turn again
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Train again").and_(page.locator(":enabled")).wait_for()
    for visitor in visitors:
        visitor.context.close()
