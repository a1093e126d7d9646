"""The activations by name, for arrays and for tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from aecore.backend import tf

Array = np.ndarray
RECTIFIERS = ("elu", "relu", "selu")  # kernels before them start with He's variance


def _elu(x: Array) -> Array:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def _sigmoid(x: Array) -> Array:
    return 0.5 * (1 + np.tanh(0.5 * x))  # 1 / (1 + exp(-x)) without its overflow


def _selu(x: Array) -> Array:
    return 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0)))


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda x: x,
    "elu": _elu,
    "relu": lambda x: np.maximum(x, 0),
    "selu": _selu,
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
    "exponential": np.exp,  # of a stored standard deviation; no layer is trained with it
}


def activate(activation: str, x: Any) -> Any:
    """The named activation of a tensor; "linear" returns it unchanged."""
    return x if activation == "linear" else getattr(tf.nn, activation)(x)
