"""The route of neurons: what a page gets of a layer and of one neuron, and what is refused."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from aecore import units as seeing
from aecore.data import sources
from aecore.jobs.work import work
from aecore.network import Network
from aecore.runs.history import History
from tests.helpers import made
from tests.ui.server.asking import asked as asked_of
from ui.server import stored_networks, units

asked = partial(asked_of, units.answer)


def values(pictures, scale):
    """Bytes as the page reads them."""
    return (pictures.astype(float) - 128) / 127 * scale[:, None]


def test_it_sends_the_pictures_and_figures_of_all_units(run, digits):
    _, header, arrays = asked(run.id, "layer=hidden-1&view=weights")
    network = run.network()
    assert header["layers"][0] == ["hidden-1", "hidden layer 1", network.encoder[0].n_outputs]
    assert header["units"] == list(range(network.encoder[0].n_outputs))
    found, kernel = values(arrays["pictures"], arrays["scale"]), network.encoder[0].kernel.T
    assert np.abs(found - kernel).max() <= np.abs(kernel).max() / 127
    a = network.encoder[0](digits.test.floats())
    np.testing.assert_allclose(arrays["mean"], a.mean(axis=0), atol=1e-5)
    assert header["images"] == 250 and header["classes"] == 10
    assert header["dead"] == int(arrays["is_dead"].sum())


def test_it_begins_with_what_the_codings_draw(run):
    _, header, _ = asked(run.id)
    assert (header["layer"], header["view"]) == ("codings", "draws")


def test_it_sends_all_about_one_unit(run, digits):
    _, header, arrays = asked(run.id, "layer=codings&unit=1")
    z = run.network().encode(digits.test.floats())[:, 1]
    np.testing.assert_allclose(arrays["activations"], z, atol=1e-5)
    names = [name for name, count in header["bands"] for _ in range(count)]
    highest = arrays["band_images"][[name == "highest" for name in names]]
    order = np.argsort(-z, kind="stable")
    np.testing.assert_array_equal(highest, digits.test.x[order[:8]])
    labels = digits.test.labels
    means = [z[labels == label].mean() for label in range(10)]
    np.testing.assert_allclose(arrays["class_means"], means, atol=1e-5)
    alike = [unit for unit, _ in header["alike"]]
    assert 1 not in alike and len(alike) == min(6, run.config.codings_size - 1)


def test_a_moment_has_the_units_of_its_network(run, digits):
    _, _, arrays = asked(run.id, "at=0-0&layer=hidden-1&view=weights")
    kernel = History(run.path).network((0, 0)).encoder[0].kernel.T
    found = values(arrays["pictures"], arrays["scale"])
    assert np.abs(found - kernel).max() <= np.abs(kernel).max() / 127


def test_a_layer_with_many_units_sends_those_that_vary_most(run, digits, monkeypatch):
    monkeypatch.setattr(units, "MOST_UNITS", 5)
    _, header, arrays = asked(run.id, "layer=hidden-1&view=excites")
    network = run.network()
    layer = seeing.layers_of(network)[0]
    a = seeing.activations(network, layer, digits.test.floats())
    assert set(header["units"]) == set(np.argsort(-a.std(axis=0), kind="stable")[:5].tolist())
    assert arrays["pictures"].shape == (5, 784)


@pytest.mark.parametrize("unit", ["-1", "x", "9999", "9" * 5000, "1.5"])
def test_a_unit_that_there_is_not_gets_a_sentence(run, unit):
    answer, _, _ = asked(run.id, f"unit={unit}")
    assert answer.status_code == 404 and b"expected a number from 0 to" in answer.body


def test_missing_data_and_points_get_a_sentence(run, tmp_path, monkeypatch):
    points = made(tmp_path / "points", "linear", dataset="points3d", codings_size=2, epochs=1)
    work(points)
    monkeypatch.setattr(stored_networks, "pool", lambda: SimpleNamespace(root=points.path.parent))
    answer, _, _ = asked(points.id)
    assert answer.status_code == 404 and b"these are points" in answer.body
    monkeypatch.setattr(stored_networks, "pool", lambda: SimpleNamespace(root=run.path.parent))
    monkeypatch.setattr(sources, "available", lambda name: False)
    answer, _, _ = asked(run.id)
    assert answer.status_code == 404 and b"not on this machine" in answer.body


def test_one_coding_and_a_dead_neuron_have_their_pages(tmp_path, monkeypatch):
    run = made(tmp_path, epochs=1, codings_size=1)
    monkeypatch.setattr(stored_networks, "pool", lambda: SimpleNamespace(root=run.path.parent))
    work(run)
    _, header, _ = asked(run.id, "layer=codings&unit=0")
    assert header["alike"] == [] and not header["dead"]
    network = run.network()
    first = network.encoder[0]
    kernel, bias = first.kernel.copy(), first.bias.copy()
    kernel[:, 3] = bias[3] = 0
    dead = type(first)(kernel, bias, first.activation)
    run.show(Network((dead, *network.encoder[1:]), network.decoder), {})
    _, header, arrays = asked(run.id, "layer=hidden-1&unit=3")
    assert header["dead"] and header["alike"] == [] and not arrays["activations"].any()
    _, header, arrays = asked(run.id, "layer=hidden-1&view=excites")
    assert arrays["is_dead"][3] == 1 and header["dead"] >= 1
