"""Reading a finished run's charts, by mouse, finger and keyboard."""

import json
import re

import pytest

from tests.browser.lab import (
    IN_SHADOW,
    LINES,
    TIP,
    in_plot,
    wait_for_points,
)

pytestmark = pytest.mark.whole


def test_a_term_and_its_pair_are_hidden_by_clicks_and_their_axis_goes_with_the_last(finished, page):
    page.goto(finished["variational"])
    wait_for_points(page, 3)

    def shown():
        return {
            (line["meta"].get("term", "PCA"), line["meta"].get("split")): line["visible"]
            for line in in_plot(page, LINES)
        }

    def name(words):
        return page.locator(".losses .keys").get_by_role("button", name=words, exact=True)

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
