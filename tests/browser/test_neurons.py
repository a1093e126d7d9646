"""The neurons: their pictures are their network's at every moment, and a held one is held."""

import re

import numpy as np
import pytest

from aecore import units
from aecore.runs.history import History
from aecore.runs.store import open_run
from tests.browser.lab import IN_SHADOW, open_page
from ui.figures.pictures import signed

pytestmark = pytest.mark.whole

COLOURS = f"""(selector) => ({IN_SHADOW})(selector, (c) => {{
  const {{ data }} = c.getContext('2d').getImageData(0, 0, c.width, c.height);
  return Array.from(data).filter((_, i) => i % 4 !== 3);
}})"""
HERE = f"""(moment) => ({IN_SHADOW})('.neurons .tiles[data-frames]', (e) =>
  e.dataset.moment === moment)"""


def open_neurons(page, finished, variant):
    open_page(page, finished[variant])
    page.get_by_role("tab", name="Features").click()
    tile(page).first.wait_for()


def tile(page):
    return page.locator(".neurons .sources .tile")


def colours(page, selector):
    return np.array(page.evaluate(COLOURS, selector)).reshape(28, 28, 3)


def drawn(network, digits, key, view, unit):
    """A neuron's picture, in colours."""
    (layer,) = (each for each in units.layers_of(network) if each.key == key)
    x = digits.test.floats(1000)
    a = units.activations(network, layer, x)
    (picture,), _ = units.pictures(network, layer, view, a, x, np.array([unit]))
    return signed(picture, (28, 28, 1)).astype(int)


@pytest.mark.parametrize("variant", ["stacked", "sparse", "variational"])
def test_a_tile_is_the_neurons_picture_at_every_moment(finished, page, digits, variant):
    open_neurons(page, finished, variant)
    run = open_run(finished.runs, finished.ids[variant])
    at = tile(page).nth(2)
    unit = int(at.get_attribute("data-unit"))
    selector = f'.neurons .sources .tile[data-unit="{unit}"] canvas'
    expected = drawn(run.network(), digits, "codings", units.DRAWS, unit)
    # a byte of the picture is up to 3 levels of its colour
    assert np.abs(colours(page, selector) - expected).max() <= 4
    time = page.get_by_role("slider", name="Moment")
    time.focus()
    time.press("Home")
    page.wait_for_function(HERE, arg="0-0")
    before = drawn(History(run.path).network((0, 0)), digits, "codings", units.DRAWS, unit)
    assert np.abs(colours(page, selector) - before).max() <= 4
    assert np.abs(expected - before).max() > 30
    assert at.get_attribute("data-unit") == str(unit)  # it stays where it is
    page.locator(".neurons .words", has_text="sorted at another moment").wait_for()
    page.get_by_role("button", name="Sort again").click()
    page.get_by_role("button", name="Sort again").wait_for(state="detached")


def test_a_held_neuron_is_held(finished, page, digits):
    open_neurons(page, finished, "stacked")
    network = open_run(finished.runs, finished.ids["stacked"]).network()
    page.get_by_label("Neurons of").select_option("hidden-1")
    page.locator(".neurons .about", has_text="excite each neuron").wait_for()
    page.get_by_label("Pictures").select_option("weights")
    page.locator(".neurons .about", has_text="just as they are").wait_for()
    first = tile(page).first
    unit = int(first.get_attribute("data-unit"))
    expected = signed(network.encoder[0].kernel[:, unit], (28, 28, 1)).astype(int)
    selector = f'.neurons .sources .tile[data-unit="{unit}"] canvas'
    assert np.abs(colours(page, selector) - expected).max() <= 4
    first.click()
    page.get_by_role("heading", name=f"Neuron {unit + 1} of hidden layer 1").wait_for()
    page.locator(".clamp .effect", has_text="it is not held").wait_for()
    page.get_by_role("button", name=re.compile("^Start from test image 4, 3")).click()
    hold = page.get_by_role("slider", name="Activation of the neuron")
    hold.focus()
    hold.press("End")
    page.locator(".clamp .effect", has_text="it is held at").wait_for()
    x = digits.test.floats()
    a = network.encoder[0](x)
    row = digits.shown_rows()[3]
    held = a[row : row + 1].copy()
    held[0, unit] = a[:, unit].max()
    rest = (*network.encoder[1:], *network.decoder)
    made = units.run(rest, held)[0].reshape(28, 28)
    shown = colours(page, ".clamp .clamped")[..., 0] / 255
    assert np.abs(shown - np.clip(made, 0, 1)).max() < 0.01
    free = colours(page, ".clamp .free")[..., 0] / 255
    rebuilt = np.clip(network.reconstruct(x[row : row + 1])[0].reshape(28, 28), 0, 1)
    assert np.abs(free - rebuilt).max() < 0.01
    page.get_by_role("button", name="Release").click()
    page.locator(".clamp .effect", has_text="it is not held").wait_for()
    # an image from a band is rebuilt instead
    page.get_by_role("button", name=re.compile("rebuild this one")).first.click()
    top = int(np.argsort(-a[:, unit], kind="stable")[0])
    page.locator(".clamp .effect", has_text="The image puts it at").wait_for()
    shown = colours(page, ".clamp .free")[..., 0] / 255
    rebuilt = np.clip(network.reconstruct(x[top : top + 1])[0].reshape(28, 28), 0, 1)
    assert np.abs(shown - rebuilt).max() < 0.01


