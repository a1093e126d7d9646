"""The contractive autoencoder: the codings may hardly move when the image does (Rifai et al. 2011).

Its loss adds the squared slopes of every coding by every pixel. Only what the training images differ in is worth its price, so the encoder
becomes flat in all other directions; that its weights are the decoder's too keeps it from shrinking while the decoder grows.
"""

from __future__ import annotations

from typing import Any, ClassVar

from aecore import losses
from aecore.backend import tf
from aecore.data.dataset import Dataset, Split
from aecore.hyperparameters import Config, hyperparameter, redeclared
from aecore.layers import Dense, Shape, Spec, Transposed, size_of
from aecore.models.base import Autoencoder, Tensor, register
from aecore.models.declarations import Formula, Metric, Preset
from aecore.models.phases import StepContext, Term


class ContractiveConfig(Config):
    codings_size: int = redeclared(
        Config,
        "codings_size",
        1000,
        slider=(10, 1000),
        help="How many units share the work; more than the input has is fine.",
    )
    learning_rate: float = redeclared(Config, "learning_rate", 0.003)
    batch_size: int = redeclared(Config, "batch_size", 100)
    first_output: str = redeclared(Config, "first_output", "mean")
    epochs: int = redeclared(Config, "epochs", 10)
    contraction_weight: float = hyperparameter(
        0.0003, "Contraction weight", "What a slope of the codings costs beside the reconstruction; 0 is a plain autoencoder.",
        low=0, high=100, slider=(1e-5, 0.01), log=True,
    )  # fmt: skip


@register
class Contractive(Autoencoder):
    name = "contractive"
    title = "Contractive"
    sentence = "The codings pay for every pixel they react to, so they keep still unless an image changes as digits do."
    order = 65
    captions = ("encoder, kept flat", "codings", "decoder: the encoder's weights, transposed")
    Config = ContractiveConfig
    ties_weights = True
    presets: ClassVar = {
        "recommended": Preset(
            "Recommended",
            "1,000 sigmoid units, enough weight on the slopes that each unit settles on a stroke.",
        )
    }
    metrics: ClassVar = Autoencoder.metrics | {
        "contraction_loss": Metric("the squared slopes, times the contraction weight"),
        "squared_slopes": Metric(
            "of all codings by all pixels, summed for each image, mean over the images"
        ),
    }

    @classmethod
    def encoder_layers(cls, config: Any, shape: Shape) -> list[Spec]:
        return [Dense(config.codings_size, "sigmoid")]

    @classmethod
    def decoder_layers(cls, config: Any, shape: Shape) -> list[Spec]:
        return [Transposed(0, size_of(shape), "sigmoid")]

    def terms(self, x: Tensor, context: StepContext) -> dict[str, Term]:
        codings = self.encode(x)  # [B, codings_size]
        return {
            "reconstruction_loss": Term(losses.squared_error(x, self.decode(codings))),
            "contraction_loss": Term(self.config.contraction_weight * self.squared_slopes(codings)),
        }

    def squared_slopes(self, codings: Tensor) -> Tensor:
        """|dh/dx|_F^2 = sum_j (h_j (1 - h_j))^2 sum_i W_ij^2, for codings h [B, codings_size] = sigmoid(x W + b). Returns [B]."""
        lengths = tf.reduce_sum(tf.square(self.encoder[0].kernel), axis=0)  # [codings_size]
        return tf.reduce_sum(tf.square(codings * (1 - codings)) * lengths, axis=1)

    def measure(self, split: Split, dataset: Dataset) -> dict[str, float]:
        codings = self.encode(tf.constant(split.floats()))
        return super().measure(split, dataset) | {
            "squared_slopes": float(tf.reduce_mean(self.squared_slopes(codings)))
        }

    @classmethod
    def units(cls, config: Any) -> dict[str, str]:
        return {
            "reconstruction_loss": "squared pixels",
            "contraction_loss": f"{config.contraction_weight:g} × slopes²",
        }

    @classmethod
    def formula(cls, config: Any) -> Formula:
        symbols = {
            r"x_b": "image $b$ of a batch of $B$, with $D$ pixels", "h_b": "its codings", r"W,\ c,\ d": "the kernel and the two biases",
            "w": f"the contraction weight, {config.contraction_weight:g} here",
        }  # fmt: skip
        loss = r"\mathcal L=\frac1B\sum_b\Big\{\frac1D\lVert\sigma(h_bW^{\top}+d)-x_b\rVert^2+w\Big\lVert\frac{\partial h_b}{\partial x_b}\Big\rVert_F^2\Big\}"
        where = r"h_b=\sigma(x_bW+c),\qquad\Big\lVert\frac{\partial h_b}{\partial x_b}\Big\rVert_F^2=\sum_j\big[h_{bj}(1-h_{bj})\big]^2\sum_iW_{ij}^2"
        return Formula(
            loss,
            symbols,
            r"squared pixels (a mean over the pixels), plus $w$ times squared codings a squared pixel (a sum over both)",
            where=where,
        )
