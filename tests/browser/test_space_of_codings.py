"""The map of the codings: dots where the codings are, places that decode to what is shown."""

import json
import re

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import logsumexp

from aecore.jobs.work import work
from aecore.layers import run as forward
from aecore.measures.neighbours import nearest_of
from aecore.runs.history import History
from aecore.runs.store import open_run
from tests.browser.lab import IN_SHADOW, open_page, pixels
from tests.helpers import made

pytestmark = pytest.mark.whole

WHERE = f"""(moment) => ({IN_SHADOW})('.plane[data-frame]', (e) =>
  e.dataset.moment === moment && e.dataset.frame)"""


def preserved(before, after):
    """The share of each row's neighbours that stay its neighbours."""
    stays = [len(np.intersect1d(a, b)) for a, b in zip(before, after, strict=True)]
    return np.array(stays) / before.shape[1]


class Map:
    """A map on a page, of two codings."""

    def __init__(self, page, moment="", i=0):
        self.page, self.canvas = page, page.locator(".plane").nth(i)
        page.locator(".plane[data-frame]").nth(i).wait_for()
        if i == 0:
            page.wait_for_function(WHERE, arg=moment)
        self.canvas.scroll_into_view_if_needed()
        self.frame = json.loads(self.canvas.get_attribute("data-frame"))
        self.box = self.canvas.bounding_box()

    def spot(self, x, y):
        """A place of the plane, in pixels of the window."""
        f, box = self.frame, self.box
        across = 0.5 + (float(x) - f["x"]) / f["reach"] / 2
        down = 0.5 - (float(y) - f["y"]) / f["tall"] / 2
        return box["x"] + 1 + across * (box["width"] - 2), box["y"] + 1 + down * (box["height"] - 2)

    def point(self, x, y):
        self.page.mouse.move(*self.spot(x, y))


def opened(page, finished, variant):
    open_page(page, finished[variant])
    page.get_by_role("tab", name="Codings").click()
    page.locator(".plane[data-frame]").first.wait_for()
    page.get_by_label("Plane").select_option("codings")
    # a place is decoded, so the network is here
    page.locator(".plane[data-decoded=true]").first.wait_for()
    return open_run(finished.runs, finished.ids[variant])


def lonely(z, frame):
    """A row within the frame that no other dot is near."""
    far = np.linalg.norm(z[:, None] - z[None], axis=2)
    np.fill_diagonal(far, np.inf)
    inside = np.abs(z - [frame["x"], frame["y"]]).max(axis=1) < 0.9 * frame["reach"]
    return np.argsort(-np.where(inside, far.min(axis=1), -1))


def caption(page, part):
    return page.locator(f".side .{part} figcaption")


@pytest.mark.parametrize("variant", ["stacked", "variational"])
def test_dots_lie_at_their_codings_and_places_decode(finished, page, digits, variant):
    run = opened(page, finished, variant)
    network, x = run.network(), digits.test.floats()
    z = network.encode(x)
    axes = [int(page.locator(f"select.{name}").input_value()) for name in ("across", "up")]
    here = Map(page)
    row, other, *_ = lonely(z[:, axes], here.frame)
    here.point(*z[row, axes])
    label = digits.test.labels[row]
    caption(page, "image").get_by_text(f"test image {row}, {label}").wait_for()
    shown = np.array(pixels(page, ".side .image canvas"))
    assert np.array_equal(shown, digits.test.x[row])
    made = np.clip(network.reconstruct(x[row : row + 1])[0], 0, 1) * 255
    assert np.abs(np.array(pixels(page, ".side .rebuilt canvas")) - made).max() <= 2
    codings = z.mean(axis=0)
    codings[axes] = here.frame["x"], here.frame["y"]
    here.point(here.frame["x"], here.frame["y"])
    page.wait_for_timeout(200)
    expected = np.clip(network.decode(codings[None])[0], 0, 1) * 255
    # half a pixel of the window is that much of the codings
    assert np.abs(np.array(pixels(page, ".side .here canvas")) - expected).mean() < 3
    # from one dot to another
    for each in (row, other):
        page.mouse.click(*here.spot(*z[each, axes]))
    page.get_by_role("heading", name="From A to B").wait_for()
    page.wait_for_timeout(200)
    a, b = network.encode(x[[row, other]])
    for i in (0, 4, 8):
        t = i / 8
        along = np.array(pixels(page, f".along-codings canvas:nth-child({i + 1})"))
        assert (
            np.abs(along - np.clip(network.decode((a + t * (b - a))[None])[0], 0, 1) * 255).max()
            <= 2
        )
        mixed = np.array(pixels(page, f".along-pixels canvas:nth-child({i + 1})"))
        assert np.abs(mixed - 255 * (x[row] + t * (x[other] - x[row]))).max() <= 1


