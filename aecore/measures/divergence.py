"""Measures what each random coding tells of an input: its divergence from the prior.

Kingma & Welling (2014), appendix B. A coding without divergence is the same cloud for every input.
"""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def kl_of_codings(mean: Array, deviation: Array) -> Array:
    """Returns each coding's KL from N(0, 1) in nats, a mean over the inputs, [codings].

    mean, deviation: of each input's Gaussian, [n, codings].
    """
    variance = np.maximum(np.square(deviation, dtype=np.float64), 1e-30)
    kl = 0.5 * (variance + np.square(mean, dtype=np.float64) - 1 - np.log(variance))
    found: Array = kl.mean(axis=0)
    return found
