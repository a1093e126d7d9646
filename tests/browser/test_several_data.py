"""The pad with networks of several data sets, and on a phone."""

import numpy as np
import pytest

from aecore.data import sources
from tests.browser.lab import pixels
from tests.browser.test_drawing import (
    after,
    assert_as_digits,
    assert_as_mnist,
    draw_a_seven,
    drawn,
    given,
    opened,
)

pytestmark = pytest.mark.whole


def test_a_test_image_is_left_as_it_is_only_for_networks_of_its_data(finished, page):
    both = f"{finished.address}/draw?networks={finished.ids['stacked']},variational-2"
    opened(page, both)
    after(page, page.get_by_role("button", name="Start from test image 4").click)
    digits = sources.load("digits")
    image = digits.test.floats()[digits.shown_rows()[3]].reshape(28, 28)
    assert np.array_equal(drawn(page).reshape(28, 28), image)
    assert_as_mnist(given(page, 1))
    # What the keys do, and damage, they do to both alike.
    before = given(page, 1)
    sheet = page.locator(".pad .sheet")
    sheet.focus()
    after(page, lambda: sheet.press("ArrowRight"))
    moved = [given(page, i) for i in range(2)]
    assert np.abs(moved[0][:, 1:] - image[:, :-1]).max() < 0.01
    assert np.array_equal(moved[1][:, 1:], before[:, :-1])
    eraser = page.locator(".pad input.erased")
    eraser.focus()
    for _ in range(15):
        after(page, lambda: eraser.press("ArrowRight"))
    for i in range(2):
        erased = given(page, i)
        assert (erased[10:18, 10:18] == 0).all() and moved[i][10:18, 10:18].sum() > 1
        erased[10:18, 10:18] = moved[i][10:18, 10:18]
        assert np.array_equal(erased, moved[i])
    # The next pad, which lists them the other way round, has both again as they were.
    opened(page, f"{finished.address}/draw?networks=variational-2,{finished.ids['stacked']}")
    page.locator(".pad .input").nth(1).wait_for()
    page.wait_for_timeout(300)
    assert page.locator(".pad .inputs figcaption").all_inner_texts() == ["MNIST", "Digits"]
    assert np.array_equal(given(page, 0), moved[1])
    assert np.array_equal(given(page, 1), moved[0])


def test_a_drawing_of_another_datas_pad_is_placed_anew(finished, page):
    opened(page, f"{finished.address}/draw?networks={finished.ids['stacked']}")
    draw_a_seven(page)
    assert_as_digits(drawn(page).reshape(28, 28))
    opened(page, f"{finished.address}/draw?networks=variational-2")
    page.wait_for_timeout(300)
    assert_as_mnist(given(page, 0))


def test_on_a_phone_four_networks_pictures_are_in_sight_while_damage_is_dragged(finished, chromium):
    context = chromium.new_context(
        viewport={"width": 390, "height": 840}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    ids = ",".join([finished.ids["stacked"], finished.ids["tied"], "stacked-30", "variational-2"])
    opened(page, f"{finished.address}/draw?networks={ids}")
    page.locator(".pad .bars[aria-label]").nth(3).wait_for()
    after(page, page.get_by_role("button", name="Start from test image 4").click)
    header = page.locator("[data-testid=stHeader]").bounding_box()
    page.locator(".pad .results").evaluate(
        "(e, top) => { e.style.scrollMarginTop = `${top}px`; e.scrollIntoView(); }",
        header["height"],
    )
    for name in ("noise", "kept", "erased"):
        slider = page.locator(f".pad input.{name}").bounding_box()
        assert slider["height"] >= 32 and slider["y"] + slider["height"] <= 840
    pictures = page.locator(".pad .result figure:first-child canvas").all()
    assert len(pictures) == 4
    for picture in pictures:
        box = picture.bounding_box()
        assert box["width"] >= 80 and box["x"] >= 0 and box["x"] + box["width"] <= 390
        assert header["y"] + header["height"] <= box["y"] and box["y"] + box["height"] <= 840
    before = pixels(page, ".pad .result:nth-child(1) figure canvas >> nth=0")
    slider = page.locator(".pad input.noise").bounding_box()
    end = slider["x"] + 0.6 * slider["width"], slider["y"] + slider["height"] - 2
    after(page, lambda: page.touchscreen.tap(*end))
    assert pixels(page, ".pad .result:nth-child(1) figure canvas >> nth=0") != before
    context.close()
