"""Keeps the k largest of its inputs and sets the others to zero (Makhzani & Frey 2013, "k-sparse autoencoders")."""

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
        order = np.argsort(-x, axis=1, kind="stable")[:, : self.k]  # of equals the first
        kept = np.zeros_like(x)
        np.put_along_axis(kept, order, np.take_along_axis(x, order, axis=1), axis=1)
        return kept

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

    def build(self, shape: Shape, rng: np.random.Generator, encoder: Sequence[Trainable] = ()) -> TrainableTopK:
        return TrainableTopK(min(self.k, size_of(shape)), size_of(shape))


class TrainableTopK(Trainable):
    """Its gradient goes through what is kept, and nowhere else."""

    def __init__(self, k: int, size: int):
        self.k, self.size = k, size

    @property
    def variables(self) -> list[Any]:
        return []

    def logits(self, x: Tensor) -> Tensor:
        values, indices = tf.math.top_k(x, self.k, sorted=False)
        rows = tf.repeat(tf.range(tf.shape(x)[0])[:, None], self.k, axis=1)
        return tf.scatter_nd(tf.stack([rows, indices], axis=2), values, tf.shape(x))

    def stored(self) -> StoredTopK:
        return StoredTopK(self.k, self.size)
