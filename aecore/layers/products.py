"""Matrix products whose kernel gradients can be deferred.

The training engine then decides when and on which core to compute them.
"""

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
    """One product with a kernel, whose gradient through it is left^T @ right.

    Both factors have one row for each input.
    """

    place: int  # in the order in which the products were recorded
    kernel: int  # its id: TensorFlow never frees what a gradient function refers to
    left: Tensor
    right: Tensor


class DeferredProducts:
    """Leaves each kernel's gradient as two factors, which the caller multiplies.

    Record a loss within `recording()` and differentiate it within `collecting()`. The tape then
    returns all gradients except those of `variables` through their products, whose factors are
    in `uses`.

    Other differentiation is TensorFlow's own and complete: a variant's own tape within its loss,
    or a product with a tensor that is not in `variables`. Not supported is a gradient function that
    differentiates through a product while the outer tape calls it; one through which the loss goes
    too is refused, as its factors would be counted twice.
    """

    def __init__(self, variables: list[Any]):
        self.uses: list[Use] = []
        self._variables = {id(variable) for variable in variables}
        self._recorded = 0
        self._graph: Any = None  # the graph whose factors are collected; None: collect none

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
                if any(use.place == place for use in self.uses):
                    raise NotImplementedError(
                        "A gradient function of this loss differentiates through a layer itself; "
                        "expected it to use what the layer returned. Take a tape within the loss."
                    )
                self.uses.append(Use(place, key, left, right))
                return dx, None

            return tf.matmul(x, weights, transpose_b=transposed), backward

        return tf.custom_gradient(product)(x, tf.convert_to_tensor(kernel))


_deferred: ContextVar[DeferredProducts | None] = ContextVar("deferred products", default=None)


def multiply(x: Tensor, kernel: Any, transposed: bool = False) -> Tensor:
    """x @ kernel, or x @ kernel^T."""
    deferred = _deferred.get()
    if deferred:
        return deferred.multiply(x, kernel, transposed)
    return tf.matmul(x, kernel, transpose_b=transposed)
