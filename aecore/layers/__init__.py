"""The kinds of layers, one file each.

A variant declares them, TensorFlow trains them, NumPy and the browser run them.
"""

from aecore.layers.base import KINDS, Shape, Spec, Stored, Trainable, size_of
from aecore.layers.convolution import Convolution, StoredConvolution
from aecore.layers.dense import Dense, StoredDense, Transposed
from aecore.layers.stack import run
from aecore.layers.top_k import StoredTopK, TopK
from aecore.layers.transposed_convolution import (
    StoredTransposedConvolution,
    TransposedConvolution,
)

__all__ = [
    "KINDS", "Convolution", "Dense", "Shape", "Spec", "Stored", "StoredConvolution", "StoredDense",
    "StoredTopK", "StoredTransposedConvolution", "TopK", "Trainable", "Transposed",
    "TransposedConvolution", "run", "size_of",
]  # fmt: skip
