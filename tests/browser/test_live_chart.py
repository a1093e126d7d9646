"""The live chart while a training runs: updates replace nothing, zoom and read-out stay."""

import contextlib
import os
import time
from pathlib import Path

import numpy as np
import pytest

from tests.browser.lab import (
    IN_SHADOW,
    LINES,
    SETTLED,
    TIP,
    WATCH,
    in_plot,
    start_long_vae,
    start_small_vae,
    wait_for_points,
)
from ui.server.answers_first import FEW_CORES

pytestmark = pytest.mark.whole


def test_updates_replace_nothing_and_zoom_and_readout_stay(server, page):
    start_small_vae(page, server)
    wait_for_points(page, SETTLED)
    plot = page.locator(".losses .plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(
        box["x"] + 70, box["y"] + 120
    )  # the first steps: the chart spans all that are planned
    page.mouse.down()
    page.mouse.move(box["x"] + 110, box["y"] + 120, steps=5)
    page.mouse.up()
    zoomed = in_plot(page, "() => PLOT._fullLayout.xaxis.range")
    assert zoomed[1] < in_plot(page, "() => PLOT.layout.xaxis.autorangeoptions.include[1]") / 2
    steps = [x for x in in_plot(page, LINES)[0]["x"] if zoomed[0] < x < zoomed[1]]
    place = in_plot(
        page, f"() => PLOT._fullLayout.xaxis._offset + PLOT._fullLayout.xaxis.d2p({steps[0]})"
    )
    page.mouse.move(box["x"] + place, box["y"] + 120)
    read = in_plot(page, TIP)
    assert read[0].startswith("step ") and any(row.startswith("latent loss ") for row in read)
    page.evaluate(WATCH)
    page.wait_for_function("() => window.updates >= 5")
    assert page.evaluate("window.replaced()") == 0
    assert (
        in_plot(page, "() => PLOT._fullLayout.xaxis.range") == zoomed and in_plot(page, TIP) == read
    )
    plot.press("Escape")
    page.wait_for_timeout(500)
    assert in_plot(page, "() => PLOT._fullLayout.xaxis.range[1]") >= in_plot(
        page, "() => PLOT.layout.xaxis.autorangeoptions.include[1]"
    )
    page.get_by_role("button", name="Stop").click()
    page.wait_for_function(
        f"() => ({IN_SHADOW})('.status', (e) => ['Stopped', 'Done'].includes(e.textContent))"
    )


# How far the first line reaches, in pixels of its axis.
END = """() => {
  const line = PLOT.querySelector(`.trace${PLOT._fullData[0].uid} .js-line`);
  return +line.getAttribute('d').split(/[ML]/).at(-1).split(',')[0];
}"""


def test_lines_are_lengthened_between_plotlys_drawings_and_lie_on_the_values(server, page):
    """Each end that the first line had while it grew, in the axes' units.

    Plotly's own data, once it is stopped, must have them all.
    """
    start_small_vae(page, server)
    wait_for_points(page, SETTLED)
    in_plot(
        page,
        """() => {
      const line = () => PLOT.querySelector(`.trace${PLOT._fullData[0].uid} .js-line`);
      window.ends = [];
      new MutationObserver(() => {
        const { xaxis, yaxis } = PLOT._fullLayout;
        const [x, y] = line().getAttribute("d").split(/[ML]/).at(-1).split(",").map(Number);
        window.ends.push([xaxis.p2d(x), yaxis.p2d(y), PLOT.data[0].x.at(-1)]);
      }).observe(line(), { attributes: true, attributeFilter: ["d"] });
    }""",
    )
    page.wait_for_function("() => window.ends.length >= 20")
    page.get_by_role("button", name="Stop").click()
    page.wait_for_function(f"() => ({IN_SHADOW})('.status', (e) => e.textContent === 'Stopped')")
    page.wait_for_timeout(500)
    line = in_plot(page, LINES)[0]
    ends = page.evaluate("window.ends")
    longer = [end for end in ends if end[0] > end[2] + 0.5]
    assert len(longer) >= len(ends) / 2, (
        "most updates lengthen the line beyond what Plotly was given"
    )
    pixels = "() => [0, 0.1].map((pixel) => PLOT._fullLayout.xaxis.p2d(pixel))"
    drawn_to = -np.subtract(*in_plot(page, pixels))  # steps: paths are rounded
    values = list(zip(line["x"], line["y"], strict=True))
    for x, y, _ in ends:
        near = [value for at, value in values if at is not None and abs(at - x) < drawn_to]
        assert any(value == pytest.approx(y, rel=0.02) for value in near), (x, y, near)


def test_plotly_waits_while_a_finger_moves_something_and_the_lines_grow_on(server, page):
    start_small_vae(page, server)
    wait_for_points(page, SETTLED)
    in_plot(
        page,
        """() => { // axes that are set, as if zoomed, so that no line can leave them
      const axes = Object.keys(PLOT._fullLayout).filter((name) => /^[xy]axis/.test(name));
      const set = axes.map((name) => [`${name}.range`, [...PLOT._fullLayout[name].range]]);
      window.Plotly.relayout(PLOT, Object.fromEntries(set));
      window.drawings = 0;
      PLOT.on("plotly_afterplot", () => window.drawings++);
    }""",
    )
    page.wait_for_function("() => window.drawings >= 2")
    page.mouse.move(640, 40)
    page.mouse.down()
    page.wait_for_timeout(300)
    page.evaluate("() => { window.drawings = 0; }")
    before = in_plot(page, LINES)[0]["x"][-1], in_plot(page, END)
    page.wait_for_timeout(3000)
    assert page.evaluate("window.drawings") == 0 and in_plot(page, LINES)[0]["x"][-1] == before[0]
    assert in_plot(page, END) > before[1]
    page.mouse.up()
    page.wait_for_function("() => window.drawings >= 2")


def test_on_few_cores_a_click_is_answered_before_the_training_goes_on(server, page):
    start_long_vae(page, server)
    wait_for_points(page, SETTLED)
    control = page.get_by_role("slider", name="Codings").first
    control.focus()
    held = False
    for key in ("ArrowRight", "ArrowLeft") * 5:
        page.keyboard.press(key)
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            held = held or "T" in states_of_workers()
    assert held == ((os.cpu_count() or 1) <= FEW_CORES and Path("/proc/self").exists())
    assert "T" not in states_of_workers(), "held for longer than a blink"
    page.get_by_role("button", name="Stop").click()
    page.wait_for_function(f"() => ({IN_SHADOW})('.status', (e) => e.textContent === 'Stopped')")


def states_of_workers() -> set[str]:
    """Of all worker processes on this machine, as the kernel calls them.

    T is one that a signal holds.
    """
    states = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"aecore.jobs.worker" in (process / "cmdline").read_bytes():
                states.add((process / "stat").read_text().rpartition(")")[2].split()[0])
    return states


def test_the_live_view_leaves_room_on_a_classroom_screen(server, page):
    page.set_viewport_size({"width": 1280, "height": 800})
    start_small_vae(page, server)
    wait_for_points(page, 2)
    assert page.locator(".losses .chart").bounding_box()["height"] == pytest.approx(250, abs=2)
    assert page.locator(".pictures").bounding_box()["height"] <= 130
    page.get_by_role("button", name="Stop").click()