def test_the_page_of_a_neuron_opens_steps_and_closes_by_keyboard(finished, page):
    open_neurons(page, finished, "sparse")
    unit = tile(page).first.get_attribute("data-unit")
    tile(page).first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=f"Neuron {int(unit) + 1} of the codings").wait_for()
    following = int(tile(page).nth(1).get_attribute("data-unit")) + 1
    page.get_by_role("button", name="The next neuron").click()
    page.get_by_role("heading", name=f"Neuron {following} of the codings").wait_for()
    page.keyboard.press("ArrowLeft")
    page.get_by_role("heading", name=f"Neuron {int(unit) + 1} of the codings").wait_for()
    page.keyboard.press("Enter")  # the focus is still on the button
    page.get_by_role("heading", name=f"Neuron {following} of the codings").wait_for()
    page.locator(".activations .plot .barlayer").wait_for()
    page.locator(".alike .tile").first.click()
    page.locator(".neurons .unit .waiting", has_text=re.compile("^$")).wait_for(state="attached")
    held = page.get_by_role("slider", name="Activation of the neuron")
    held.focus()
    name = page.get_by_role("heading", name=re.compile("^Neuron ")).inner_text()
    page.keyboard.press("ArrowRight")  # the slider's own
    assert page.get_by_role("heading", name=re.compile("^Neuron ")).inner_text() == name
    chosen = page.locator(".neurons .sources .tile[aria-pressed=true]")
    page.keyboard.press("Escape")
    page.get_by_role("heading", name=re.compile("^Neuron ")).wait_for(state="hidden")
    assert chosen.count() == 0


def test_neurons_of_several_runs_have_one_colour_scale(finished, page, digits):
    open_page(page, finished.compared("stacked", "sparse"))
    page.locator(".neurons .source").nth(1).locator(".tile").first.wait_for()
    page.get_by_label("Pictures").select_option("excites")
    page.locator(".neurons .about", has_text="excite each neuron").wait_for()
    page.get_by_label("One colour scale").check()
    page.locator(".neurons .about", has_text="All images have one scale").wait_for()
    networks = {
        name: open_run(finished.runs, finished.ids[name]).network()
        for name in ("stacked", "sparse")
    }
    x, pictures = digits.test.floats(), {}
    for name, network in networks.items():
        (layer,) = (each for each in units.layers_of(network) if each.key == "codings")
        a = units.activations(network, layer, x)
        every = np.arange(layer.units)
        pictures[name], _ = units.pictures(network, layer, units.EXCITES, a, x, every)
    full = max(float(np.abs(each).max()) for each in pictures.values())
    page.wait_for_timeout(300)
    for i, name in enumerate(networks):
        at = page.locator(".neurons .source").nth(i).locator(".tile").first
        unit = int(at.get_attribute("data-unit"))
        shown = at.locator("canvas").evaluate(
            """c => Array.from(c.getContext('2d').getImageData(0, 0, 28, 28).data)
              .filter((_, i) => i % 4 !== 3)"""
        )
        expected = signed(pictures[name][unit], (28, 28, 1), full).astype(int)
        assert np.abs(np.array(shown).reshape(28, 28, 3) - expected).max() <= 5
