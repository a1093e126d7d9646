"""The contractive autoencoder: its codings change little when the image does (Rifai et al. 2011).

Its loss adds the squared slopes of every coding by every pixel. Only directions in which the
training images differ are worth that price, so the encoder becomes flat in all others. The decoder
shares its weights; otherwise the encoder would shrink while the decoder grows.
"""

from __future__ import annotations

from typing import Any, ClassVar

from aecore import losses
from aecore.backend import tf
from aecore.data.dataset import Dataset, Split
from aecore.hyperparameters import hyperparameter, redeclared
from aecore.layers import Dense, Shape, Spec
from aecore.models.base import Tensor, register
from aecore.models.declarations import BATCH_MEAN, Formula, LossTerm, Metric, Preset
from aecore.models.one_layer import OneLayer, OneLayerConfig
from aecore.models.phases import StepContext, Term


class ContractiveConfig(OneLayerConfig):
    learning_rate: float = redeclared(OneLayerConfig, "learning_rate", 0.003)
    contraction_weight: float = hyperparameter(0.0003, "Contraction weight",
        "How much the squared slopes count beside the reconstruction; 0 is a plain autoencoder.",
        low=0, high=100, slider=(1e-5, 0.01), log=True, weighs="contraction_loss")  # fmt: skip


@register
class Contractive(OneLayer):
    name, title, order = "contractive", "Contractive", 65
    sentence = ("The loss penalises how strongly the codings react to pixels, "
                "so they react mainly to how digits differ.")  # fmt: skip
    captions = ("encoder, kept flat", "codings", "decoder: the encoder's weights, transposed")
    Config = ContractiveConfig
    presets: ClassVar = {"recommended": Preset("Recommended",
        "1,000 sigmoid units, enough weight on the slopes that each unit settles on a stroke.",
    )}  # fmt: skip
    metrics: ClassVar = OneLayer.metrics | {
        "contraction_loss": Metric("the squared slopes, times the contraction weight"),
        "squared_slopes": Metric(
            "of all codings by all pixels, summed for each image, mean over the images",
            reading="How strongly the codings react to the pixels: the squared slopes, a sum over "
            "codings and pixels, a mean over the images; less is flatter."),
    }  # fmt: skip

    @classmethod
    def encoder_layers(cls, config: Any, shape: Shape) -> list[Spec]:
        return [Dense(config.codings_size, "sigmoid")]

    def terms(self, x: Tensor, context: StepContext) -> dict[str, Term]:
        codings = self.encode(x)  # [B, codings_size]
        return {
            "reconstruction_loss": Term(losses.squared_error(x, self.decode(codings))),
            "contraction_loss": Term(self.config.contraction_weight * self.squared_slopes(codings)),
        }

    def squared_slopes(self, codings: Tensor) -> Tensor:
        """|dh/dx|_F^2 = sum_j (h_j (1 - h_j))^2 sum_i W_ij^2, for h = sigmoid(x W + c). [B]"""
        lengths = tf.reduce_sum(tf.square(self.encoder[0].kernel), axis=0)  # [codings_size]
        return tf.reduce_sum(tf.square(codings * (1 - codings)) * lengths, axis=1)

    def measure(self, split: Split, dataset: Dataset) -> dict[str, float]:
        slopes = tf.reduce_mean(self.squared_slopes(self.encode(tf.constant(split.floats()))))
        return super().measure(split, dataset) | {"squared_slopes": float(slopes)}

    @classmethod
    def formula(cls, config: Any) -> Formula:
        weight = f"the contraction weight, {config.contraction_weight:g} here"
        slopes = r"\Big\lVert\frac{\partial h_b}{\partial x_b}\Big\rVert_F^2"
        squares = r"\sum_j\big[h_{bj}(1-h_{bj})\big]^2\sum_iW_{ij}^2"
        contraction = LossTerm(
            rf"w\,{BATCH_MEAN}{slopes}", f"{config.contraction_weight:g} × slopes²",
            "a sum over codings and pixels, a mean over the batch")  # fmt: skip
        terms = {"reconstruction_loss": cls.error, "contraction_loss": contraction}
        where = rf"h_b=\sigma(x_bW+c),\qquad{slopes}={squares}"
        return Formula(terms, cls.symbols | {"w": weight}, where)
