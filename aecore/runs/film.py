"""What the networks in a run's history make of the inputs that are shown while it trains, and how
well they rebuild the validation inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from aecore.data.dataset import as_bytes
from aecore.data.sources import load
from aecore.errors import LabError
from aecore.layers import StoredDense, StoredTopK
from aecore.network import Network, load_network
from aecore.runs.history import History, Place

Array = np.ndarray
QUICK = (StoredDense, StoredTopK)  # 500 images take such layers 25 ms, convolutions 500


@dataclass(frozen=True)
class Film:
    """Of the wanted places that are kept: [places, ...] each."""

    places: list[Place]
    frames: Array  # [places, n, n_inputs]; images are uint8, clipped to 0..255, points float32
    # Of the validation inputs that `Dataset.measured` has, float32. NaN: it would take too long, or
    # the data are not on this machine.
    errors: Array


def film(history: History, wanted: Sequence[Place], dataset: str) -> Film:
    """Returns what the networks of the wanted places make of the run's inputs."""
    kept, frames, errors = [], [], []
    x, images = history.inputs()
    for place in wanted:
        try:
            file = history.file(place)
            frame, error = _shot(file, file.stat().st_mtime_ns, x.tobytes(), images, dataset)
        except (FileNotFoundError, LabError):  # another one was kept instead, or it is damaged
            continue
        kept.append(place)
        frames.append(frame)
        errors.append(error)
    empty = np.zeros((0, *x.shape), np.uint8 if images else np.float32)
    return Film(kept, np.stack(frames) if frames else empty, np.array(errors, np.float32))


@lru_cache(maxsize=2048)
def _shot(file: Path, changed: int, x: bytes, images: bool, dataset: str) -> tuple[Array, float]:
    network = load_network(file)
    made = network.reconstruct(np.frombuffer(x, np.float32).reshape(-1, network.n_inputs))
    frame = as_bytes(made) if images else np.asarray(made, np.float32)
    return frame, _error(network, dataset)


def _error(network: Network, dataset: str) -> float:
    """The mean squared error, over inputs and their elements; NaN: see `Film`."""
    if not all(isinstance(layer, QUICK) for layer in (*network.encoder, *network.decoder)):
        return float("nan")
    try:
        x = load(dataset).measured.floats()
    except LabError:
        return float("nan")
    return float(np.mean(np.square(network.reconstruct(x) - x, dtype=np.float64)))
