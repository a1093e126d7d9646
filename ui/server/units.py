"""A route that sends what a network's units are.

`GET <UNITS_ROUTE>/<run>?at=0-10&layer=codings&view=draws` answers with a safetensors file: the
layers and views that there are, and the picture and the figures of each unit of the layer. With
`&unit=7`: that unit's activations on test images, images from each band of them, and the units that
are most like it. Without layer and view it answers with those that are looked at first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from aecore import units as seeing
from aecore.data import sources
from aecore.data.dataset import Dataset
from aecore.errors import LabError
from aecore.measures import units as measures
from aecore.models import Autoencoder, variants
from aecore.network import Network, load_network
from aecore.units import UnitLayer, View
from ui.components.packing import pack
from ui.server.answering import answer_with
from ui.server.stored_networks import stored_network

Array = np.ndarray
MEASURED = 1000  # test images; fewer of a layer so wide that its activations were more than …
MOST_NUMBERS = 5_000_000
MOST_UNITS = 1000  # in one answer; of a layer with more, those that vary most
IN_A_BAND = 8  # images
ALIKE = 6  # units most like it


async def answer(request: Request) -> Response:
    asked = {each: request.query_params.get(each, "") for each in ("at", "layer", "view", "unit")}
    return await answer_with(_answer, request.path_params["name"], **asked)


def _answer(name: str, at: str, layer: str, view: str, unit: str) -> bytes:
    found = stored_network(name, at)
    if not sources.available(found.source):
        raise LabError(
            f"The neurons are looked at on test images of '{found.source}', which are not on this "
            "machine; fetch them on the bench, under Data."
        )
    data = sources.load(found.source)
    if not data.image_shape:
        raise LabError("Neurons have pictures if the inputs are images; these are points.")
    seen = _seen(found.path, found.changed, found.source, layer, found.variant)
    views = {each.key: each for each in seeing.views_of(seen.network, seen.layer)}
    chosen = views.get(view) or next(iter(views.values()))
    if not unit:
        return _all_units(seen, data, chosen)
    if not unit.isdecimal() or len(unit) > 9 or int(unit) >= seen.layer.units:
        raise LabError(
            f"There is no neuron '{unit[:20]}' in {seen.layer.title}; "
            f"expected a number from 0 to {seen.layer.units - 1:,}."
        )
    return _one_unit(seen, data, chosen, int(unit))


@dataclass(frozen=True)
class _Seen:
    """A layer of a network, and what its units do on the test images x [n, n_inputs]."""

    network: Network
    layers: list[UnitLayer]
    layer: UnitLayer
    x: Array
    a: Array  # [n, units]
    alive: Array  # bool [units]

    @property
    def stuck(self) -> Array:
        """Which units are saturated, bool [units]."""
        return measures.saturated(self.a, self.layer.activation)


@lru_cache(maxsize=8)
def _seen(path: Path, changed: int, source: str, key: str, variant: str) -> _Seen:
    """The wanted layer of the network in a file that was last changed then; else its codings."""
    network, data = load_network(path), sources.load(source)
    layers = {layer.key: layer for layer in seeing.layers_of(network)}
    layer = layers.get(key) or layers["codings"]
    x = data.test.floats(min(MEASURED, MOST_NUMBERS // layer.units))
    a = seeing.activations(network, layer, x)
    if not np.isfinite(a).all():
        raise LabError("The activations are not finite numbers: the loss of this run exploded.")
    # What counts as a dead coding, the variant says; for other layers all have one rule.
    alive = (variants()[variant] if layer.key == "codings" else Autoencoder).alive(a)
    return _Seen(network, list(layers.values()), layer, x, a, alive)


def _all_units(seen: _Seen, data: Dataset, view: View) -> bytes:
    """Every unit's picture in one view, and its figures."""
    network, layer, a = seen.network, seen.layer, seen.a
    if view == seeing.FILTERS:
        units = seeing.one_of_each_filter(network, a)
    else:
        units = np.sort(np.argsort(-a.std(axis=0), kind="stable")[:MOST_UNITS])
    images, strength = seeing.pictures(network, layer, view, a, seen.x, units)
    shape = seeing.picture_shape(network, view, _image_shape(data))
    pictures, scale = _signed(images, shape)
    labels = data.test.labels[: len(a)]
    header = _about(seen, view) | {
        "shape": shape[:2],
        "units": units.tolist(),
        "images": len(a),
        # Of the whole layer, also of units that are left out.
        "dead": int(np.sum(~seen.alive)),
        "saturated": int(np.sum(seen.stuck)),
        "classes": len(data.class_names),
    }
    figures = {
        "strength": strength,
        "mean": a[:, units].mean(axis=0),
        "selectivity": measures.selectivity(a[:, units], labels),
    }
    arrays = {name: np.asarray(values, np.float32) for name, values in figures.items()} | {
        "pictures": pictures,
        "scale": scale,
        "is_dead": (~seen.alive[units]).astype(np.uint8),
        "is_saturated": seen.stuck[units].astype(np.uint8),
    }
    return pack(header, arrays)


