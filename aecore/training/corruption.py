"""What is done to an image before a network sees it: noise on every pixel, or pixels missing (Vincent et al. 2008, 2010).

One definition for whoever corrupts: the denoising variant while it trains (tensors, and noise that counts its draws) and the pages while they
show what it did (arrays, on a server without TensorFlow). It is plain arithmetic on `x` and on the draws that it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

Array = np.ndarray
KINDS = ("gaussian", "dropout")
COMMON_NOISE = 0.4  # the standard deviation at which every network's cleaning is measured, whatever it was trained with


class Draws(Protocol):
    """Where the randomness comes from; `like` gives the shape, [B, n]."""

    def normal(self, like: Any) -> Any: ...

    def keep_mask(self, like: Any, keep_prob: float) -> Any: ...


@dataclass(frozen=True)
class Corruption:
    """`strength` is the noise's standard deviation (gaussian; pixels run from 0 to 1), or the chance that a pixel survives (dropout)."""

    kind: str
    strength: float
    rescale: bool = False  # dropout: survivors divided by their chance to survive, which masking noise does not do

    def __call__(self, x: Any, draws: Draws) -> Any:
        """x [B, n], tensor or array -> what the encoder sees of it."""
        if self.kind == "gaussian":
            return x + self.strength * draws.normal(x)
        kept = draws.keep_mask(x, self.strength) * x
        return kept / self.strength if self.rescale else kept


class DrawsOfRows:
    """Draws in NumPy, one stream an image: image `rows[i]` has the same draw whichever others are looked at with it."""

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
