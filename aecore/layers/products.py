"""The products of the layers, with gradients that the engine may multiply out when and how it likes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from aecore.backend import tf

Tensor = Any


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
    return (
        deferred.multiply(x, kernel, transposed)
        if deferred
        else tf.matmul(x, kernel, transpose_b=transposed)
    )
