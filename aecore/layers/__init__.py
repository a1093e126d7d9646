"""The kinds of layers, one file each: what a variant declares, what TensorFlow trains, what NumPy and the browser compute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aecore.layers.base import KINDS, Shape, Spec, Stored, Trainable, size_of
from aecore.layers.convolution import (
    Convolution,
    StoredConvolution,
    StoredTransposedConvolution,
    TransposedConvolution,
)
from aecore.layers.dense import Dense, StoredDense, Transposed
from aecore.layers.top_k import StoredTopK, TopK


def run(layers: Sequence[Trainable], x: Any) -> Any:
    """x [B, n] through all layers in turn."""
    for layer in layers:
        x = layer(x)
    return x


__all__ = [
    "KINDS", "Convolution", "Dense", "Shape", "Spec", "Stored", "StoredConvolution", "StoredDense", "StoredTopK", "StoredTransposedConvolution",
    "TopK", "Trainable", "Transposed", "TransposedConvolution", "run", "size_of",
]  # fmt: skip