def test_the_dots_are_those_of_the_time_sliders_moment(finished, page, digits):
    run = opened(page, finished, "stacked")
    time = page.get_by_role("slider", name="Moment")
    time.focus()
    time.press("Home")
    page.wait_for_function(WHERE, arg="0-0")
    network = History(run.path).network((0, 0))
    axes = [int(page.locator(f"select.{name}").input_value()) for name in ("across", "up")]
    z = network.encode(digits.test.floats())[:, axes]
    here = Map(page, "0-0")
    row = lonely(z, here.frame)[0]
    here.point(*z[row])
    caption(page, "image").get_by_text(f"test image {row}, ").wait_for()
    page.wait_for_function(f"() => ({IN_SHADOW})('.plane', (e) => e.dataset.decoded === 'true')")
    made = np.clip(network.reconstruct(digits.test.floats()[row : row + 1])[0], 0, 1) * 255
    page.wait_for_timeout(400)
    here.point(*z[row])
    page.wait_for_timeout(200)
    assert np.abs(np.array(pixels(page, ".side .rebuilt canvas")) - made).max() <= 2


BACKDROP = f"""() => ({IN_SHADOW})('.plane', (c) => {{
  const {{ data }} = c.getContext('2d').getImageData(0, 0, c.width, c.height);
  return Array.from(data).filter((_, i) => i % 4 === 0);
}})"""


def test_the_places_are_decoded_by_the_moments_own_network(finished, page):
    """Also if both moments' networks are here already, so that nothing has to be waited for."""
    opened(page, finished, "stacked")
    for name in ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"):
        page.locator(".class", has_text=name).click()  # no dots before the places
    time = page.get_by_role("slider", name="Moment")
    seen = {}
    for _ in range(2):
        for key in ("Home", "End"):
            time.focus()
            time.press(key)
            page.wait_for_timeout(1500)
            page.locator(".plane[data-decoded=true]").wait_for()
            seen.setdefault(key, []).append(np.array(page.evaluate(BACKDROP)))
    for first, again in seen.values():
        assert np.abs(first - again).max() <= 2
    assert np.abs(seen["Home"][0] - seen["End"][0]).max() > 30


def test_a_lasso_marks_the_same_digits_on_every_map_with_the_neighbours_that_stay(
    finished, page, digits
):
    open_page(page, finished.compared("stacked", "variational"))
    page.locator(".plane[data-frame]").nth(1).wait_for()
    x = digits.test.floats()
    first, second = (
        nearest_of(open_run(finished.runs, finished.ids[name]).network().encode(x))
        for name in ("stacked", "variational")
    )
    words = page.locator(".space-of-codings .words")
    share = preserved(nearest_of(x), first).mean()
    words.first.get_by_text(f"pixels, {share:.0%}".replace("%", " %")).wait_for()
    here = Map(page)
    page.get_by_role("button", name="Lasso").click()
    box = here.box
    left, top, size = box["x"], box["y"], box["width"]
    page.mouse.move(left + 2, top + 2)
    page.mouse.down()
    for right, down in ((0.99, 0.01), (0.99, 0.99), (0.01, 0.99)):
        page.mouse.move(left + right * size, top + down * size, steps=3)
    page.mouse.up()
    counted = words.first.get_by_text(re.compile("^[0-9]+ inputs: "))
    counted.wait_for()
    chosen = int(re.match("[0-9]+", words.first.inner_text())[0])
    # all but those beyond the frame; the few do not change the share by more than a percent or two
    assert chosen > 230
    share = preserved(first, second).mean()
    words.nth(1).get_by_text(re.compile("^Of their 10 nearest")).wait_for()
    shown = re.search(r", ([0-9]+) % are among", words.nth(1).inner_text())
    assert int(shown[1]) == pytest.approx(100 * share, abs=3)
    said = words.nth(1).inner_text()
    assert "nearest neighbours among the codings of Stacked" in said
    page.get_by_role("button", name="Clear", exact=True).click()
    words.first.get_by_text(re.compile("^Of each input")).wait_for()


def test_the_map_is_used_by_keyboard(finished, page):
    opened(page, finished, "stacked")
    plane = page.get_by_role("application", name=re.compile("^Map of the codings"))
    plane.focus()
    plane.press("ArrowRight")
    caption(page, "here").get_by_text("decoded at").wait_for()
    before = caption(page, "here").inner_text()
    plane.press("ArrowUp")
    page.wait_for_timeout(200)
    assert caption(page, "here").inner_text() != before
    plane.press("Enter")
    for _ in range(6):
        plane.press("ArrowRight")
    plane.press("Enter")
    page.get_by_role("heading", name="From A to B").wait_for()
    plane.press("Escape")
    page.get_by_role("heading", name="From A to B").wait_for(state="hidden")


