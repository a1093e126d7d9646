"""Convolutions with strides, and their transposes (Masci et al. 2011; Dumoulin & Visin 2016, "A guide to convolution arithmetic").

Padding is TensorFlow's "SAME": with stride s, n rows become ceil(n / s), and what is padded is split evenly, the odd row last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from aecore.backend import tf
from aecore.layers.activations import ACTIVATIONS
from aecore.layers.base import (
    Array,
    Shape,
    Spec,
    Stored,
    Tensor,
    Trainable,
    first_kernel,
    register,
    size_of,
)

Image = tuple[int, int, int]  # height, width, channels


def _strided(shape: Shape, strides: int) -> tuple[int, int]:
    """Rows and columns after a convolution of inputs (height, width, ...)."""
    return -(-shape[0] // strides), -(-shape[1] // strides)


def _padding(n: int, size: int, strides: int) -> tuple[int, int]:
    """How many rows of zeros come before and behind n rows, for a kernel of `size` rows."""
    total = max((-(-n // strides) - 1) * strides + size - n, 0)
    return total // 2, total - total // 2


def _places(shape: Image, size: int, strides: int) -> tuple[Array, tuple[int, int]]:
    """Where the windows of a convolution lie in a padded image: flat indices [windows, size * size * channels]; and the padded rows and columns."""
    (top, bottom), (left, right) = (_padding(n, size, strides) for n in shape[:2])
    height, width, channels = shape[0] + top + bottom, shape[1] + left + right, shape[2]
    rows, columns = _strided(shape, strides)
    corner = (strides * np.arange(rows)[:, None] * width + strides * np.arange(columns)) * channels
    window = (
        np.arange(size)[:, None, None] * width + np.arange(size)[:, None]
    ) * channels + np.arange(channels)
    return corner.reshape(-1, 1) + window.reshape(1, -1), (height, width)


def _blocks(n: int) -> Iterator[slice]:
    """n rows, 250 at a time: the windows of an image take 25 times its memory."""
    return (slice(start, start + 250) for start in range(0, n, 250))


@register
@dataclass(frozen=True)
class StoredConvolution(Stored):
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
        rows, columns = _strided(self.input_shape, self.strides)
        return rows * columns * len(self.bias)

    def __call__(self, x: Array) -> Array:
        size = self.kernel.shape[0]
        places, _ = _places(self.input_shape, size, self.strides)
        pads = [(0, 0), *(_padding(n, size, self.strides) for n in self.input_shape[:2]), (0, 0)]
        out = np.empty((len(x), self.n_outputs), np.float32)
        for rows in _blocks(len(x)):
            padded = np.pad(x[rows].reshape(-1, *self.input_shape), pads).reshape(len(x[rows]), -1)
            windows = padded[:, places] @ self.kernel.reshape(-1, len(self.bias)) + self.bias
            out[rows] = ACTIVATIONS[self.activation](windows).reshape(len(padded), -1)
        return out

    def settings(self) -> dict[str, Any]:
        return {
            "activation": self.activation,
            "input_shape": list(self.input_shape),
            "strides": self.strides,
        }

    def arrays(self) -> dict[str, Array]:
        return {"kernel": self.kernel, "bias": self.bias}

    @classmethod
    def restore(cls, settings: Mapping[str, Any], arrays: Mapping[str, Array]) -> StoredConvolution:
        height, width, channels = map(int, settings["input_shape"])
        return cls(
            arrays["kernel"],
            arrays["bias"],
            settings["activation"],
            (height, width, channels),
            int(settings["strides"]),
        )


@register
@dataclass(frozen=True)
class StoredTransposedConvolution(Stored):
    """kernel [size, size, filters, channels of the inputs], bias [filters]; `image_shape` is that of its outputs."""

    kernel: Array
    bias: Array
    activation: str
    image_shape: Image
    strides: int
    kind = "transposed_convolution"

    @property
    def n_inputs(self) -> int:
        rows, columns = _strided(self.image_shape, self.strides)
        return rows * columns * self.kernel.shape[3]

    @property
    def n_outputs(self) -> int:
        return size_of(self.image_shape)

    def __call__(self, x: Array) -> Array:
        out = np.empty((len(x), self.n_outputs), np.float32)
        for rows in _blocks(len(x)):
            image = self._drawn(x[rows]) + self.bias
            out[rows] = ACTIVATIONS[self.activation](image).reshape(len(image), -1)
        return out

    def _drawn(self, x: Array) -> Array:
        """The sum of all kernels, each as strong as its input, at the places where a convolution would look: [B, height, width, filters]."""
        size, _, filters, channels = self.kernel.shape
        places, (height, width) = _places(self.image_shape, size, self.strides)
        windows = (
            x.reshape(-1, channels) @ self.kernel.reshape(-1, channels).T
        )  # [B * windows, size * size * filters]
        padded = np.zeros((len(x), height * width * filters), np.float32)
        for part, window in zip(
            windows.reshape(len(x), len(places), -1).swapaxes(0, 1), places, strict=True
        ):
            padded[:, window] += part
        (top, _), (left, _) = (_padding(n, size, self.strides) for n in self.image_shape[:2])
        return padded.reshape(len(x), height, width, filters)[
            :, top : top + self.image_shape[0], left : left + self.image_shape[1]
        ]

    def settings(self) -> dict[str, Any]:
        return {
            "activation": self.activation,
            "output_shape": list(self.image_shape),
            "strides": self.strides,
        }

    def arrays(self) -> dict[str, Array]:
        return {"kernel": self.kernel, "bias": self.bias}

    @classmethod
    def restore(
        cls, settings: Mapping[str, Any], arrays: Mapping[str, Array]
    ) -> StoredTransposedConvolution:
        height, width, channels = map(int, settings["output_shape"])
        return cls(
            arrays["kernel"],
            arrays["bias"],
            settings["activation"],
            (height, width, channels),
            int(settings["strides"]),
        )


@dataclass(frozen=True)
class Convolution(Spec):
    """`filters` kernels of size x size, moved over an image in steps of `strides`."""

    filters: int
    size: int
    strides: int
    activation: str = "linear"

    def output_shape(self, shape: Shape) -> Shape:
        return (*_strided(shape, self.strides), self.filters)

    def parameters(self, shape: Shape) -> int:
        return (self.size * self.size * shape[2] + 1) * self.filters

    def build(
        self, shape: Shape, rng: np.random.Generator, encoder: Sequence[Trainable] = ()
    ) -> TrainableConvolution:
        area, channels = self.size * self.size, shape[2]
        fans = area * channels, area * self.filters / self.strides**2
        kernel = first_kernel(
            (self.size, self.size, channels, self.filters),
            fans[0],
            round(fans[1]),
            self.activation,
            rng,
        )
        return TrainableConvolution(kernel, self.activation, cast(Image, shape), self.strides)


class TrainableConvolution(Trainable):
    def __init__(self, kernel: Array, activation: str, input_shape: Image, strides: int):
        self.kernel = tf.Variable(kernel, name="kernel")
        self.bias = tf.Variable(tf.zeros([kernel.shape[3]]), name="bias")
        self.activation, self.input_shape, self.strides = activation, input_shape, strides

    @property
    def variables(self) -> list[Any]:
        return [self.kernel, self.bias]

    @property
    def kernels(self) -> list[Any]:
        return [self.kernel]

    def logits(self, x: Tensor) -> Tensor:
        images = tf.reshape(x, [-1, *self.input_shape])
        out = tf.nn.bias_add(
            tf.nn.conv2d(images, self.kernel, self.strides, "SAME"), self.bias
        )  # [B, rows, columns, filters]
        return tf.reshape(out, [-1, int(np.prod(out.shape[1:]))])

    def stored(self) -> StoredConvolution:
        return StoredConvolution(
            np.asarray(self.kernel),
            np.asarray(self.bias),
            self.activation,
            self.input_shape,
            self.strides,
        )


@dataclass(frozen=True)
class TransposedConvolution(Spec):
    """Undoes the shape of a convolution of images of `image_shape`: each number draws a kernel of size x size."""

    image_shape: Image
    size: int
    strides: int
    activation: str = "linear"

    def output_shape(self, shape: Shape) -> Shape:
        return self.image_shape

    def _channels(self, shape: Shape) -> int:
        rows, columns = _strided(self.image_shape, self.strides)
        return size_of(shape) // (rows * columns)

    def parameters(self, shape: Shape) -> int:
        return (self.size * self.size * self._channels(shape) + 1) * self.image_shape[2]

    def build(
        self, shape: Shape, rng: np.random.Generator, encoder: Sequence[Trainable] = ()
    ) -> TrainableTransposedConvolution:
        area, channels, filters = self.size * self.size, self._channels(shape), self.image_shape[2]
        fans = (
            round(area * channels / self.strides**2),
            area * filters,
        )  # each output is reached from one kernel number in strides^2
        kernel = first_kernel(
            (self.size, self.size, filters, channels),
            max(1, fans[0]),
            fans[1],
            self.activation,
            rng,
        )
        return TrainableTransposedConvolution(
            kernel, self.activation, self.image_shape, self.strides
        )


class TrainableTransposedConvolution(Trainable):
    def __init__(self, kernel: Array, activation: str, image_shape: Image, strides: int):
        self.kernel = tf.Variable(kernel, name="kernel")
        self.bias = tf.Variable(tf.zeros([kernel.shape[2]]), name="bias")
        self.activation, self.image_shape, self.strides = activation, image_shape, strides

    @property
    def variables(self) -> list[Any]:
        return [self.kernel, self.bias]

    @property
    def kernels(self) -> list[Any]:
        return [self.kernel]

    def logits(self, x: Tensor) -> Tensor:
        inputs = tf.reshape(
            x, [-1, *_strided(self.image_shape, self.strides), self.kernel.shape[3]]
        )
        shape = [tf.shape(x)[0], *self.image_shape]
        out = tf.nn.bias_add(
            tf.nn.conv2d_transpose(inputs, self.kernel, shape, self.strides, "SAME"), self.bias
        )
        return tf.reshape(out, [-1, size_of(self.image_shape)])

    def stored(self) -> StoredTransposedConvolution:
        return StoredTransposedConvolution(
            np.asarray(self.kernel),
            np.asarray(self.bias),
            self.activation,
            self.image_shape,
            self.strides,
        )
