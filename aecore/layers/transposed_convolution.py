"""Transposed convolutions: each input draws a kernel into an image (Dumoulin & Visin 2016)."""

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
class StoredTransposedConvolution(StoredWithKernel):
    """kernel [size, size, filters, channels of the inputs], bias [filters].

    image_shape: of its outputs.
    """

    kernel: Array
    bias: Array
    activation: str
    image_shape: Image
    strides: int
    kind = "transposed_convolution"

    @property
    def n_inputs(self) -> int:
        rows, columns = geometry.strided(self.image_shape, self.strides)
        return rows * columns * int(self.kernel.shape[3])

    @property
    def n_outputs(self) -> int:
        return size_of(self.image_shape)

    def __call__(self, x: Array) -> Array:
        out = np.empty((len(x), self.n_outputs), np.float32)
        windows = geometry.windows(self.image_shape, self.kernel.shape[0], self.strides)
        for rows in geometry.blocks(len(x), windows[0]):
            image = self._drawn(x[rows], *windows) + self.bias
            out[rows] = ACTIVATIONS[self.activation](image).reshape(len(image), -1)
        return out

    def _drawn(self, x: Array, pixels: Array, padded_size: tuple[int, int]) -> Array:
        """Adds up the kernels, each scaled by its input: [B, height, width, filters].

        A kernel is added to the pixels that a convolution would read for that input: `pixels`, in
        an image of `padded_size`.
        """
        size, _, filters, channels = self.kernel.shape
        height, width = padded_size
        scaled = x.reshape(-1, channels) @ self.kernel.reshape(-1, channels).T
        windows = scaled.reshape(len(x), len(pixels), -1)  # [B, windows, size * size * filters]
        padded = np.zeros((len(x), height * width * filters), np.float32)
        for part, window in zip(windows.swapaxes(0, 1), pixels, strict=True):
            padded[:, window] += part
        rows, columns, _ = self.image_shape
        top, left = (geometry.padding(n, size, self.strides)[0] for n in (rows, columns))
        images = padded.reshape(len(x), height, width, filters)
        return images[:, top : top + rows, left : left + columns]

    def settings(self) -> dict[str, Any]:
        shape = list(self.image_shape)
        return {"activation": self.activation, "output_shape": shape, "strides": self.strides}

    @classmethod
    def restore(
        cls, settings: Mapping[str, Any], arrays: Mapping[str, Array]
    ) -> StoredTransposedConvolution:
        shape, strides = geometry.image(settings["output_shape"]), int(settings["strides"])
        return cls(arrays["kernel"], arrays["bias"], settings["activation"], shape, strides)


@dataclass(frozen=True)
class TransposedConvolution(Spec):
    """Reverses the shapes of a convolution: its outputs have `image_shape`.

    Each input draws a kernel of size x size.
    """

    image_shape: Image
    size: int
    strides: int
    activation: str = "linear"

    def output_shape(self, shape: Shape) -> Shape:
        return self.image_shape

    def _channels(self, shape: Shape) -> int:
        rows, columns = geometry.strided(self.image_shape, self.strides)
        return size_of(shape) // (rows * columns)

    def parameters(self, shape: Shape) -> int:
        return (self.size * self.size * self._channels(shape) + 1) * self.image_shape[2]

    def build(
        self, shape: Shape, rng: np.random.Generator, encoder: Sequence[Trainable] = ()
    ) -> TrainableTransposedConvolution:
        area, channels, filters = self.size * self.size, self._channels(shape), self.image_shape[2]
        # An output depends on one in strides^2 of the kernel's numbers.
        fan_in, fan_out = max(1, round(area * channels / self.strides**2)), area * filters
        kernel_shape = (self.size, self.size, filters, channels)
        kernel = first_kernel(kernel_shape, fan_in, fan_out, self.activation, rng)
        return TrainableTransposedConvolution(
            kernel, self.activation, self.image_shape, self.strides
        )


class TrainableTransposedConvolution(TrainableWithKernel):
    def __init__(self, kernel: Array, activation: str, image_shape: Image, strides: int):
        super().__init__(kernel, kernel.shape[2], activation)
        self.image_shape, self.strides = image_shape, strides

    def logits(self, x: Tensor) -> Tensor:
        rows, columns = geometry.strided(self.image_shape, self.strides)
        inputs = tf.reshape(x, [-1, rows, columns, self.kernel.shape[3]])
        shape = [tf.shape(x)[0], *self.image_shape]
        products = tf.nn.conv2d_transpose(inputs, self.kernel, shape, self.strides, "SAME")
        return tf.reshape(tf.nn.bias_add(products, self.bias), [-1, size_of(self.image_shape)])

    def stored(self) -> StoredTransposedConvolution:
        kernel, bias = np.asarray(self.kernel), np.asarray(self.bias)
        return StoredTransposedConvolution(
            kernel, bias, self.activation, self.image_shape, self.strides
        )
