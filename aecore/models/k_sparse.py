"""The k-sparse autoencoder: each image keeps only the k largest codings (Makhzani & Frey 2013).

The loss has no sparsity term: all other codings are set to zero, in training and afterwards.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np
from pydantic import model_validator

from aecore import losses
from aecore.backend import tf
from aecore.data.dataset import Dataset, Split
from aecore.hyperparameters import hyperparameter, redeclared
from aecore.layers import Dense, Shape, Spec, TopK
from aecore.layers.top_k import TrainableTopK
from aecore.models.base import Tensor, register
from aecore.models.declarations import Formula, Metric, Preset
from aecore.models.one_layer import OneLayer, OneLayerConfig
from aecore.models.phases import StepContext, Term

FALLS_OVER = 0.5  # of the steps, as in their section 4.2.1: else many units are never used


class KSparseConfig(OneLayerConfig):
    k: int = hyperparameter(25, "Kept codings (k)",
        "How many codings each image may use, the largest ones.",
        low=1, high=4096, slider=(1, 200))  # fmt: skip
    first_k: int = hyperparameter(400, "Kept at first",
        "Codings kept at the first step; "
        "the number falls to k over the first half of the training.",
        low=1, high=4096, slider=(1, 500))  # fmt: skip
    learning_rate: float = redeclared(OneLayerConfig, "learning_rate", 0.006)

    @model_validator(mode="after")
    def _enough_codings(self) -> KSparseConfig:
        if self.k > self.codings_size:
            limit = f"expected at most the {self.codings_size} codings"
            raise ValueError(f"Kept codings (k) is {self.k}; {limit}. Lower k, or take more.")
        return self


@register
class KSparse(OneLayer):
    name, title, order = "k_sparse", "K-sparse", 62
    curves = "In the first half more codings are kept for the solid curve than for the dashed one."
    sentence = ("Each image may use only k codings, the largest ones: "
                "sparse by construction, with no weight to tune.")  # fmt: skip
    captions = ("encoder, then the k largest", "codings, most of them 0",
                "decoder: the encoder's weights, transposed")  # fmt: skip
    Config = KSparseConfig
    spares_codings = True
    presets: ClassVar = {"recommended": Preset("Recommended",
        "1,000 linear units, of which each image uses 25.")}  # fmt: skip
    metrics: ClassVar = {
        "dead_codings": Metric(
            "codings that none of these images uses",
            reading="How many codings none of these images uses: a count, best 0."),
        "share_in_use": Metric(
            "share of the codings that are not 0, mean over the images",
            reading="The share of the codings that are not 0, a mean over the images: at most k of "
            "all the codings."),
    }  # fmt: skip

    @classmethod
    def encoder_layers(cls, config: Any, shape: Shape) -> list[Spec]:
        return [Dense(config.codings_size), TopK(config.k)]

    def terms(self, x: Tensor, context: StepContext) -> dict[str, Term]:
        codings = self.annealed(x, context.progress) if context.training else self.encode(x)
        return {"reconstruction_loss": Term(losses.squared_error(x, self.decode(codings)))}

    def annealed(self, x: Tensor, progress: Tensor) -> Tensor:
        """Codings [B, codings_size] with the k largest kept, k as at this share of the steps."""
        units, top = self.encoder[0], cast(TrainableTopK, self.encoder[1])
        k, most = top.k, min(max(self.config.first_k, top.k), top.size)
        share = tf.maximum(0.0, 1 - tf.cast(progress, tf.float32) / FALLS_OVER)
        return top.keep(units(x), k + tf.cast(tf.round((most - k) * share), tf.int32), most)

    def measure(self, split: Split, dataset: Dataset) -> dict[str, float]:
        codings = self.encode(tf.constant(split.floats())).numpy()
        return super().measure(split, dataset) | {"share_in_use": float(np.mean(codings != 0))}

    @classmethod
    def alive(cls, codings: np.ndarray) -> np.ndarray:
        return np.asarray(np.any(codings != 0, axis=0))

    @classmethod
    def formula(cls, config: Any) -> Formula:
        keeps = f"keeps the $k={config.k}$ largest numbers and sets the others to 0"
        if (most := min(config.first_k, config.codings_size)) > config.k:
            keeps += f" (in the first half of the training more, from {most} down to {config.k})"
        return Formula(
            {"reconstruction_loss": cls.error},
            cls.symbols | {r"\text{top}_k": keeps},
            where=r"h_b=\text{top}_k(x_bW+c)",
        )
