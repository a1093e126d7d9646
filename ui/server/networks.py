"""A route that sends a network to the page: a run's as last stored or of an earlier moment, or one
that the lab comes with.

`GET <NETWORK_ROUTE>/<run>?at=0-10&pca=1` answers with a safetensors file: both sides of the
network, the percentiles of its errors on test images, and the exact PCA with as many codings. With
`plain=1` it is only the network, which takes no time to measure.
"""

from __future__ import annotations

import contextlib
from functools import lru_cache
from pathlib import Path

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from aecore.data import sources
from aecore.data.dataset import Dataset
from aecore.errors import LabError
from aecore.network import Network, load_network
from ui.components.packing import network_part, pack
from ui.server.answering import answer_with
from ui.server.stored_networks import stored_network

MEASURED = 1000  # test images
QUANTILES = np.linspace(0, 1, 101)


async def answer(request: Request) -> Response:
    name, asked = request.path_params["name"], request.query_params
    parts = frozenset(each for each in ("pca", "plain") if asked.get(each))
    return await answer_with(_answer, name, asked.get("at", ""), parts)


def _answer(name: str, at: str, parts: frozenset[str]) -> bytes:
    found = stored_network(name, at)
    return _packed(found.path, found.changed, found.source, parts)


@lru_cache(maxsize=16)
def _packed(path: Path, changed: int, source: str, parts: frozenset[str]) -> bytes:
    """What is sent of the network in a file that was last changed then.

    Without percentiles and PCA if it is to be plain, or if its data are not on this machine.
    """
    network = load_network(path)
    header, arrays = network_part(network)
    header["quantiles"] = None
    about = network.about
    header["place"] = [about["phase"], about["step"]] if "step" in about else None
    if "plain" in parts:
        return pack(header, arrays)
    with contextlib.suppress(LabError):
        if sources.available(source) and (data := sources.load(source)).image_shape:
            header["quantiles"] = _quantiles(network, data)
            if "pca" in parts and network.codings_size < data.n_inputs:
                arrays["pca_mean"] = data.pca.mean.astype(np.float32)
                axes = data.pca.components[: network.codings_size]
                arrays["pca_axes"] = axes.astype(np.float16)
    return pack(header, arrays)


def _quantiles(network: Network, data: Dataset) -> list[float]:
    """The percentiles of the network's mean squared errors on single test images."""
    x = data.test.floats(MEASURED)
    errors = np.mean(np.square(network.reconstruct(x) - x), axis=1)
    return [float(f"{value:.4g}") for value in np.quantile(errors, QUANTILES)]
