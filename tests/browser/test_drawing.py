"""The pad: a drawing, and what networks make of it, computed in the page."""

import re

import numpy as np
import pytest

from aecore.data import sources
from aecore.pretrained import pretrained
from aecore.runs.history import History
from tests.browser.lab import IN_SHADOW, open_page, pixels

# The drawing as the networks get it: bytes for each way in which it is placed, kept for the
# visitor's next pad.
KEPT = "() => JSON.parse(sessionStorage.getItem('lab-drawing-28-28'))"


def frames(page):
    return page.evaluate(f"() => ({IN_SHADOW})('.pad', (e) => +(e.dataset.frames || 0))") or 0


def after(page, does):
    """Does something, and waits until the pad has been drawn again."""
    before = frames(page)
    does()
    page.wait_for_function(
        f"(n) => ({IN_SHADOW})('.pad', (e) => +e.dataset.frames > n)", arg=before
    )


def draw_a_seven(page, sheet=".pad .sheet"):
    page.locator(sheet).scroll_into_view_if_needed()
    box = page.locator(sheet).bounding_box()
    corners = [(0.2, 0.2), (0.6, 0.2), (0.35, 0.8)]
    (x, y), *rest = [
        (box["x"] + u * box["width"], box["y"] + v * box["height"]) for u, v in corners
    ]
    page.mouse.move(x, y)
    page.mouse.down()
    for u, v in rest:
        page.mouse.move(u, v, steps=12)
    if sheet.startswith(".pad"):
        after(page, lambda: page.mouse.move(u + 1, v))
    page.mouse.up()


def wait_until_painted(page, canvas, image):
    """Until a canvas shows an image [784] in [0, 1], within 2 of 255 levels."""
    page.wait_for_function(
        f"""(wanted) => ({IN_SHADOW})('{canvas}', (c) => {{
          const {{ data }} = c.getContext('2d').getImageData(0, 0, c.width, c.height);
          return wanted.every((v, i) => Math.abs(data[4 * i] - v) <= 2);
        }})""",
        arg=[float(v) for v in 255 * image.clip(0, 1)],
    )


def from_the_first(page, places):
    """Each of a run's first moments, once the time slider has been moved there."""
    time = page.get_by_role("slider", name="Moment")
    time.focus()
    for i, place in enumerate(places):
        time.press("ArrowRight" if i else "Home")
        yield place


def drawn(page, placed=0):
    page.wait_for_timeout(250)  # it is kept once it rests
    return np.array(page.evaluate(KEPT)[placed]["image"], np.float32)[None] / 255


def given(page, i):
    """The ith picture of what the networks get: [28, 28] in [0, 1]."""
    return np.array(pixels(page, f".pad .input >> nth={i}"), np.float32).reshape(28, 28) / 255


def box_of(image):
    """The ink's first and last row, its first and last column: the last ones are behind it."""
    rows, columns = np.nonzero(image > 0.05)
    return rows.min(), rows.max() + 1, columns.min(), columns.max() + 1


def assert_as_digits(image):
    """A box of 22 pixels about the image's centre; its edges may lie within pixels."""
    top, bottom, left, right = box_of(image)
    assert max(bottom - top, right - left) in (22, 23)
    assert abs((top + bottom) / 2 - 14) <= 0.5
    assert abs((left + right) / 2 - 14) <= 0.5


def assert_as_mnist(image):
    """A box of 20 pixels; the centre of mass is the image's centre."""
    top, bottom, left, right = box_of(image)
    assert max(bottom - top, right - left) in (20, 21)
    for axis in (0, 1):
        assert abs(image.sum(axis=axis) @ (np.arange(28) + 0.5) / image.sum() - 14) < 0.05


def opened(page, address):
    open_page(page, address)
    page.locator(".pad .sheet").wait_for()
    page.get_by_text(re.compile("^error")).first.wait_for()


def test_every_network_rebuilds_the_drawing_placed_as_its_own_data_are(finished, page):
    ids = ",".join([finished.ids["stacked"], finished.ids["tied"], "variational-2"])
    opened(page, f"{finished.address}/draw?networks={ids}")
    page.locator(".pad .bars[aria-label]").nth(2).wait_for()
    draw_a_seven(page)
    page.wait_for_timeout(300)
    assert page.locator(".pad .inputs figcaption").all_inner_texts() == ["Digits", "MNIST"]
    assert_as_digits(given(page, 0))
    assert_as_mnist(given(page, 1))
    digits = sources.load("digits")
    for i, name in enumerate(("stacked", "tied", "")):
        run = finished.runs / finished.ids[name] if name else None
        network = (
            History(run).network(History(run).places()[-1])
            if run
            else pretrained("variational-2").network
        )
        x = drawn(page, placed=0 if run else 1)
        assert np.abs(x.reshape(28, 28) - given(page, 0 if run else 1)).max() < 0.01
        card = page.locator(".pad .result").nth(i)
        shown = np.array(pixels(page, f".pad .result:nth-child({i + 1}) figure canvas >> nth=0"))
        wanted = network.reconstruct(x)[0]
        assert np.abs(shown / 255 - wanted).max() < 0.01
        error = float(card.locator("figcaption").first.inner_text().split()[1])
        assert abs(error - np.mean((wanted - x[0]) ** 2)) < 0.02 * error + 1e-4
        if run:
            flat = np.array(pixels(page, f".pad .result:nth-child({i + 1}) figure canvas >> nth=1"))
            of_pca = digits.pca.reconstruct(x, network.codings_size)[0]
            assert np.abs(flat / 255 - of_pca.clip(0, 1)).max() < 0.01


