"""Keeps the k largest inputs and sets the others to zero (Makhzani & Frey 2013).

Inputs that equal the k-th largest are all kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aecore.backend import tf
from aecore.layers.base import Array, Shape, Spec, Stored, Tensor, Trainable, register, size_of


@register
@dataclass(frozen=True)
class StoredTopK(Stored):
    k: int
    size: int
    activation = "linear"
    kind = "top_k"

    @property
    def n_inputs(self) -> int:
        return self.size

    @property
    def n_outputs(self) -> int:
        return self.size

    def __call__(self, x: Array) -> Array:
        least = np.partition(x, self.size - self.k, axis=1)[:, self.size - self.k, None]
        return np.where(x >= least, x, 0)

    def settings(self) -> dict[str, Any]:
        return {"k": self.k, "size": self.size}

    @classmethod
    def restore(cls, settings: Mapping[str, Any], arrays: Mapping[str, Array]) -> StoredTopK:
        return cls(int(settings["k"]), int(settings["size"]))


@dataclass(frozen=True)
class TopK(Spec):
    k: int

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def parameters(self, shape: Shape) -> int:
        return 0

    def build(
        self, shape: Shape, rng: np.random.Generator, encoder: Sequence[Trainable] = ()
    ) -> TrainableTopK:
        return TrainableTopK(min(self.k, size_of(shape)), size_of(shape))


class TrainableTopK(Trainable):
    """Its gradient flows through the kept inputs only."""

    def __init__(self, k: int, size: int):
        self.k, self.size = k, size

    @property
    def variables(self) -> list[Any]:
        return []

    def logits(self, x: Tensor) -> Tensor:
        return self.keep(x, self.k, self.k)

    @staticmethod
    def keep(x: Tensor, k: Tensor, most: int) -> Tensor:
        """Keeps the k largest values in each row of x [B, size]; the others become zero.

        k: a number or a tensor, at most `most`.
        """
        largest = tf.math.top_k(tf.stop_gradient(x), most).values  # [B, most], in descending order
        least = tf.gather(largest, k - 1, axis=1)[:, None]
        return tf.where(x >= least, x, tf.zeros_like(x))

    def stored(self) -> StoredTopK:
        return StoredTopK(self.k, self.size)
