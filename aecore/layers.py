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
class Use:
    """One product that a kernel took part in: left^T @ right is the kernel's gradient through it; both have a row for each input."""

    place: int  # among the products, as they were recorded
    kernel: int  # its id: TensorFlow keeps what a gradient function holds for as long as the process lives
    left: Tensor
    right: Tensor


class DeferredProducts:
    """Leaves the kernels' gradients as two factors, so that the caller multiplies them when and how it likes.

    Record a loss within `recording()`, differentiate it within `collecting()`: the tape then gives everything but the products of `variables`
    with what goes through them, whose factors are in `uses`. Any other differentiation (a variant's own tape within its loss, a product of
    something that is not one of `variables`) is TensorFlow's own and complete. Only a gradient function that itself asks for a gradient while
    it is called by the outer one would not be.
    """

    def __init__(self, variables: list[Any]):
        self.uses: list[Use] = []
        self._variables = {id(variable) for variable in variables}
        self._recorded = 0
        self._graph: Any = None  # in which the factors are wanted; None: none are

    @contextmanager
    def recording(self) -> Iterator[None]:
        token = _deferred.set(self)
        try:
            yield
        finally:
            _deferred.reset(token)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        self._graph = tf.compat.v1.get_default_graph()
        try:
            yield
        finally:
            self._graph = None

    def multiply(self, x: Tensor, kernel: Any, transposed: bool) -> Tensor:
        """x @ kernel, or x @ kernel^T."""
        key, place = id(kernel), self._recorded
        if key not in self._variables:
            return tf.matmul(x, kernel, transpose_b=transposed)
        self._recorded += 1

        def product(x: Tensor, weights: Tensor) -> tuple[Tensor, Any]:
            def backward(dy: Tensor) -> tuple[Tensor, Tensor | None]:
                left, right = (dy, x) if transposed else (x, dy)
                dx = tf.matmul(dy, weights, transpose_b=not transposed)
                if tf.compat.v1.get_default_graph() is not self._graph:
                    return dx, tf.matmul(left, right, transpose_a=True)
                self.uses.append(Use(place, key, left, right))
                return dx, None

            return tf.matmul(x, weights, transpose_b=transposed), backward

        return tf.custom_gradient(product)(x, tf.convert_to_tensor(kernel))


_deferred: ContextVar[DeferredProducts | None] = ContextVar("deferred products", default=None)


def multiply(x: Tensor, kernel: Any, transposed: bool = False) -> Tensor:
    """x @ kernel, or x @ kernel^T."""
    deferred = _deferred.get()
    return deferred.multiply(x, kernel, transposed) if deferred else tf.matmul(x, kernel, transpose_b=transposed)


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