def test_for_a_network_of_mnist_a_drawing_is_centred_as_mnist_was(finished, page):
    opened(page, f"{finished.address}/draw?networks=variational-2")
    page.locator(".pad .bars[aria-label]").first.wait_for()
    draw_a_seven(page)
    page.wait_for_timeout(300)
    assert_as_mnist(drawn(page).reshape(28, 28))
    assert page.locator(".pad .inputs").inner_text() == ""  # the only picture has no name


def test_damage_is_what_the_networks_and_pca_get(finished, page):
    opened(page, f"{finished.address}/draw?networks={finished.ids['stacked']}")
    after(page, page.get_by_role("button", name="Start from test image 4").click)
    eraser = page.locator(".pad input.erased")
    eraser.focus()
    for _ in range(15):
        eraser.press("ArrowRight")
    page.get_by_text("Drag the erased block").wait_for()
    page.wait_for_timeout(300)
    seen = np.array(pixels(page, ".pad .input"), np.float32)[None] / 255
    assert (seen.reshape(28, 28)[10:18, 10:18] == 0).all() and seen.sum() < drawn(page).sum()
    run = finished.runs / finished.ids["stacked"]
    network = History(run).network(History(run).places()[-1])
    shown = np.array(pixels(page, ".pad .result figure canvas >> nth=0")) / 255
    assert np.abs(shown - network.reconstruct(seen)[0].clip(0, 1)).max() < 0.01
    flat = np.array(pixels(page, ".pad .result figure canvas >> nth=1")) / 255
    of_pca = sources.load("digits").pca.reconstruct(seen, network.codings_size)[0]
    assert np.abs(flat - of_pca.clip(0, 1)).max() < 0.01
    assert "test images" not in page.inner_text(".pad .result .words")


@pytest.mark.whole
def test_the_time_slider_moves_the_drawings_picture(finished, page):
    opened_run = finished["variational"]
    open_page(page, opened_run)
    page.get_by_role("tab", name="Draw").click()
    page.locator(".pad .sheet").wait_for()
    after(page, page.get_by_role("button", name="Start from test image 6").click)
    kept = History(finished.runs / finished.ids["variational"])
    places, x = kept.places(), drawn(page)
    for place in from_the_first(page, places[:10]):
        wanted = kept.network(place).reconstruct(x)[0]
        wait_until_painted(page, ".pad .result figure canvas", wanted)
    page.get_by_text("where the time slider last rested").wait_for()


def test_a_digit_drawn_beside_the_pictures_travels_through_time(finished, page):
    """The small pad of the bench: its picture is that moment's network's, at any moment."""
    open_page(page, finished["stacked"])
    page.get_by_text("draw your own digit").wait_for()
    with page.expect_response("**/lab/network/**"):  # not asked for before there is a drawing
        draw_a_seven(page, ".own .sheet")
    kept = History(finished.runs / finished.ids["stacked"])
    places, x = kept.places(), drawn(page)
    wait_until_painted(page, ".own .mine", kept.network(places[-1]).reconstruct(x)[0])
    for place in from_the_first(page, places[:8]):
        wanted = kept.network(place).reconstruct(x)[0]
        wait_until_painted(page, ".own .mine", wanted)
        error, step = re.findall(r"[\d.,]*\d", page.inner_text(".own .words"))
        assert float(error) == pytest.approx(np.mean((wanted - x[0]) ** 2), rel=0.02)
        assert int(step.replace(",", "")) == place[1]