def _one_unit(seen: _Seen, data: Dataset, view: View, unit: int) -> bytes:
    """All about one unit; the units most like it are drawn in `view`."""
    network, layer, a = seen.network, seen.layer, seen.a
    values, labels = a[:, unit], data.test.labels[: len(a)]
    bands = measures.bands(values, IN_A_BAND)
    rows = np.concatenate(list(bands.values()))
    related = measures.correlations(a, unit)
    related[unit] = 0
    alike = np.argsort(-np.abs(related), kind="stable")[:ALIKE]
    alike = alike[related[alike] != 0]
    shape = _image_shape(data)
    selectivity = float(measures.selectivity(values[:, None], labels)[0])
    header = _about(seen, view) | {
        "unit": unit,
        "until": layer.until,
        "shape": shape,
        "dead": bool(~seen.alive[unit]),
        "saturated": bool(seen.stuck[unit]),
        "selectivity": float(f"{selectivity:.4g}"),
        "bands": [[name, len(band)] for name, band in bands.items()],
        "names": [data.name_of(int(label)) for label in labels[rows]],
        "classes": list(data.class_names),
        "alike": [[int(each), float(f"{related[each]:.4g}")] for each in alike],
        "drawn": [],
    }
    arrays: dict[str, Array] = {
        "activations": values.astype(np.float32),
        "band_images": data.test.x[rows],
        "band_values": values[rows].astype(np.float32),
    }
    if data.class_names:
        means = measures.class_means(values[:, None], labels, len(data.class_names))
        arrays["class_means"] = means[:, 0].astype(np.float32)
    for each in seeing.views_of(network, layer):
        images, _ = seeing.pictures(network, layer, each, a, seen.x, np.array([unit]))
        drawn = seeing.picture_shape(network, each, shape)
        arrays[f"picture.{each.key}"], arrays[f"scale.{each.key}"] = _signed(images, drawn)
        header["drawn"].append({"key": each.key, "title": each.title, "shape": drawn[:2]})
    drawn = seeing.picture_shape(network, view, shape)
    header["alike_shape"] = drawn[:2]
    if len(alike):
        images, _ = seeing.pictures(network, layer, view, a, seen.x, alike)
        arrays["alike"], arrays["alike_scale"] = _signed(images, drawn)
    return pack(header, arrays)


def _about(seen: _Seen, view: View) -> dict[str, Any]:
    """The layers and views that can be chosen, and those that are."""
    return {
        "layers": [[each.key, each.title, each.units] for each in seen.layers],
        "layer": seen.layer.key,
        "views": [
            [each.key, each.title, each.about, each.strength]
            for each in seeing.views_of(seen.network, seen.layer)
        ],
        "view": view.key,
    }


def _image_shape(data: Dataset) -> tuple[int, int, int]:
    assert data.image_shape  # `_answer` refuses points
    return data.image_shape


def _signed(images: Array, shape: tuple[int, int, int]) -> tuple[Array, Array]:
    """Signed pictures [n, D] as bytes [n, height * width]: 128 is 0, and 1 or 255 the scale [n].

    The scale is a picture's largest absolute value. Of several channels the mean is sent, because
    the colours show the sign.
    """
    mean = images.reshape(len(images), -1, shape[2]).mean(axis=2)
    scale = np.abs(mean).max(axis=1, initial=0)
    share = np.divide(mean, scale[:, None], out=np.zeros_like(mean), where=scale[:, None] > 0)
    return np.round(128 + 127 * share).astype(np.uint8), scale.astype(np.float32)
