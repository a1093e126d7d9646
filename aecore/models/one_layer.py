"""One wide layer of codings; the decoder has the encoder's weights, transposed.

The k-sparse and the contractive autoencoder build on it.
"""

from __future__ import annotations

from typing import Any

from aecore.hyperparameters import Config, redeclared
from aecore.layers import Shape, Spec, Transposed, size_of
from aecore.models.base import Autoencoder
from aecore.models.declarations import BATCH_MEAN, MEAN_ERROR, LossTerm


class OneLayerConfig(Config):
    codings_size: int = redeclared(Config, "codings_size", 1000, slider=(10, 1000),
        help="How many coding units; may be more than the inputs.")  # fmt: skip
    batch_size: int = redeclared(Config, "batch_size", 100)
    first_output: str = redeclared(Config, "first_output", "mean")
    epochs: int = redeclared(Config, "epochs", 10)


class OneLayer(Autoencoder):
    ties_weights = True

    # For its variants' formulas.
    error = LossTerm(
        rf"{BATCH_MEAN}\frac1D\lVert\sigma(h_bW^{{\top}}+d)-x_b\rVert^2",
        "squared pixels",
        MEAN_ERROR,
    )
    symbols = {
        "x_b": "image $b$ of a batch of $B$, with $D$ pixels",
        "h_b": "its codings",
        r"W,\ c,\ d": "the kernel and the two biases",
    }

    @classmethod
    def decoder_layers(cls, config: Any, shape: Shape) -> list[Spec]:
        return [Transposed(0, size_of(shape), "sigmoid")]
