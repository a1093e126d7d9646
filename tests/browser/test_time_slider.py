"""The time slider: each moment's pictures are its network's, and nobody is pulled back."""

import re

import numpy as np
import pytest

from aecore.data.dataset import as_bytes
from aecore.runs.history import History
from tests.browser.lab import (
    IN_SHADOW,
    READY,
    SETTLED,
    in_plot,
    open_page,
    pixels,
    start_long_vae,
    start_small_vae,
    wait_for_points,
)

pytestmark = pytest.mark.whole

MADE = f"""() => ({IN_SHADOW})('.made', (row) => [...row.querySelectorAll('canvas')].map((c) => {{
  const {{ data }} = c.getContext('2d').getImageData(0, 0, c.width, c.height);
  return Array.from(data).filter((_, i) => i % 4 === 0);
}}))"""


def slider(page):
    return page.get_by_role("slider", name="Moment")


def opened(page, address):
    open_page(page, address)
    slider(page).wait_for()
    return slider(page)


def wait_for_step(page, step):
    words = f"at step {step:,}" if step else "before training"
    page.locator(".when", has_text=re.compile(f"^{words}$")).wait_for()


@pytest.mark.parametrize("variant", ["stacked", "variational", "greedy"])
def test_each_moment_shows_what_its_network_makes_of_the_digits(finished, page, variant):
    time = opened(page, finished[variant])
    kept = History(finished.runs / finished.ids[variant])
    places, (x, _) = kept.places(), kept.inputs()
    assert time.get_attribute("max") == str(len(places) - 1) and len(places) > 20
    steps = {phase: step for phase, step in places}  # the last one of each phase
    starts = [sum(list(steps.values())[:phase]) for phase in steps]
    time.focus()
    for i in (0, 1, len(places) // 2, len(places) - 1):
        phase, step = places[i]
        time.press("Home")
        for _ in range(i):
            time.press("ArrowRight")
        wait_for_step(page, starts[phase] + step)
        shown = np.array(page.evaluate(MADE), np.uint8)
        assert np.array_equal(shown, as_bytes(kept.network(places[i]).reconstruct(x)))
    assert time.get_attribute("aria-valuetext").startswith(f"at step {starts[phase] + step:,}")


def test_a_number_and_a_click_on_the_chart_go_to_the_nearest_moment(finished, page):
    opened(page, finished["tied"])
    number = page.get_by_role("textbox", name="At step")
    number.fill("97")
    number.press("Enter")
    wait_for_step(page, 100)
    assert number.input_value() == "100"
    page.get_by_text("Step 97 was not kept; 100 is the nearest.").wait_for()
    page.locator(".metrics", has_text="validation at").wait_for(state="detached")
    number.press("ArrowUp")
    wait_for_step(page, 126)
    assert not page.locator(".time .unkept").inner_text()
    number.press("ArrowDown")
    wait_for_step(page, 100)
    plot = page.locator(".losses .plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    at = in_plot(page, "() => PLOT._fullLayout.xaxis._offset + PLOT._fullLayout.xaxis.d2p(250)")
    page.mouse.click(box["x"] + at, box["y"] + 100)
    wait_for_step(page, 251)
    page.locator(".metrics", has_text="validation at step 260").wait_for()
    page.locator(".losses .here").wait_for()
    line = page.locator(".losses .here").bounding_box()
    here = in_plot(page, "() => PLOT._fullLayout.xaxis._offset + PLOT._fullLayout.xaxis.d2p(251)")
    assert line["x"] + line["width"] / 2 == pytest.approx(box["x"] + here, abs=1.5)
    page.get_by_role("button", name="Now").click()
    page.locator(".losses .here").wait_for(state="hidden")
    page.locator(".metrics", has_text="at step").wait_for(state="detached")


def test_the_tabs_show_the_moment_that_the_slider_rests_on(finished, page):
    time = opened(page, finished["variational"])
    time.focus()
    time.press("Home")
    page.get_by_text(
        "The weights of epoch 0, step 0, where the time slider last rested."
    ).wait_for()
    first = page.locator(".lab-gallery img").first
    page.get_by_text("Mean squared error over all").wait_for()
    untrained = first.get_attribute("src")
    page.get_by_role("tab", name="Generate").click()
    page.wait_for_function(READY)
    page.get_by_role("button", name="Reset").click()
    network = History(finished.runs / finished.ids["variational"]).network((0, 0))
    of_zero = as_bytes(network.decode(np.zeros((1, network.codings_size), np.float32))[0])
    page.wait_for_timeout(300)
    assert np.abs(np.array(pixels(page), int) - of_zero).max() <= 1
    page.get_by_role("button", name="Now").click()
    page.get_by_text(re.compile(r"The weights of epoch 3, step [\d,]+\.$")).wait_for()
    page.get_by_role("tab", name="Reconstructions").click()
    page.wait_for_function(
        """(before) => document.querySelector(".lab-gallery img")?.src !== before""",
        arg=untrained,
    )


def test_the_same_codings_are_decoded_by_earlier_networks_without_the_server(finished, page):
    opened(page, finished["variational"])
    page.get_by_role("tab", name="Generate").click()
    page.wait_for_function(READY)
    page.get_by_role("button", name="Reset").click()
    page.wait_for_timeout(200)
    now, run = pixels(page), finished.ids["variational"]
    tell = """(detail) => document.dispatchEvent(new CustomEvent('lab-moment', { detail }))"""
    moment = {"run": run, "near": [], "session": 0}
    page.evaluate(tell, moment | {"moment": "0-0", "now": False})
    network = History(finished.runs / run).network((0, 0))
    of_zero = as_bytes(network.decode(np.zeros((1, network.codings_size), np.float32))[0])
    page.wait_for_function(
        f"""([before, i]) => ({IN_SHADOW})('.digit', (c) =>
          c.getContext('2d').getImageData(0, 0, 28, 28).data[4 * i] !== before)""",
        arg=[now[400], 400],
    )
    page.wait_for_timeout(100)
    assert np.abs(np.array(pixels(page), int) - of_zero).max() <= 1
    page.evaluate(tell, moment | {"moment": "0-390", "now": True})
    page.wait_for_timeout(300)
    assert pixels(page) == now


def test_another_runs_page_begins_at_now(finished, page):
    time = opened(page, finished["stacked"])
    time.focus()
    time.press("Home")
    page.get_by_text("step 0, where the time slider last rested").wait_for()
    open_page(page, finished["tied"])
    page.get_by_text(re.compile(r"The weights of epoch 3, step [\d,]+\.$")).wait_for()
    assert slider(page).get_attribute("aria-valuetext").startswith("now")


def test_the_figures_stay_those_of_the_finished_run(finished, page):
    time = opened(page, finished["stacked"])
    time.focus()
    time.press("Home")
    page.get_by_text("last rested").wait_for()
    page.get_by_role("tab", name="Figures").click()
    page.get_by_text(re.compile(r"The weights of epoch 3, step [\d,]+\.$")).wait_for()


def test_no_number_of_an_earlier_phase_is_shown_as_this_ones(finished, page):
    time = opened(page, finished["greedy"])
    places = History(finished.runs / finished.ids["greedy"]).places()
    time.focus()
    time.press("Home")
    for _ in range(places.index((1, 1))):
        time.press("ArrowRight")
    page.wait_for_timeout(1000)
    numbers = page.inner_text(".metrics")
    assert re.match(r"loss [\d.]+ squared error pixel error", numbers)  # no validation yet


def test_who_looks_back_stays_there_while_it_trains_more(server, page):
    open_page(page, f"{server}/stacked")
    page.get_by_role("slider", name="Epochs").first.press("Home")
    page.get_by_role("button", name="Train").first.click()
    page.get_by_role("button", name="Train more").wait_for(timeout=60_000)
    time = slider(page)
    time.focus()
    time.press("Home")
    while int(time.input_value()) < 4:  # a key that comes while the page is redrawn may be lost
        time.press("ArrowRight")
    wait_for_step(page, 4)
    page.wait_for_function(f"() => ({IN_SHADOW})('.made', (e) => e.children.length === 10)")
    before, last = page.evaluate(MADE), int(time.get_attribute("max"))
    page.get_by_role("button", name="Train more").click()
    page.wait_for_function(
        f"(n) => ({IN_SHADOW})('.time .moment', (range) => +range.max > n)", arg=last
    )
    page.get_by_role("button", name="Train more").wait_for(timeout=60_000)
    wait_for_step(page, 4)
    page.get_by_text("On its way").wait_for(state="hidden")
    assert page.evaluate(MADE) == before and time.get_attribute("aria-valuetext").startswith(
        "at step 4,"
    )


def test_each_single_step_of_a_pause_can_be_gone_back_to(server, page):
    start_small_vae(page, server)  # 40 of its networks are far from filling the history
    wait_for_points(page, SETTLED)
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Step").wait_for()
    page.wait_for_timeout(500)
    number = page.get_by_role("textbox", name="At step")
    paused = int(number.input_value().replace(",", ""))
    for i in (1, 2):
        page.get_by_role("button", name="Step").click()
        page.locator(".facts", has_text=f"step {paused + i:,}").wait_for()
    page.wait_for_timeout(500)
    assert number.input_value() == f"{paused + 2:,}"
    time = slider(page)
    time.focus()
    for back in (1, 0):
        time.press("ArrowLeft")
        wait_for_step(page, paused + back)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Train again").wait_for()


def test_play_runs_from_the_beginning_to_now(finished, page):
    time = opened(page, finished["stacked"])
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(2500)
    halfway = int(time.input_value())
    assert 0 < halfway < int(time.get_attribute("max"))
    page.get_by_role("button", name="Hold").click()
    page.wait_for_timeout(800)
    assert int(time.input_value()) <= halfway + 1
    page.get_by_role("button", name="Play").click()
    page.locator(".time .now[aria-pressed=true]").wait_for(timeout=15_000)
    page.get_by_role("button", name="Play").wait_for()


def test_whoever_looks_back_is_not_pulled_to_new_moments(server, page):
    start_long_vae(page, server)
    wait_for_points(page, 10)
    time = slider(page)
    before = int(time.get_attribute("max"))
    assert time.get_attribute("aria-valuetext").startswith("now")
    time.focus()
    time.press("Home")
    wait_for_step(page, 0)
    page.wait_for_function(
        f"(n) => ({IN_SHADOW})('.time .moment', (range) => +range.max > n)", arg=before + 1
    )
    assert time.input_value() == "0" and page.inner_text(".when") == "before training"
    page.get_by_text("no loss before the first step").wait_for()
    page.get_by_role("button", name="Now").click()
    page.wait_for_function(
        f"() => ({IN_SHADOW})('.time .moment', (range) => range.value === range.max)"
    )
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Train again").wait_for()


def test_a_moment_that_cannot_be_loaded_is_said_and_tried_again(finished, page):
    page.route("**/lab/film/**", lambda route: route.abort())
    time = opened(page, finished["sparse"])
    time.focus()
    time.press("Home")
    page.get_by_text("could not be loaded; these show now").wait_for()
    page.unroute("**/lab/film/**")
    time.press("ArrowRight")
    wait_for_step(page, 1)
    page.get_by_text("could not be loaded").wait_for(state="hidden")


def test_points_move_through_time_in_their_scene(finished, page):
    time = opened(page, finished["linear"])
    kept = History(finished.runs / finished.ids["linear"])
    x, _ = kept.inputs()
    time.focus()
    time.press("Home")
    made = kept.network(kept.places()[0]).reconstruct(x)
    page.wait_for_function(
        f"""(x) => ({IN_SHADOW})('.space .plot', (plot) => {{
          const misses = plot.data?.find((trace) => trace.meta === 'misses');
          return misses && Math.abs(misses.x[1] - x) < 1e-5;
        }})""",
        arg=float(made[0, 0]),
    )


def test_a_run_that_kept_no_networks_has_no_slider(finished, page):
    run = finished.runs / finished.ids["sparse"]
    (run / "history").rename(run / "elsewhere")
    try:
        open_page(page, finished["sparse"])
        page.get_by_text("Done", exact=True).wait_for()
        page.wait_for_timeout(500)
        assert slider(page).is_hidden()
    finally:
        (run / "elsewhere").rename(run / "history")