def test_points_have_a_map_without_pictures(finished, page):
    open_page(page, finished["linear"])
    page.get_by_role("tab", name="Codings").click()
    page.locator(".plane[data-frame]").first.wait_for()
    assert not page.locator(".side").is_visible()
    assert not page.get_by_label("Decoded places").is_visible()
    page.locator(".space-of-codings .words", has_text="neighbours in space").wait_for()


def test_ones_own_drawing_is_a_dot(finished, page):
    open_page(page, finished["stacked"])
    page.get_by_role("tab", name="Draw").click()
    page.get_by_role("button", name="Start from test image 4, 3").click()
    page.wait_for_timeout(400)  # it is kept once it rests
    page.get_by_role("tab", name="Codings").click()
    page.locator(".plane[data-decoded=true]").first.wait_for()
    options = page.get_by_label("first term").locator("option")
    options.get_by_text("your drawing").wait_for(state="attached")


FOUND = f"() => ({IN_SHADOW})('.inference', (e) => e.dataset.found)"


def test_the_true_posterior_is_that_of_bayes_rule(finished, page, digits):
    """Its mode is a numerical optimiser's, log p(x) a finer grid's, the bound Monte Carlo's."""
    run = made(finished.runs.parent, "variational", epochs=10, codings_size=2)
    work(run)
    network, x = run.network(), digits.test.floats(1).astype(np.float64)
    last = network.decoder[-1]

    def joint(z):
        """log p(x, z) in nats."""
        logits = forward(network.decoder[:-1], z) @ last.kernel + last.bias
        prior = -np.sum(z**2, axis=1) / 2 - np.log(2 * np.pi)
        return (logits * x - np.logaddexp(0, logits)).sum(axis=1) + prior

    open_page(page, f"{finished.address}/variational?run={run.id}")
    page.get_by_role("tab", name="Codings").click()
    page.wait_for_function(FOUND)
    found = json.loads(page.evaluate(FOUND))
    assert found["sum"] == pytest.approx(1, abs=1e-9)
    best = minimize(lambda z: -joint(z[None])[0], found["mode"], method="Nelder-Mead")
    np.testing.assert_allclose(found["mode"], best.x, atol=found["side"])
    along = np.arange(-6, 6, 0.04)
    grid = np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)
    nats = np.concatenate([joint(z) for z in np.array_split(grid, 50)])
    assert np.linalg.norm(grid[nats.argmax()] - best.x) < 0.1, "there is no higher mode elsewhere"
    assert found["evidence"] == pytest.approx(logsumexp(nats) + 2 * np.log(0.04), abs=0.02)
    p = np.exp(nats - logsumexp(nats))
    np.testing.assert_allclose(found["mean"], p @ grid, atol=0.02)
    mean, sigma = network.encode(x)[0], network.deviations(x)[0]
    np.testing.assert_allclose(found["gaussian"]["mean"], mean, atol=2e-3)
    np.testing.assert_allclose(found["gaussian"]["deviation"], sigma, rtol=5e-3)
    draws = mean + sigma * np.random.default_rng(0).standard_normal((4000, 2))
    log_q = -0.5 * ((draws - mean) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)
    bounds = joint(draws) - log_q.sum(axis=1)
    error = bounds.std() / np.sqrt(len(bounds))
    assert found["evidence"] - found["gap"] == pytest.approx(bounds.mean(), abs=5 * error + 0.02)
    grey = np.array(pixels(page, ".inference .posterior canvas", channel=2))  # rings: orange
    size, frame = int(len(grey) ** 0.5), found["frame"]
    down, across = np.divmod(np.flatnonzero(grey >= 0.98 * grey.max()), size)
    assert frame["x"] + frame["reach"] * (2 * across.mean() / size - 1) == pytest.approx(
        found["mode"][0], abs=1.5 * found["side"]
    )
    assert frame["y"] - frame["tall"] * (2 * down.mean() / size - 1) == pytest.approx(
        found["mode"][1], abs=1.5 * found["side"]
    )


def test_an_image_that_is_pointed_at_gets_its_own_posterior(finished, page, digits):
    run = made(finished.runs.parent, "variational", epochs=3, codings_size=2)
    work(run)
    open_page(page, f"{finished.address}/variational?run={run.id}")
    page.get_by_role("tab", name="Codings").click()
    page.wait_for_function(FOUND)
    z, here = run.network().encode(digits.test.floats()), Map(page)
    row = next(row for row in lonely(z, here.frame) if row)
    here.point(*z[row])
    caption(page, "image").get_by_text(f"test image {row},").wait_for()
    page.wait_for_function(FOUND)
    found = json.loads(page.evaluate(FOUND))
    np.testing.assert_allclose(found["gaussian"]["mean"], z[row], atol=2e-3)
    assert np.array_equal(pixels(page, ".inference .subject canvas"), digits.test.x[row])


def test_codings_that_are_not_random_have_no_posterior(finished, page):
    opened(page, finished, "stacked")
    assert not page.locator(".inference").is_visible()
