"""The units (neurons) of a network: the layers that have them, their activations, their pictures.

A picture is signed and has an input's size (or a filter's). There are several kinds of it, because
none tells all: what excites a unit, what it draws, and its weights as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aecore.layers import Stored, StoredConvolution, StoredDense, run
from aecore.network import Network

Array = np.ndarray


@dataclass(frozen=True)
class UnitLayer:
    """A layer whose units can be looked at.

    key: its name in addresses. until: the network's layers up to its units, of both sides in one
    row, are the first so many. activation: of its last layer with weights.
    """

    key: str
    title: str
    until: int
    units: int
    activation: str


@dataclass(frozen=True)
class View:
    """A kind of picture of a layer's units, and how to read it."""

    key: str
    title: str
    about: str
    strength: str  # what a unit's strength is in this view


EXCITES = View(
    "excites", "what excites them",
    "The test images that excite each neuron more than usual, minus those that excite it less.",
    "how much its activation varies (standard deviation)",
)  # fmt: skip
DRAWS = View(
    "draws", "what they draw",
    "How the image changes if the neuron goes from its lowest to its highest activation on the "
    "test images, and the layer’s others stay at their means.",
    "the size of that change",
)  # fmt: skip
WEIGHTS = View(
    "weights", "their weights",
    "The weights from the pixels to each neuron, just as they are. Where they look like noise, "
    "much of the random start is still in them: Adam gives each weight steps of about the same "
    "size, so a weight that the loss hardly feels never loses what it began with.",
    "the norm of its weights",
)  # fmt: skip
FADED = View(
    "faded", "their weights, faded",
    "The weights from the pixels to each neuron, faded where the pixels hardly vary, and it "
    "matters little what the weights are.",
    "the norm of its weights",
)  # fmt: skip
FILTERS = View(
    "filters", "their filters",
    "The filters that are moved over the image: one neuron of each filter, the one that varies "
    "most.",
    "the norm of its weights",
)  # fmt: skip
VIEWS = {view.key: view for view in (EXCITES, DRAWS, WEIGHTS, FADED, FILTERS)}


def layers_of(network: Network) -> list[UnitLayer]:
    """Returns the layers whose units can be looked at, from the image to the image.

    A layer without weights, such as a top-k, belongs to the one before it. The last layer's units
    are the pixels themselves, and are left out.
    """
    *hidden, codings = _with_weights(network.encoder)
    found = [
        UnitLayer(f"hidden-{i}", f"hidden layer {i}", until, layer.n_outputs, layer.activation)
        for i, (until, layer) in enumerate(hidden, 1)
    ]
    until, layer = codings
    found.append(UnitLayer("codings", "the codings", until, layer.n_outputs, layer.activation))
    before = len(network.encoder)
    for i, (until, layer) in enumerate(_with_weights(network.decoder)[:-1], 1):
        title = f"layer {i} of the decoder"
        all_until = before + until
        found.append(UnitLayer(f"decoder-{i}", title, all_until, layer.n_outputs, layer.activation))
    return found


def _with_weights(side: tuple[Stored, ...]) -> list[tuple[int, Stored]]:
    """A side's layers that have weights, each with the place behind it and those it owns."""
    places = [i for i, layer in enumerate(side) if layer.arrays()]
    return [(until, side[i]) for i, until in zip(places, [*places[1:], len(side)], strict=True)]


def views_of(network: Network, layer: UnitLayer) -> list[View]:
    """Returns the kinds of pictures that a layer's units have; the one to begin with first.

    That is what excites the units of the encoder's hidden layers, and what the codings and the
    decoder's units draw. The weights can be looked at if they begin at the pixels.
    """
    views = [EXCITES, DRAWS] if layer.key.startswith("hidden") else [DRAWS, EXCITES]
    if layer == layers_of(network)[0]:
        first = network.encoder[0]
        if isinstance(first, StoredDense):
            views += [WEIGHTS, FADED]
        elif isinstance(first, StoredConvolution):
            views.append(FILTERS)
    return views


def activations(network: Network, layer: UnitLayer, x: Array) -> Array:
    """Returns each unit's activation for inputs x [n, n_inputs]: [n, units]."""
    return run((*network.encoder, *network.decoder)[: layer.until], x)


def pictures(
    network: Network, layer: UnitLayer, view: View, a: Array, x: Array, units: Array
) -> tuple[Array, Array]:
    """Returns the picture of each of `units` [n, D], and its strength in this view [n].

    a: `activations` for the inputs x [inputs, n_inputs]. units: their places in the layer.
    """
    mine = a[:, units]
    if view == EXCITES:
        covariances = (mine - mine.mean(axis=0)).T @ (x - x.mean(axis=0)) / np.float32(len(x))
        return covariances, mine.std(axis=0)
    if view == DRAWS:
        changes = _changes(network, layer, a, units)
        return changes, np.linalg.norm(changes, axis=1)
    first = network.encoder[0]
    if isinstance(first, StoredConvolution):
        filters = np.moveaxis(first.kernel, 3, 0)
        kernels = filters.reshape(len(filters), -1)[units % len(filters)]  # [n, k * k * channels]
        return kernels, np.linalg.norm(kernels, axis=1)
    assert isinstance(first, StoredDense)  # as `views_of` says
    kernels = first.kernel.T[units]
    strength = np.linalg.norm(kernels, axis=1)
    if view == FADED:
        varies = x.std(axis=0)
        kernels = kernels * (varies / max(float(varies.max()), 1e-12))
    return kernels, strength


def _changes(network: Network, layer: UnitLayer, a: Array, units: Array) -> Array:
    """The image's change when each unit goes from its lowest to its highest activation, alone."""
    rest = (*network.encoder, *network.decoder)[layer.until :]
    mean = a.mean(axis=0, dtype=np.float64).astype(np.float32)
    rows = np.arange(len(units))
    images = []
    for values in (a.max(axis=0), a.min(axis=0)):
        held = np.tile(mean, (len(units), 1))
        held[rows, units] = values[units]
        images.append(run(rest, held))
    changes: Array = images[0] - images[1]
    return changes


def picture_shape(
    network: Network, view: View, image_shape: tuple[int, int, int]
) -> tuple[int, int, int]:
    """Returns the shape of a picture: height, width, channels."""
    first = network.encoder[0]
    if view == FILTERS and isinstance(first, StoredConvolution):
        size = first.kernel.shape
        return size[0], size[1], size[2]
    return image_shape


def one_of_each_filter(network: Network, a: Array) -> Array:
    """Returns the unit of each filter of the first layer that varies most, [filters]."""
    first = network.encoder[0]
    assert isinstance(first, StoredConvolution)
    count = first.kernel.shape[3]  # units are in the order row, column, filter
    places = a.std(axis=0).reshape(-1, count).argmax(axis=0)
    units: Array = places * count + np.arange(count)
    return units
