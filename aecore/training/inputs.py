"""Brings the training inputs to the compiled steps: kept in memory, or streamed from the disk.

For a chunk of steps, both kinds `feed` three tensors to the compiled function. Inside of it, they
cut a `share` of one step's batch from these.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from typing import Any

import numpy as np

from aecore.backend import tf

Array = np.ndarray
Tensor = Any
Fed = tuple[Tensor, Tensor, Tensor]


def pixels(x: Array | Tensor) -> Tensor:
    """Converts images from bytes to float32 in [0, 1]; returns points unchanged."""
    return tf.cast(x, tf.float32) / 255.0 if x.dtype == np.uint8 else tf.convert_to_tensor(x)


class Resident:
    """Inputs kept in TensorFlow as they are stored. A chunk is fed as row numbers.

    Images stay bytes until they are gathered. That takes a quarter of the memory and no time before
    the first step, and makes no step slower (0.97 to 1.02).
    """

    def __init__(self, x: Array | Tensor, labels: Array | Tensor):
        self.x, self.labels = tf.convert_to_tensor(x), tf.cast(labels, tf.int32)
        self.specs = (
            tf.TensorSpec([None, self.x.shape[1]], self.x.dtype),
            tf.TensorSpec([None], tf.int32),
            tf.TensorSpec([None, None], tf.int32),
        )

    def feed(self, rows: Array) -> Fed:
        """Returns the tensors for steps with the batches rows [S, B]."""
        return self.x, self.labels, tf.constant(rows)

    @staticmethod  # the compiled function keeps a reference to it, which must not keep the data
    def share(fed: Fed, step: Tensor, first: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
        """Returns inputs [last - first, n_inputs] and labels from the batch of the chunk's step."""
        x, labels, rows = fed
        chosen = rows[step, first:last]
        return pixels(tf.gather(x, chosen)), tf.gather(labels, chosen)

    def through(self, features: Callable[[Tensor], Tensor]) -> Resident:
        """Returns these inputs' features, computed once."""
        return Resident(features(pixels(self.x)), self.labels)


class Streamed:
    """Images on the disk (a memory-mapped array of bytes). A chunk is fed as its images."""

    def __init__(
        self, x: np.memmap, labels: Array, features: Callable[[Tensor], Tensor] = lambda x: x
    ):
        self.images, self.labels, self.features = x, labels, features
        self.specs = (
            tf.TensorSpec([], tf.uint8),
            tf.TensorSpec([None, None], tf.int32),
            tf.TensorSpec([None, None, x.shape[1]], tf.uint8),
        )

    def feed(self, rows: Array) -> Fed:
        block, labels = tf.constant(self.images[rows]), tf.constant(self.labels[rows], tf.int32)
        # Pages that were read need not stay in this process's memory.
        self.images._mmap.madvise(mmap.MADV_DONTNEED)  # type: ignore[attr-defined]
        return tf.constant(0, tf.uint8), labels, block

    def share(self, fed: Fed, step: Tensor, first: Tensor, last: Tensor) -> tuple[Tensor, Tensor]:
        _, labels, images = fed
        return self.features(pixels(images[step, first:last])), labels[step, first:last]

    def through(self, features: Callable[[Tensor], Tensor]) -> Streamed:
        """Returns these images' features, computed batch by batch.

        All of them might not fit into memory.
        """
        return Streamed(self.images, self.labels, features)
