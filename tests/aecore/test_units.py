"""The units of a network and their pictures, against their definitions."""

import numpy as np
import pytest

from aecore import units
from aecore.models import variant, variants
from aecore.network import Network
from aecore.training.loop import Training
from tests.helpers import small_config


def network_of(name: str, **values) -> Network:
    return Training.fresh(
        variant(name), small_config(name, **values), (28, 28, 1), 0
    ).model.network()


def all_of(layer):
    return np.arange(layer.units)


@pytest.mark.parametrize("name", list(variants()))
def test_every_layer_of_every_variant_has_pictures(name, digits):
    network, x = network_of(name), digits.test.floats(60)
    layers = {layer.key: layer for layer in units.layers_of(network)}
    codings = layers["codings"]
    a = units.activations(network, codings, x)
    np.testing.assert_array_equal(a, network.encode(x))
    for layer in layers.values():
        a = units.activations(network, layer, x)
        assert a.shape == (60, layer.units)
        some = np.arange(min(5, layer.units))
        for view in units.views_of(network, layer):
            pictures, strength = units.pictures(network, layer, view, a, x, some)
            shape = units.picture_shape(network, view, (28, 28, 1))
            assert pictures.shape == (len(some), np.prod(shape)) and strength.shape == (len(some),)
            assert np.isfinite(pictures).all() and (strength >= 0).all()


def test_the_layers_are_named_from_the_image_to_the_image():
    network = network_of("stacked", hidden_sizes=(40, 20), codings_size=5)
    assert [(layer.title, layer.units) for layer in units.layers_of(network)] == [
        ("hidden layer 1", 40), ("hidden layer 2", 20), ("the codings", 5),
        ("layer 1 of the decoder", 20), ("layer 2 of the decoder", 40),
    ]  # fmt: skip
    (only,) = units.layers_of(network_of("k_sparse"))
    assert only.title == "the codings" and only.until == 2  # with its top-k


def test_what_excites_a_unit_is_the_covariance_with_the_pixels(digits):
    network, x = network_of("stacked"), digits.test.floats(80)
    layer = units.layers_of(network)[0]
    a = units.activations(network, layer, x)
    pictures, strength = units.pictures(network, layer, units.EXCITES, a, x, np.array([3, 1]))
    expected = np.cov(x.T, a[:, 3], ddof=0)[-1, :-1]
    np.testing.assert_allclose(pictures[0], expected, atol=1e-6)
    np.testing.assert_allclose(strength, a[:, [3, 1]].std(axis=0))


def test_what_a_unit_draws_is_the_change_if_it_alone_goes_from_lowest_to_highest(digits):
    x = digits.test.floats(80)
    network = network_of("stacked", hidden_sizes=(30,), codings_size=6)
    hidden, codings, _ = units.layers_of(network)
    a = units.activations(network, codings, x)
    pictures, _ = units.pictures(network, codings, units.DRAWS, a, x, all_of(codings))
    for unit in range(6):
        held = [a.mean(axis=0), a.mean(axis=0)]
        held[0][unit], held[1][unit] = a[:, unit].max(), a[:, unit].min()
        high, low = network.decode(np.stack(held).astype(np.float32))
        np.testing.assert_allclose(pictures[unit], high - low, atol=1e-5)
    a = units.activations(network, hidden, x)
    pictures, _ = units.pictures(network, hidden, units.DRAWS, a, x, np.array([7]))
    held = [a.mean(axis=0), a.mean(axis=0)]
    held[0][7], held[1][7] = a[:, 7].max(), a[:, 7].min()
    high, low = network.decode(network.encoder[-1](np.stack(held).astype(np.float32)))
    np.testing.assert_allclose(pictures[0], high - low, atol=1e-5)


def test_of_a_linear_decoder_it_is_its_kernels_row(digits):
    x, network = digits.test.floats(80), network_of("linear")
    (codings,) = units.layers_of(network)
    a = units.activations(network, codings, x)
    pictures, _ = units.pictures(network, codings, units.DRAWS, a, x, all_of(codings))
    ranges = a.max(axis=0) - a.min(axis=0)
    expected = ranges[:, None] * network.decoder[0].kernel
    np.testing.assert_allclose(pictures, expected, atol=1e-5)


def test_weights_and_filters_are_the_first_layers(digits):
    x = digits.test.floats(80)
    network = network_of("stacked")
    layer = units.layers_of(network)[0]
    a = units.activations(network, layer, x)
    pictures, strength = units.pictures(network, layer, units.WEIGHTS, a, x, np.array([4]))
    np.testing.assert_array_equal(pictures[0], network.encoder[0].kernel[:, 4])
    assert strength[0] == pytest.approx(np.linalg.norm(network.encoder[0].kernel[:, 4]))
    network = network_of("convolutional")
    layer, kernel = units.layers_of(network)[0], network.encoder[0].kernel
    a = units.activations(network, layer, x)
    chosen = units.one_of_each_filter(network, a)
    pictures, _ = units.pictures(network, layer, units.FILTERS, a, x, chosen)
    for i, unit in enumerate(chosen):
        np.testing.assert_array_equal(pictures[i].reshape(kernel.shape[:3]), kernel[..., i])
        most = a.std(axis=0)[i :: kernel.shape[3]].max()
        assert a[:, unit].std() == pytest.approx(most, rel=1e-5)
