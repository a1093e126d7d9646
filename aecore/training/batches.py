"""The order in which the training inputs are used."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from aecore.training.loop import Training

Array = np.ndarray

# The intended duration of a chunk. Pause and Stop then take effect within 0.2 s, even if an
# evaluation follows. A call costs half a millisecond, and recording it as much.
CHUNK_SECONDS = 0.16
WINDOW = 65_536  # rows shuffled together; more than the course's data sets hold


def steps_per_epoch(n: int, batch_size: int) -> int:
    """Returns the batches that n rows make."""
    return math.ceil(n / min(batch_size, n))


class Batches:
    """Row numbers of the next steps: every row once an epoch, ordered by (seed, phase, epoch).

    An epoch's last batch is smaller if the number of rows is not a multiple of the batch size. If
    there are more than `WINDOW` rows, they are shuffled within windows, and the windows are
    shuffled. Images on a disk are then read one stretch at a time.
    """

    def __init__(self, training: Training, n: int):
        self.training, self.n = training, n
        self.size = min(training.model.config.batch_size, n)
        self.per_epoch = steps_per_epoch(n, self.size)
        self._epoch, self._order = -1, np.arange(n, dtype=np.int32)

    def next(self, most: int) -> Array:
        """Returns row numbers [S, B] of the next S <= most steps, all of one batch size."""
        if self.size == self.n:  # a batch of all rows needs no order
            return np.broadcast_to(self._order, (most, self.n))
        parts: list[Array] = []
        left = most
        while left:
            epoch, batch = divmod(self.training.step + most - left, self.per_epoch)
            order = self._order_of(epoch)
            whole = self.n // self.size
            if batch == whole:  # the smaller last one
                return np.concatenate(parts) if parts else order[None, whole * self.size :]
            n = min(left, whole - batch)
            parts.append(order[batch * self.size : (batch + n) * self.size].reshape(n, self.size))
            left -= n
        return np.concatenate(parts)

    def _order_of(self, epoch: int) -> Array:
        if epoch != self._epoch:
            rng = np.random.default_rng([self.training.seed, 1, self.training.phase, epoch])
            if self.n <= WINDOW:
                order = rng.permutation(self.n)
            else:
                starts = rng.permutation(range(0, self.n, WINDOW))
                order = np.concatenate(
                    [start + rng.permutation(min(WINDOW, self.n - start)) for start in starts]
                )
            self._epoch, self._order = epoch, order.astype(np.int32)
        return self._order
