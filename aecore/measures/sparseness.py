"""Measures how sparse activations are, by the measure of Treves & Rolls (1991).

It is taken over units and over images (Willmore & Tolhurst 2001). For non-negative r_1 .. r_n it is
(mean r)^2 / mean(r^2): 1 if all are equal (dense), the share of active ones if some are equal and
the others 0, and 1/n if only one is active.
"""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def population(activations: Array) -> float:
    """Returns the share of the units that one image uses: the mean over the images.

    activations: [n, units], >= 0.
    """
    return _treves_rolls(activations, axis=1)


def lifetime(activations: Array) -> float:
    """Returns the share of the images that one unit responds to: the mean over the units.

    activations: [n, units], >= 0.
    """
    return _treves_rolls(activations, axis=0)


def _treves_rolls(r: Array, axis: int) -> float:
    """Returns the mean of (mean r)^2 / mean(r^2), which counts as 1 for a row of zeros."""
    square_of_mean = np.mean(r, axis=axis, dtype=np.float64) ** 2
    mean_of_square = np.mean(np.square(r, dtype=np.float64), axis=axis)
    ones = np.ones_like(mean_of_square)
    ratio = np.divide(square_of_mean, mean_of_square, out=ones, where=mean_of_square > 0)
    return float(np.mean(ratio))
