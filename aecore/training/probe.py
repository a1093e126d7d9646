"""Takes snapshots of the network's reconstructions of a few fixed inputs while it trains."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from aecore.data.dataset import Dataset, as_bytes
from aecore.models import Phase, RandomStream
from aecore.training import inputs
from aecore.training.batches import CHUNK_SECONDS
from aecore.training.evaluation import as_numbers
from aecore.training.events import Snapshot

if TYPE_CHECKING:
    from aecore.training.loop import Training

SNAPSHOT_SECONDS = 1.0  # at least, between two snapshots of images
MOST_OF_TIME = 1 / 150  # the share of the time that those may take which are due by time


def shown_inputs(training: Training, dataset: Dataset) -> tuple[Any, Any]:
    """Returns the inputs that are shown [n, n_inputs], clean and as the encoder gets them."""
    x = inputs.pixels(dataset.test.x[dataset.shown_rows()])
    return x, training.model.corrupt(x, RandomStream(training.seed, -3))


class SampleProbe:
    """Shows the network's reconstructions of a few fixed test inputs, from time to time."""

    def __init__(self, training: Training, dataset: Dataset):
        self.x, self.shown = shown_inputs(training, dataset)
        self.dataset = dataset
        self.began, self.last, self.cost = time.monotonic(), -math.inf, 0.0

    def due(self) -> bool:
        """Returns whether a snapshot is due.

        Once a second for images, with every chunk for points. Less often in long trainings, or if
        snapshots would take more than `MOST_OF_TIME`.
        """
        now = time.monotonic()
        shortest = SNAPSHOT_SECONDS if self.dataset.image_shape else CHUNK_SECONDS
        return now - self.last >= max(shortest, self.cost / MOST_OF_TIME, 0.03 * (now - self.began))

    def snapshot(self, training: Training, phase: Phase, steps_per_epoch: int) -> Snapshot:
        first, self.last = self.last == -math.inf, time.monotonic()
        snapshot = Snapshot(
            training.phase,
            math.ceil(training.step / steps_per_epoch),
            training.step,
            self._displayed(phase.reconstruct(self.shown)),
            None if self.shown is self.x else self._displayed(self.shown),
            as_numbers(training.model.measure(self.dataset.measured, self.dataset)),
        )
        if not first:  # the first one's time includes compiling
            self.cost = time.monotonic() - self.last
        return snapshot

    def _displayed(self, x: Any) -> np.ndarray:
        """Returns x [n, n_inputs] as images (uint8, clipped), or points as float32."""
        values = np.asarray(x, np.float32)
        return as_bytes(values) if self.dataset.image_shape else values
