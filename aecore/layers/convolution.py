"""Convolutions with strides (Masci et al. 2011)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aecore.backend import tf
from aecore.layers import geometry
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
from aecore.layers.geometry import Image


@register
@dataclass(frozen=True)
class StoredConvolution(StoredWithKernel):
    """kernel [size, size, channels, filters], bias [filters]."""

    kernel: Array
    bias: Array
    activation: str
    input_shape: Image
    strides: int
    kind = "convolution"

    @property
    def n_inputs(self) -> int:
        return size_of(self.input_shape)

    @property
    def n_outputs(self) -> int:
        rows, columns = geometry.strided(self.input_shape, self.strides)
        return rows * columns * len(self.bias)

    def __call__(self, x: Array) -> Array:
        size, strides, height_and_width = self.kernel.shape[0], self.strides, self.input_shape[:2]
        pixels, _ = geometry.windows(self.input_shape, size, strides)
        pads = [(0, 0), *(geometry.padding(n, size, strides) for n in height_and_width), (0, 0)]
        out = np.empty((len(x), self.n_outputs), np.float32)
        for rows in geometry.blocks(len(x), pixels):
            padded = np.pad(x[rows].reshape(-1, *self.input_shape), pads).reshape(len(x[rows]), -1)
            windows = padded[:, pixels] @ self.kernel.reshape(-1, len(self.bias)) + self.bias
            out[rows] = ACTIVATIONS[self.activation](windows).reshape(len(padded), -1)
        return out

    def settings(self) -> dict[str, Any]:
        shape = list(self.input_shape)
        return {"activation": self.activation, "input_shape": shape, "strides": self.strides}

    @classmethod
    def restore(cls, settings: Mapping[str, Any], arrays: Mapping[str, Array]) -> StoredConvolution:
        shape, strides = geometry.image(settings["input_shape"]), int(settings["strides"])
        return cls(arrays["kernel"], arrays["bias"], settings["activation"], shape, strides)


@dataclass(frozen=True)
class Convolution(Spec):
    """`filters` kernels of size x size, moved over an image in steps of `strides`."""

    filters: int
    size: int
    strides: int
    activation: str = "linear"

    def output_shape(self, shape: Shape) -> Shape:
        return (*geometry.strided(shape, self.strides), self.filters)

    def parameters(self, shape: Shape) -> int:
        return (self.size * self.size * shape[2] + 1) * self.filters

    def build(
        self, shape: Shape, rng: np.random.Generator, encoder: Sequence[Trainable] = ()
    ) -> TrainableConvolution:
        area, channels = self.size * self.size, shape[2]
        fan_in, fan_out = area * channels, round(area * self.filters / self.strides**2)
        kernel_shape = (self.size, self.size, channels, self.filters)
        kernel = first_kernel(kernel_shape, fan_in, fan_out, self.activation, rng)
        return TrainableConvolution(kernel, self.activation, geometry.image(shape), self.strides)


class TrainableConvolution(TrainableWithKernel):
    def __init__(self, kernel: Array, activation: str, input_shape: Image, strides: int):
        super().__init__(kernel, kernel.shape[3], activation)
        self.input_shape, self.strides = input_shape, strides

    def logits(self, x: Tensor) -> Tensor:
        images = tf.reshape(x, [-1, *self.input_shape])
        products = tf.nn.conv2d(images, self.kernel, self.strides, "SAME")
        out = tf.nn.bias_add(products, self.bias)  # [B, rows, columns, filters]
        return tf.reshape(out, [-1, int(np.prod(out.shape[1:]))])

    def stored(self) -> StoredConvolution:
        kernel, bias = np.asarray(self.kernel), np.asarray(self.bias)
        return StoredConvolution(kernel, bias, self.activation, self.input_shape, self.strides)
