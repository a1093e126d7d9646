"""The fixed inputs that are shown while training."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from aecore.data.dataset import Dataset
from aecore.models import Phase, RandomStream
from aecore.training import inputs
from aecore.training.batches import CHUNK_SECONDS
from aecore.training.events import Snapshot

if TYPE_CHECKING:
    from aecore.training.loop import Training

SNAPSHOT_SECONDS = 1.0  # between two pictures of the fixed handful; longer if they cost more than 1 %, or the training is a long one


class SampleProbe:
    """What the network makes of a few fixed test inputs, from time to time."""

    def __init__(self, training: Training, dataset: Dataset):
        self.x = inputs.pixels(dataset.test.x[dataset.fixed_handful()])
        self.shown = training.model.corrupt(self.x, RandomStream(training.seed, -3))
        self.dataset = dataset
        self.few = dataset.valid.take(slice(500))  # what the variant's metrics are measured on
        self.began, self.last, self.cost = time.monotonic(), -math.inf, 0.0

    def due(self) -> bool:
        """Pictures once a second; more rarely in long trainings, or if they cost more than 1 %. Points with every chunk."""
        now = time.monotonic()
        shortest = SNAPSHOT_SECONDS if self.dataset.image_shape else CHUNK_SECONDS
        return now - self.last >= max(shortest, 100 * self.cost, 0.03 * (now - self.began))

    def snapshot(self, training: Training, phase: Phase, steps_per_epoch: int) -> Snapshot:
        first, self.last = self.last == -math.inf, time.monotonic()
        snapshot = Snapshot(
            training.phase, math.ceil(training.step / steps_per_epoch), training.step, self._shown(phase.reconstruct(self.shown)),
            None if self.shown is self.x else self._shown(self.shown), training.model.metrics(self.few, self.dataset),
        )  # fmt: skip
        if not first:  # the first one also compiles
            self.cost = time.monotonic() - self.last
        return snapshot

    def _shown(self, x: Any) -> np.ndarray:
        """[n, n_inputs] as pictures (uint8, clipped) or, if the inputs are points, as float32."""
        if not self.dataset.image_shape:
            return np.asarray(x, np.float32)
        return np.round(np.clip(x, 0, 1) * 255).astype(np.uint8)
