"""The dense layer: activation(x @ kernel + bias).

The kernel is its own, or that of another layer, transposed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from aecore.backend import tf
from aecore.layers.activations import ACTIVATIONS
from aecore.layers.base import (
    Array,
    Shape,
    Spec,
    StoredWithKernel,
    Tensor,
    Trainable,
    TrainableWithKernel,
    first_kernel,
    register,
    size_of,
)


@register
@dataclass(frozen=True)
class StoredDense(StoredWithKernel):
    """kernel [n_inputs, n_outputs], bias [n_outputs]."""

    kernel: Array
    bias: Array
    activation: str
    kind = "dense"

    @property
    def n_inputs(self) -> int:
        return int(self.kernel.shape[0])

    @property
    def n_outputs(self) -> int:
        return int(self.kernel.shape[1])

    def __call__(self, x: Array) -> Array:
        return ACTIVATIONS[self.activation](x @ self.kernel + self.bias)

    def settings(self) -> dict[str, Any]:
        return {"activation": self.activation}

    @classmethod
    def restore(cls, settings: Mapping[str, Any], arrays: Mapping[str, Array]) -> StoredDense:
        return cls(arrays["kernel"], arrays["bias"], settings["activation"])

    def identity(self) -> str:
        return f"{self.activation} {self.kernel.shape}"


@dataclass(frozen=True)
class Dense(Spec):
    """A dense layer with its own kernel.

    orthogonal: starts from an orthogonal kernel, for networks without activations (Saxe et al.
    2014).
    """

    units: int
    activation: str = "linear"
    orthogonal: bool = False

    def output_shape(self, shape: Shape) -> Shape:
        return (self.units,)

    def parameters(self, shape: Shape) -> int:
        return (size_of(shape) + 1) * self.units

    def build(
        self, shape: Shape, rng: np.random.Generator, encoder: Sequence[Trainable] = ()
    ) -> TrainableDense:
        n_in = size_of(shape)
        if self.orthogonal:
            normal = rng.standard_normal((n_in, self.units), dtype=np.float32)
            left, _, right = np.linalg.svd(normal, full_matrices=False)
            return TrainableDense(left @ right, self.activation)
        kernel = first_kernel((n_in, self.units), n_in, self.units, self.activation, rng)
        return TrainableDense(kernel, self.activation)


class TrainableDense(TrainableWithKernel):
    def __init__(self, kernel: Array, activation: str):
        super().__init__(kernel, kernel.shape[1], activation)

    def logits(self, x: Tensor) -> Tensor:
        return tf.nn.bias_add(tf.matmul(x, self.kernel), self.bias)

    def stored(self) -> StoredDense:
        return StoredDense(np.asarray(self.kernel), np.asarray(self.bias), self.activation)


@dataclass(frozen=True)
class Transposed(Spec):
    """A dense layer whose kernel is that of the encoder's layer `of`, transposed.

    Its bias is its own. units: the number of inputs of that layer.
    """

    of: int
    units: int
    activation: str = "linear"

    def output_shape(self, shape: Shape) -> Shape:
        return (self.units,)

    def parameters(self, shape: Shape) -> int:
        return self.units

    def untied_parameters(self, shape: Shape) -> int:
        return (size_of(shape) + 1) * self.units

    def build(
        self, shape: Shape, rng: np.random.Generator, encoder: Sequence[Trainable] = ()
    ) -> TrainableTransposed:
        return TrainableTransposed(cast(TrainableDense, encoder[self.of]), self.activation)


class TrainableTransposed(Trainable):
    """It owns no kernel: the encoder trains and decays the shared one."""

    def __init__(self, source: TrainableDense, activation: str):
        self.source = source
        self.bias = tf.Variable(tf.zeros([source.kernel.shape[0]]), name="bias")
        self.activation = activation

    @property
    def kernel(self) -> Tensor:
        return tf.transpose(self.source.kernel)

    @property
    def variables(self) -> list[Any]:
        return [self.bias]

    def logits(self, x: Tensor) -> Tensor:
        return tf.nn.bias_add(tf.matmul(x, self.source.kernel, transpose_b=True), self.bias)

    def stored(self) -> StoredDense:
        return StoredDense(np.asarray(self.kernel), np.asarray(self.bias), self.activation)
