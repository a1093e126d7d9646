"""Measures single units of a layer by their activations on test inputs.

Everywhere `a` is [n, units]: the activation of each unit for each of n inputs.
"""

from __future__ import annotations

import numpy as np

Array = np.ndarray
FLAT = 0.01  # the mean slope, as a share of the steepest, below which a unit counts as saturated


def saturated(a: Array, activation: str) -> Array:
    """Returns which units are saturated, bool [units].

    Those whose activation function is so flat where the inputs put it that hardly any gradient
    passes: its slope, a mean over the inputs, is below 1 % of the steepest one. So a sigmoid unit
    stuck at 0 or 1 is saturated, and a rectifier that never fires. A linear unit never is.
    """
    flat: Array = slopes(a, activation).mean(axis=0) < FLAT
    return flat


def varying(deviation: Array) -> Array:
    """Returns which units distinguish inputs, by their standard deviations over them, bool [units].

    Not those below 0.001, or below 1 % of the mean of all.
    """
    found: Array = deviation >= max(0.01 * float(deviation.mean()), 1e-3)
    return found


def slopes(a: Array, activation: str) -> Array:
    """Returns the activation function's slope where it gave `a`, as a share of its steepest."""
    if activation == "sigmoid":
        found = 4 * a * (1 - a)
    elif activation == "tanh":
        found = 1 - a * a
    elif activation == "relu":
        found = (a > 0).astype(a.dtype)
    elif activation == "elu":
        found = np.where(a > 0, 1, a + 1)
    elif activation == "selu":  # as an ELU, but steepest just below 0: 1.0507 * 1.6733 = 1.7581
        found = np.where(a > 0, 1.0507009873554805, a + 1.7580993408473766) / 1.7580993408473766
    else:
        found = np.ones_like(a)
    return np.asarray(found)


def selectivity(a: Array, labels: Array) -> Array:
    """Returns the share of each unit's variance that the class explains, [units], 0 to 1.

    It is the squared correlation ratio of Pearson (1905): the variance of the classes' means,
    weighted by their sizes, over the whole variance. 0: every class has the same mean. 1: the
    class fixes the activation. A unit that never varies has 0.
    """
    a = a.astype(np.float64)
    centred = a - a.mean(axis=0)
    between = np.zeros(a.shape[1])
    for label in np.unique(labels):
        rows = labels == label
        between += rows.sum() * centred[rows].mean(axis=0) ** 2
    whole = np.square(centred).sum(axis=0)
    share: Array = np.divide(between, whole, out=np.zeros_like(whole), where=whole > 1e-12 * len(a))
    return share


def class_means(a: Array, labels: Array, classes: int) -> Array:
    """Returns each class's mean activation, [classes, units]; NaN for a class without inputs."""
    means = np.full((classes, a.shape[1]), np.nan)
    for label in np.unique(labels):
        means[label] = a[labels == label].mean(axis=0, dtype=np.float64)
    return means


def correlations(a: Array, unit: int) -> Array:
    """Returns the correlation of one unit's activations with every unit's, [units].

    0 for a unit that never varies.
    """
    centred = a.astype(np.float64) - a.mean(axis=0, dtype=np.float64)
    sizes = np.linalg.norm(centred, axis=0)
    both = sizes * sizes[unit]
    found: Array = np.divide(
        centred.T @ centred[:, unit], both, out=np.zeros_like(both), where=both > 1e-12 * len(a)
    )
    return found


def bands(values: Array, n: int) -> dict[str, Array]:
    """Returns the rows of n inputs from each band of one unit's activations, values [inputs].

    The highest; those about the upper quartile; about the median; the lowest. Within a band from
    high to low. With few inputs an input may be in two bands.
    """
    order = np.argsort(-values, kind="stable")
    n, last = min(n, len(order)), len(order)

    def about(share: float) -> Array:
        first = min(max(0, round(share * last) - n // 2), last - n)
        rows: Array = order[first : first + n]
        return rows

    return {
        "highest": about(0),
        "upper quarter": about(0.25),
        "middle": about(0.5),
        "lowest": about(1),
    }
