"""The latent sliders: a digit follows them, by mouse and by keyboard."""

import numpy as np
import pytest

from tests.browser.lab import FRAMES, open_page, pixels, settled

# Playwright's own selectors see into the components' shadow roots; these run in the page.


def test_a_digit_follows_the_slider_while_it_is_dragged(server, page):
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    open_page(page, server)
    slider = page.get_by_role("slider", name="Coding 3", exact=True)
    slider.wait_for()
    slider.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box, before, said, frames = (
        slider.bounding_box(),
        pixels(page),
        len(sent),
        page.evaluate(FRAMES)[0],
    )
    assert said  # the page itself did speak with the server
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    seen = []
    for offset in np.linspace(0, box["width"] * 0.45, 30):
        page.mouse.move(x + offset, y)
        seen.append(tuple(pixels(page)))
    during = page.evaluate(FRAMES)[0] - frames
    assert during >= 15 and len(set(seen)) >= 15  # the picture changed with the button still held
    page.mouse.up()
    assert pixels(page) != before and len(sent) == said


def test_sliders_work_from_the_keyboard_and_buttons_reset(server, page):
    open_page(page, server)
    slider = page.get_by_role("slider", name="Coding 1", exact=True)
    slider.wait_for()
    marked, model, copy = (
        page.locator(".example[aria-pressed=true]"),
        page.locator(".model figcaption"),
        page.locator(".copy figcaption"),
    )
    assert marked.count() == 1  # the test image the page opens on, which is beside its copy
    assert (
        model.text_content() == "Test image (3)"
        and copy.text_content() == "Rebuilt from 20 numbers"
    )
    original = np.array(pixels(page, ".original"), float) / 255
    assert (
        np.mean((original - np.array(pixels(page)) / 255) ** 2) < 0.004
    )  # crisp: its mean over the test images is 0.0068
    slider.press("ArrowRight")
    assert (
        marked.count() == 0
        and model.text_content() == "The test image before"
        and copy.text_content() == "Drawn from your 20 numbers"
    )
    page.locator(".example").nth(4).click()
    assert (
        page.locator(".example").nth(4).get_attribute("aria-pressed") == "true"
        and marked.count() == 1
    )
    assert model.text_content() == "Test image (2)"
    page.get_by_role("button", name="Reset").click()
    assert (
        marked.count() == 0
        and model.text_content() == "No test image"
        and not page.locator(".original").is_visible()
    )
    page.wait_for_timeout(100)
    start = pixels(page)
    slider.focus()
    for _ in range(150):
        slider.press("ArrowRight")
    page.wait_for_timeout(100)
    assert pixels(page) != start and float(slider.get_attribute("aria-valuetext")) == pytest.approx(
        1.5
    )
    page.get_by_role("button", name="Reset").click()
    page.wait_for_timeout(100)
    assert pixels(page) == start
    page.get_by_role("button", name="Random", exact=True).click()
    page.wait_for_timeout(100)
    assert pixels(page) != start


def test_the_temperature_turns_the_draws_in_sight(server, page):
    """The same draws at every temperature: at 0 a random digit is the middle of its class.

    The prior at 0 is the picture of Reset.
    """
    open_page(page, f"{server}/generate")
    heat = page.get_by_role("slider", name="Temperature")
    heat.wait_for()
    at_first = settled(page)
    page.get_by_role("button", name="Random", exact=True).click()
    warm, sheet = settled(page, unlike=at_first), settled(page, ".sheet")
    heat.press("Home")
    cold, cold_sheet = settled(page, unlike=warm), settled(page, ".sheet", unlike=sheet)
    tiles = np.reshape(cold_sheet, (6, 28, 10, 28)).swapaxes(1, 2).reshape(60, -1)
    assert 5 <= len(np.unique(tiles, axis=0)) <= 10  # at most one picture for each class
    page.get_by_role("radio", name="the prior").check()
    nothing = settled(page, unlike=cold)
    page.get_by_role("button", name="Reset").click()
    page.get_by_text("Drawn with every coding at zero").wait_for()
    assert nothing == settled(page)
