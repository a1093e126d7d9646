"""How sparse activations are: the measure of Treves & Rolls (1991), over units and over images (Willmore & Tolhurst 2001).

For non-negative r_1 .. r_n it is (mean r)^2 / mean(r^2): 1 if all are equal (dense), the share of active ones if some are equal and
the others 0, and 1/n where one alone is active.
"""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def population(activations: Array) -> float:
    """Of each image over the units, then the mean over the images: how many of the units one image uses. activations: [n, units], >= 0."""
    return _treves_rolls(activations, axis=1)


def lifetime(activations: Array) -> float:
    """Of each unit over the images, then the mean over the units: for how many of the images one unit speaks. activations: [n, units], >= 0."""
    return _treves_rolls(activations, axis=0)


def _treves_rolls(r: Array, axis: int) -> float:
    """The mean of (mean r)^2 / mean(r^2); 1 for a row of zeros, which tells nothing apart."""
    square_of_mean, mean_of_square = (
        np.mean(r, axis=axis, dtype=np.float64) ** 2,
        np.mean(np.square(r, dtype=np.float64), axis=axis),
    )
    return float(
        np.mean(
            np.divide(
                square_of_mean,
                mean_of_square,
                out=np.ones_like(mean_of_square),
                where=mean_of_square > 0,
            )
        )
    )
