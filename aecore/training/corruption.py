"""Corrupts images: noise on every pixel, or missing pixels (Vincent et al. 2008, 2010).

There is one definition for the denoising variant, which trains on tensors, and for the pages,
which show arrays on a server without TensorFlow. It is plain arithmetic on `x` and on random draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

Array = np.ndarray
KINDS = {"gaussian": "Gaussian noise", "dropout": "dropped pixels"}  # and their titles
# The standard deviation at which every network's denoising is measured, however it was trained.
COMMON_NOISE = 0.4
TYPICAL_KEEP_PROB = 0.7  # for a network that keeps some pixels, if nobody sets it


class Draws(Protocol):
    """A source of random draws in the shape of `like`, [B, n]."""

    def normal(self, like: Any) -> Any: ...

    def keep_mask(self, like: Any, keep_prob: float) -> Any: ...


@dataclass(frozen=True)
class Corruption:
    """A kind of corruption and its strength.

    strength: the noise's standard deviation (gaussian; pixels are from 0 to 1), or the chance that
    a pixel survives (dropout).
    """

    kind: str
    strength: float
    # Dropout divides the survivors by their chance to survive. Masking noise does not.
    rescale: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(
                f"'{self.kind}' is not a corruption; expected one of {', '.join(KINDS)}."
            )

    def __call__(self, x: Any, draws: Draws) -> Any:
        """Returns the corrupted x [B, n], a tensor or an array."""
        if self.kind == "gaussian":
            return x + self.strength * draws.normal(x)
        kept = draws.keep_mask(x, self.strength) * x
        return kept / self.strength if self.rescale else kept


class DrawsOfRows:
    """Draws in NumPy, with one random stream for each image.

    Image `rows[i]` has the same draws in every selection of rows.
    """

    def __init__(self, rows: Sequence[int] | Array):
        self._streams = [np.random.default_rng([0, int(row)]) for row in rows]

    def normal(self, like: Array) -> Array:
        return np.stack(
            [rng.standard_normal(like.shape[1], dtype=np.float32) for rng in self._streams]
        )

    def keep_mask(self, like: Array, keep_prob: float) -> Array:
        return np.stack(
            [rng.random(like.shape[1], dtype=np.float32) < keep_prob for rng in self._streams]
        ).astype(np.float32)
