"""Takes the matrix products out of a gradient, so that the engine can compute them as it likes.

A kernel's gradient is a sum with one product left^T @ right for each use of the kernel in a dense
layer. The factors are tall: they have a row for each image. In a compiled function the tape returns
this sum as operations that have not run yet. They are read here, not made: the gradient stays the
plain tape's, whatever the loss does, and is only added up in another way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aecore.backend import tf

Tensor = Any


@dataclass(frozen=True)
class Product:
    """left^T @ right, from left [rows, m] and right [rows, n]."""

    left: Tensor
    right: Tensor


def take_apart(gradient: Tensor | None) -> tuple[list[Product], list[Tensor]]:
    """Returns the products, in the order of the forward pass, and the other summands of a gradient.

    An operation that becomes superfluous is never run: TensorFlow drops it from the function.
    """
    if gradient is None:
        return [], []
    if not isinstance(gradient, tf.Tensor):  # rows of a gathered kernel
        return [], [gradient]
    operation = gradient.op
    if operation.type == "AddN":  # the tape lists the last use first
        products: list[Product] = []
        others: list[Tensor] = []
        for summand in operation.inputs:
            more, rest = take_apart(summand)
            products = more + products
            others += rest
        return products, others
    transposed = (True, False)
    if operation.type == "MatMul" and transposed == (
        operation.get_attr("transpose_a"),
        operation.get_attr("transpose_b"),
    ):
        return [Product(*operation.inputs)], []
    return [], [gradient]