@pytest.mark.whole
def test_the_small_pad_is_drawn_on_by_keys_and_from_the_originals(finished, page, digits):
    open_page(page, finished["stacked"])
    sheet = page.locator(".own .sheet")
    sheet.focus()
    page.keyboard.press("3")
    rows = digits.shown_rows()
    assert np.array_equal(drawn(page)[0], digits.test.floats()[rows[3]])
    page.keyboard.press("ArrowDown")
    moved = drawn(page).reshape(28, 28)
    assert np.array_equal(moved[1:], digits.test.floats()[rows[3]].reshape(28, 28)[:-1])
    page.keyboard.press("Control+z")
    assert np.array_equal(drawn(page)[0], digits.test.floats()[rows[3]])
    page.keyboard.press("Delete")
    page.get_by_text("draw your own digit").wait_for()
    page.get_by_role("img", name="Original 8").click()
    assert np.array_equal(drawn(page)[0], digits.test.floats()[rows[7]])


@pytest.mark.whole
def test_a_drawing_shows_the_nearest_moment_until_its_own_has_come(finished, page):
    """Slow networks: whoever plays through sees the moments that have come, with their steps."""
    open_page(page, finished["stacked"])
    draw_a_seven(page, ".own .sheet")
    kept = History(finished.runs / finished.ids["stacked"])
    x, last = drawn(page), kept.places()[-1]
    wait_until_painted(page, ".own .mine", kept.network(last).reconstruct(x)[0])

    def slowly(route):
        page.wait_for_timeout(300)
        route.continue_()

    page.route("**/lab/network/**", slowly)
    time = page.get_by_role("slider", name="Moment")
    time.focus()
    time.press("Home")
    first = kept.network(kept.places()[0]).reconstruct(x)[0]
    wait_until_painted(page, ".own .mine", first)
    page.route("**/lab/network/**", lambda route: None)  # from now on nothing comes
    for _ in range(6):
        time.press("ArrowRight")
    page.locator(".own .words", has_text="the moment is on its way").wait_for()
    shown = page.inner_text(".own .words").split(", ")[1]
    near = next(place for place in kept.places() if shown == f"step {place[1]:,}")
    assert near < kept.places()[6]
    wait_until_painted(page, ".own .mine", kept.network(near).reconstruct(x)[0])


@pytest.mark.whole
def test_all_pads_of_a_page_have_one_drawing(finished, page):
    open_page(page, finished["stacked"])
    page.get_by_role("tab", name="Draw").click()
    page.locator(".pad .sheet").wait_for()
    draw_a_seven(page, ".own .sheet")
    kept = History(finished.runs / finished.ids["stacked"])
    network = kept.network(kept.places()[-1])
    wait_until_painted(page, ".pad .input", drawn(page)[0])
    after(page, page.get_by_role("button", name="Start from test image 4").click)
    wanted = network.reconstruct(drawn(page))[0]
    for canvas in (".own .mine", ".pad .result figure canvas"):
        wait_until_painted(page, canvas, wanted)
    page.get_by_role("button", name="Clear the drawing").click()
    page.get_by_text("the pad is empty").wait_for()
    assert not drawn(page).any()
    page.get_by_role("button", name="Undo").click()
    wait_until_painted(page, ".own .mine", wanted)


def test_the_keyboard_draws_too_and_each_step_can_be_undone(finished, page):
    opened(page, f"{finished.address}/draw?networks={finished.ids['stacked']}")
    after(page, page.get_by_role("button", name="Start from test image 2").click)
    begin = drawn(page).reshape(28, 28)
    sheet = page.locator(".pad .sheet")
    sheet.focus()
    after(page, lambda: sheet.press("ArrowRight"))
    moved = drawn(page).reshape(28, 28)
    assert np.array_equal(moved[:, 1:], begin[:, :-1])
    after(page, lambda: sheet.press("+"))
    assert drawn(page).sum() > 1.1 * moved.sum()
    for wanted in (moved, begin):
        after(page, page.get_by_role("button", name="Undo").click)
        assert np.array_equal(drawn(page).reshape(28, 28), wanted)
    after(page, page.get_by_role("button", name="Clear", exact=True).click)
    assert not drawn(page).any()
    after(page, page.get_by_role("button", name="Undo").click)
    assert np.array_equal(drawn(page).reshape(28, 28), begin)


@pytest.mark.whole
def test_the_drawing_goes_along_to_the_next_pad(finished, page):
    opened(page, f"{finished.address}/draw?networks={finished.ids['stacked']}")
    draw_a_seven(page)
    page.wait_for_timeout(300)
    before = drawn(page)
    open_page(page, finished["tied"])
    page.get_by_role("tab", name="Draw").click()
    page.get_by_text(re.compile("^error")).first.wait_for()
    page.wait_for_timeout(300)
    assert np.array_equal(drawn(page), before)


def test_a_network_that_cannot_be_fetched_says_so(finished, page):
    page.route("**/lab/network/**", lambda route: route.fulfill(status=404, body="It is gone."))
    open_page(page, f"{finished.address}/draw?networks=variational-2")
    page.get_by_text("It is gone.").wait_for()
