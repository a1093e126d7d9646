"""The layers of every autoencoder here: y = activation(x @ kernel + bias), with the kernel its own or another's transpose.

They are plain objects, so that a network is just a list of (kernel, bias, activation): the form in which it is stored,
decoded by NumPy on the server (`aecore.network`) and decoded in the browser.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import numpy as np

from aecore.backend import tf

Tensor = Any


def activate(activation: str, x: Tensor) -> Tensor:
    """The named activation of a tensor; "linear" gives it back."""
    return x if activation == "linear" else getattr(tf.nn, activation)(x)


@dataclass(frozen=True)
class Product:
    """One use of a kernel: y = x @ kernel, or x @ kernel^T."""

    kernel: Any  # the variable
    x: Tensor
    y: Tensor
    transposed: bool

    def factors(self, dy: Tensor) -> tuple[Tensor, Tensor]:
        """(a, b) such that a^T @ b is the kernel's gradient through this use, where dy is that of y. Both have the batch's rows."""
        return (dy, self.x) if self.transposed else (self.x, dy)


_listening: ContextVar[tuple[Any, list[Product]] | None] = ContextVar("products", default=None)


@contextmanager
def products(tape: Any) -> Iterator[list[Product]]:
    """Every product taken within, so that whoever wants the kernels' gradients can multiply their factors out when and how it likes.

    `tape` then follows each y, and no longer the kernels through their products (any other use of a kernel it follows as ever).
    """
    taken: list[Product] = []
    token = _listening.set((tape, taken))
    try:
        yield taken
    finally:
        _listening.reset(token)


def multiply(x: Tensor, kernel: Any, transposed: bool = False) -> Tensor:
    """x @ kernel, or x @ kernel^T."""
    listener = _listening.get()
    if listener is None:
        return tf.matmul(x, kernel, transpose_b=transposed)
    tape, taken = listener
    y = tf.matmul(x, tf.stop_gradient(kernel), transpose_b=transposed)
    tape.watch(y)
    taken.append(Product(kernel, x, y, transposed))
    return y


class Dense:
    """A layer with its own kernel [n_in, n_out] and bias [n_out].

    Kernels start normal with variance 2 / n_in if the activation is a rectifier (He et al. 2015), 2 / (n_in + n_out)
    elsewhere (Glorot & Bengio 2010), or orthogonal, which suits networks with no activations at all (Saxe et al. 2014); biases start
    at zero. The draw is `rng`'s, so a seed repeats the network exactly.
    """

    def __init__(self, n_in: int, n_out: int, activation: str, rng: np.random.Generator, orthogonal: bool = False):
        kernel = rng.standard_normal((n_in, n_out), dtype=np.float32)
        if orthogonal:
            left, _, right = np.linalg.svd(kernel, full_matrices=False)
            kernel = left @ right
        else:
            kernel *= np.float32(math.sqrt(2 / n_in if activation in ("elu", "relu", "selu") else 2 / (n_in + n_out)))
        self.kernel = tf.Variable(kernel, name="kernel")
        self.bias = tf.Variable(tf.zeros([n_out]), name="bias")
        self.activation = activation

    @property
    def variables(self) -> list[Any]:
        return [self.kernel, self.bias]

    @property
    def kernels(self) -> list[Any]:
        """The kernels that are this layer's own: what weight decay counts."""
        return [self.kernel]

    def logits(self, x: Tensor) -> Tensor:
        """What goes into the activation: x @ kernel + bias, [B, n_out]."""
        return tf.nn.bias_add(multiply(x, self.kernel), self.bias)

    def __call__(self, x: Tensor) -> Tensor:
        return activate(self.activation, self.logits(x))


class TransposedDense(Dense):
    """A layer whose kernel is another layer's, transposed: half the weights of a pair. Its bias is its own."""

    def __init__(self, source: Dense, activation: str):
        self.source = source
        self.bias = tf.Variable(tf.zeros([source.kernel.shape[0]]), name="bias")
        self.activation = activation

    @property
    def kernel(self) -> Tensor:
        return tf.transpose(self.source.kernel)

    @property
    def variables(self) -> list[Any]:
        return [self.bias]

    @property
    def kernels(self) -> list[Any]:
        return []  # the kernel is decayed once, where it lives

    def logits(self, x: Tensor) -> Tensor:
        return tf.nn.bias_add(multiply(x, self.source.kernel, transposed=True), self.bias)


def run(layers: list[Dense], x: Tensor) -> Tensor:
    """Through all layers in turn."""
    for layer in layers:
        x = layer(x)
    return x
