"""The live chart under a person's hands: updates replace nothing, zoom and read-out stay, and what is read is there."""

import contextlib
import json
import os
import re
import time
from pathlib import Path

import pytest

from aecore.runs import store
from benchmarks.page import IN_SHADOW, WATCH, start_server
from tests.browser.test_main_path import start_long_vae, start_small_vae, wait_for_points
from tests.helpers import small_config
from ui.server.answers_first import FEW_CORES

TIP = "() => [...PLOT.parentNode.querySelectorAll('.tip div')].filter((row) => !row.hidden).map((row) => row.textContent)"
LINES = "() => PLOT.data.map(({ name, visible, x, y, meta }) => ({ name, visible: visible ?? true, x: [...x], y: [...y], meta }))"


def in_plot(page, script: str, which: str = ".plot"):
    """What `script` gives, with PLOT standing for the chart's element."""
    return page.evaluate(
        f"() => ({IN_SHADOW})('{which}', (plot) => ({script.replace('PLOT', 'plot')})())"
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The address of a lab with a finished run of each of a few variants, and their ids."""
    from aecore.jobs.work import work

    folder = tmp_path_factory.mktemp("finished")
    made = {}
    for name, dataset, values in (
        ("greedy", "digits", {}),
        ("sparse", "digits", {}),
        ("linear", "points3d", {"codings_size": 2}),
        ("variational", "digits", {}),
    ):
        made[name] = store.create(
            folder / "runs",
            variant_name=name,
            dataset=dataset,
            config=small_config(name, epochs=3, **values),
            seed=0,
        )
        work(made[name])
    process, address = start_server(folder, AUTOENCODER_LAB_HOME=str(folder / "home"))
    yield {name: f"{address}/{name}?run={run.id}" for name, run in made.items()}
    process.terminate()
    process.wait(timeout=20)


def test_updates_replace_nothing_and_zoom_and_readout_stay(server, page):
    start_small_vae(page, server)
    wait_for_points(page, 12)
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
END = "() => +PLOT.querySelector(`.trace${PLOT._fullData[0].uid} .js-line`).getAttribute('d').split(/[ML]/).at(-1).split(',')[0]"


def test_lines_are_lengthened_between_plotlys_drawings_and_lie_on_the_values(server, page):
    """Each end that the first line had while it grew, in the axes' units; Plotly's own data, once it is stopped, must have them all."""
    start_small_vae(page, server)
    wait_for_points(page, 12)
    in_plot(page, """() => {
      const line = () => PLOT.querySelector(`.trace${PLOT._fullData[0].uid} .js-line`);
      window.ends = [];
      new MutationObserver(() => {
        const { xaxis, yaxis } = PLOT._fullLayout, [x, y] = line().getAttribute("d").split(/[ML]/).at(-1).split(",").map(Number);
        window.ends.push([xaxis.p2d(x), yaxis.p2d(y), PLOT.data[0].x.at(-1)]);
      }).observe(line(), { attributes: true, attributeFilter: ["d"] });
    }""")  # fmt: skip
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
    a_pixel = in_plot(page, "() => PLOT._fullLayout.xaxis.p2d(1)")
    for x, y, _ in ends:
        near = min(range(len(line["x"])), key=lambda n: abs(line["x"][n] - x))
        assert abs(line["x"][near] - x) < a_pixel and line["y"][near] == pytest.approx(y, rel=0.02)


def test_plotly_waits_while_a_finger_moves_something_and_the_lines_grow_on(server, page):
    start_small_vae(page, server)
    wait_for_points(page, 12)
    in_plot(page, """() => { // axes that are set, as if zoomed, so that no line can leave them
      const set = Object.keys(PLOT._fullLayout).filter((name) => /^[xy]axis/.test(name)).map((name) => [`${name}.range`, [...PLOT._fullLayout[name].range]]);
      window.Plotly.relayout(PLOT, Object.fromEntries(set));
      window.drawings = 0;
      PLOT.on("plotly_afterplot", () => window.drawings++);
    }""")  # fmt: skip
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
    wait_for_points(page, 5)
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
    """Of all worker processes on this machine, as the kernel calls them: T is one that a signal holds."""
    states = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"aecore.jobs.worker" in (process / "cmdline").read_bytes():
                states.add((process / "stat").read_text().rpartition(")")[2].split()[0])
    return states


def test_a_term_and_its_pair_are_hidden_by_clicks_and_their_axis_goes_with_the_last(finished, page):
    page.goto(finished["variational"])
    wait_for_points(page, 3)
    shown = lambda: {
        (line["meta"].get("term", "PCA"), line["meta"].get("split")): line["visible"]
        for line in in_plot(page, LINES)
    }  # noqa: E731
    name = lambda words: page.locator(".losses .keys").get_by_role("button", name=words, exact=True)  # noqa: E731
    assert page.locator(".losses .keys button").count() == len(in_plot(page, LINES))
    name("latent loss").click()
    page.wait_for_timeout(300)
    assert (
        shown()["latent_loss", "training"] is False and shown()["latent_loss", "validation"] is True
    )
    assert name("latent loss").get_attribute("aria-pressed") == "false"
    name("loss").dblclick()
    page.wait_for_timeout(300)
    assert shown()["loss", "training"] is shown()["loss", "validation"] is False
    assert in_plot(page, "() => PLOT._fullLayout.yaxis2.visible")
    name(
        "pixel error, validation"
    ).dblclick()  # and PCA's line with it: the only ones in squared pixels
    page.wait_for_timeout(300)
    assert shown()["mse", "validation"] is shown()["PCA", None] is False and not in_plot(
        page, "() => PLOT._fullLayout.yaxis2.visible"
    )
    name("reconstruction loss").press("Enter")
    page.wait_for_timeout(300)
    assert shown()["reconstruction_loss", "training"] is False
    name("latent loss").click()
    page.wait_for_timeout(300)
    assert shown()["latent_loss", "training"] is True


def test_the_keyboard_reads_every_term_that_has_a_value_there_and_no_other(finished, page):
    page.goto(finished["variational"])
    wait_for_points(page, 3)
    plot, said = page.locator(".losses .plot"), page.locator(".losses .said")
    lines = [line for line in in_plot(page, LINES) if "term" in line["meta"]]
    stops = sorted({x for line in lines for x in line["x"]})
    alone = next(
        i
        for i, x in enumerate(stops)
        if not any(x in line["x"] for line in lines if line["meta"]["split"] == "validation")
    )
    plot.press("Home")
    for _ in range(alone):
        plot.press("ArrowRight")
    assert "validation" not in said.text_content() and "latent loss" in said.text_content()
    plot.press("End")
    words = said.text_content()
    for line in lines:
        read = re.search(rf"(?:: |, ){line['meta']['words']} ([\d.,e-]+?)(?:,|$)", words)
        assert read and float(read[1]) == pytest.approx(line["y"][-1], rel=1e-3), (
            line["meta"],
            words,
        )
    total = {
        line["meta"]["term"]: line["y"][-1]
        for line in lines
        if line["meta"]["split"] == "validation"
    }
    assert total["loss"] == pytest.approx(total["reconstruction_loss"] + total["latent_loss"])


def test_phases_are_named_and_no_line_joins_them_but_the_pixels(finished, page):
    page.goto(finished["greedy"])
    wait_for_points(page, 3)
    assert in_plot(page, "() => PLOT.layout.annotations.map((a) => a.text)") == [
        "Pair 1 of 2",
        "Pair 2 of 2",
        "All layers",
    ]
    starts = in_plot(page, "() => PLOT.layout.shapes.map((s) => s.x0)")
    assert len(starts) == 2 and starts[0] < starts[1]
    lines = {
        (line["meta"].get("term"), line["meta"].get("split")): line for line in in_plot(page, LINES)
    }
    assert (
        lines["reconstruction_loss", "training"]["x"].count(None) == 2
        and None not in lines["mse", "validation"]["x"]
    )


def test_a_finger_reads_a_value_and_still_scrolls_the_page(finished, chromium):
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(finished["sparse"])
    wait_for_points(page, 3)
    plot = page.locator(".losses .plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert not in_plot(page, TIP)
    page.touchscreen.tap(box["x"] + 200, box["y"] + 200)
    page.wait_for_timeout(400)
    assert re.fullmatch(r"step [\d,]+", in_plot(page, TIP)[0]) and len(in_plot(page, TIP)) >= 2
    assert in_plot(page, "() => PLOT._fullLayout.dragmode") is False
    context.close()


def test_the_learned_plane_is_drawn_on_the_axes_of_pcas(finished, page):
    page.goto(finished["linear"])
    page.wait_for_function(
        f"() => ({IN_SHADOW})('.space .plot', (e) => e.data?.some((t) => t.meta === 'learned' && t.x.length === 4))",
        timeout=20_000,
    )
    learned, pca = (
        in_plot(
            page,
            f"() => {{ const t = PLOT.data.find((t) => t.meta === '{meta}'); return [t.x, t.y, t.z]; }}",
            ".space .plot",
        )
        for meta in ("learned", "pca")
    )
    side = lambda corners, a, b: [c[b] - c[a] for c in corners]  # noqa: E731
    for a, b in ((0, 1), (1, 2)):  # both squares, and their sides point the same way
        ours, theirs = side(learned, a, b), side(pca, a, b)
        assert sum(v * v for v in ours) == pytest.approx(sum(v * v for v in theirs), rel=1e-3)
        assert sum(v * w for v, w in zip(ours, theirs, strict=True)) > 0
    before = in_plot(page, "() => PLOT._fullLayout.scene._scene.getCamera().eye", ".space .plot")
    page.locator(".space .plot").press("ArrowLeft")
    page.wait_for_timeout(600)
    assert (
        in_plot(page, "() => PLOT._fullLayout.scene._scene.getCamera().eye", ".space .plot")
        != before
    )


def test_without_webgl_a_sentence_stands_where_the_scene_would_and_the_losses_are_drawn(
    finished, page
):
    page.add_init_script(
        "HTMLCanvasElement.prototype.getContext = ((own) => function (kind, ...rest) { return kind.startsWith('webgl') ? null : own.call(this, kind, ...rest); })(HTMLCanvasElement.prototype.getContext)"
    )
    page.goto(finished["linear"])
    wait_for_points(page, 1)
    page.locator(".space").scroll_into_view_if_needed()
    page.get_by_text("it has no WebGL").wait_for()


def test_another_theme_is_taken_up_in_place(finished, page):
    page.goto(finished["sparse"])
    wait_for_points(page, 3)
    ink, node = (
        in_plot(page, "() => PLOT._fullLayout.font.color"),
        page.locator(".losses .plot").element_handle(),
    )
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        f"() => ({IN_SHADOW})('.plot', (e) => e._fullLayout.font.color !== {json.dumps(ink)})"
    )
    assert page.evaluate("(node) => node.isConnected", node)


def test_a_picture_for_print_is_wide_and_light(finished, page):
    page.goto(finished["sparse"])
    wait_for_points(page, 3)
    with page.expect_download() as download:
        page.locator(".losses .modebar-btn").first.click()
    from PIL import Image

    picture = Image.open(download.value.path()).convert("RGB")
    assert picture.width == 2000 and picture.getpixel((5, 5)) == (255, 255, 255)


def test_the_live_view_leaves_room_on_a_classroom_screen(server, page):
    page.set_viewport_size({"width": 1280, "height": 800})
    start_small_vae(page, server)
    wait_for_points(page, 2)
    assert page.locator(".losses .chart").bounding_box()["height"] == pytest.approx(250, abs=2)
    assert page.locator(".pictures").bounding_box()["height"] <= 130
    page.get_by_role("button", name="Stop").click()


@pytest.mark.parametrize("by", ["mouse", "finger", "keyboard"])
def test_a_dot_among_the_codings_shows_its_test_image(finished, chromium, digits, by):
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, has_touch=by == "finger"
    )
    page = context.new_page()
    page.goto(finished["sparse"])
    page.get_by_role("tab", name="Codings").click()
    plot = page.locator("[data-testid=stTabs] .plot").first
    plot.locator(".scatterlayer .point").first.wait_for(timeout=30_000)
    plot.scroll_into_view_if_needed()
    place = plot.evaluate(
        """(plot, leftmost) => { // the leftmost dot, where Home goes; else the loneliest, which no other hides
          const { xaxis, yaxis } = plot._fullLayout, dots = plot.data.filter((t) => t.mode === 'markers').flatMap(
            (t) => t.x.map((x, n) => [xaxis._offset + xaxis.d2p(x), yaxis._offset + yaxis.d2p(t.y[n]), t.customdata[n]]));
          const alone = (dot) => Math.min(...dots.filter((d) => d !== dot).map((d) => Math.hypot(d[0] - dot[0], d[1] - dot[1])));
          const worth = dots.map((dot) => (leftmost ? -dot[0] : alone(dot)));
          return dots[worth.indexOf(Math.max(...worth))];
        }""",
        by == "keyboard",
    )
    box, peek = plot.bounding_box(), page.locator("[data-testid=stTabs] .peek").first
    assert not peek.is_visible()
    if by == "mouse":
        page.mouse.move(box["x"] + place[0], box["y"] + place[1])
    elif by == "finger":
        page.touchscreen.tap(box["x"] + place[0], box["y"] + place[1])
    else:
        plot.press("Home")
    peek.wait_for()
    seen = peek.evaluate(
        "c => Array.from(c.getContext('2d').getImageData(0, 0, 28, 28).data).filter((_, i) => i % 4 === 0)"
    )
    assert seen == digits.test.x[place[2]].ravel().tolist()
    context.close()
