"""What the networks in a run's history make of the inputs that are shown while it trains."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from aecore.data.dataset import as_bytes
from aecore.errors import LabError
from aecore.network import load_network
from aecore.runs.history import History, Place

Array = np.ndarray


def film(history: History, wanted: Sequence[Place]) -> tuple[list[Place], Array]:
    """Returns the wanted places that are kept, and the reconstructions by their networks.

    Images are uint8, clipped to 0..255; points are float32. Both are [places, n, n_inputs].
    """
    kept, frames = [], []
    x, images = history.inputs()
    for place in wanted:
        try:
            file = history.file(place)
            frames.append(_frame(file, file.stat().st_mtime_ns, x.tobytes(), images))
        except (FileNotFoundError, LabError):  # another one was kept instead, or it is damaged
            continue
        kept.append(place)
    empty = np.zeros((0, *x.shape), np.uint8 if images else np.float32)
    return kept, np.stack(frames) if frames else empty


@lru_cache(maxsize=2048)
def _frame(file: Path, changed: int, x: bytes, images: bool) -> Array:
    network = load_network(file)
    made = network.reconstruct(np.frombuffer(x, np.float32).reshape(-1, network.n_inputs))
    return as_bytes(made) if images else np.asarray(made, np.float32)
