"""The k-sparse autoencoder: of all codings only the k largest are kept, for each image anew (Makhzani & Frey 2013).

No loss asks for sparseness: what is not among the k largest is set to zero, in training and afterwards.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from aecore import losses
from aecore.backend import tf
from aecore.data.dataset import Dataset, Split
from aecore.hyperparameters import Config, hyperparameter, redeclared
from aecore.layers import Dense, Shape, Spec, TopK, Transposed, size_of
from aecore.layers.top_k import TrainableTopK
from aecore.models.base import Autoencoder, Tensor, register
from aecore.models.declarations import Formula, Metric, Preset
from aecore.models.phases import StepContext, Term

FALLS_OVER = 0.5  # of the steps: as in their section 4.2.1


class KSparseConfig(Config):
    codings_size: int = redeclared(
        Config,
        "codings_size",
        1000,
        slider=(10, 1000),
        help="How many units share the work; more than the input has is fine.",
    )
    k: int = hyperparameter(
        25,
        "Kept codings (k)",
        "How many codings each image may use: the largest ones; the others are set to 0.",
        low=1,
        high=4096,
        slider=(1, 200),
    )
    first_k: int = hyperparameter(
        400, "Kept at first", "Training begins with so many kept codings, and lets them fall to k over its first half: else most units are never used.",
        low=1, high=4096, slider=(1, 500),
    )  # fmt: skip
    learning_rate: float = redeclared(Config, "learning_rate", 0.006)
    batch_size: int = redeclared(Config, "batch_size", 100)
    first_output: str = redeclared(Config, "first_output", "mean")
    epochs: int = redeclared(Config, "epochs", 10)


@register
class KSparse(Autoencoder):
    name = "k_sparse"
    title = "K-sparse"
    order = 62
    sentence = "Each image may use only k codings, the largest ones: sparse by construction, with no weight to tune."
    captions = (
        "encoder, then the k largest",
        "codings, most of them 0",
        "decoder: the encoder's weights, transposed",
    )
    Config = KSparseConfig
    ties_weights = True
    presets: ClassVar = {
        "recommended": Preset("Recommended", "1,000 linear units, of which each image uses 25.")
    }
    spares_codings = True
    metrics: ClassVar = Autoencoder.metrics | {
        "dead_codings": Metric("codings that none of these images uses"),
        "share_in_use": Metric("share of the codings that are not 0, mean over the images"),
    }

    @classmethod
    def encoder_layers(cls, config: Any, shape: Shape) -> list[Spec]:
        return [Dense(config.codings_size), TopK(config.k)]

    @classmethod
    def decoder_layers(cls, config: Any, shape: Shape) -> list[Spec]:
        return [Transposed(0, size_of(shape), "sigmoid")]

    def terms(self, x: Tensor, context: StepContext) -> dict[str, Term]:
        units, top = self.encoder[0], cast(TrainableTopK, self.encoder[1])
        most = max(self.config.first_k, self.config.k)
        falling = tf.cast(most - self.config.k, tf.float32) * tf.maximum(
            0.0, 1 - context.progress / FALLS_OVER
        )
        kept = self.config.k + tf.cast(falling, tf.int32)
        codings = top.keep(
            units(x), tf.minimum(kept, top.size), min(most, top.size)
        )  # [B, codings_size]
        return {"reconstruction_loss": Term(losses.squared_error(x, self.decode(codings)))}

    def measure(self, split: Split, dataset: Dataset) -> dict[str, float]:
        codings = self.encode(tf.constant(split.floats())).numpy()
        return super().measure(split, dataset) | {"share_in_use": float(np.mean(codings != 0))}

    @classmethod
    def alive(cls, codings: np.ndarray) -> np.ndarray:
        return np.any(codings != 0, axis=0)

    @classmethod
    def formula(cls, config: Any) -> Formula:
        symbols = {
            r"x_b": "image $b$ of a batch of $B$, with $D$ pixels", "h_b": "its codings", r"W,\ c,\ d": "the kernel and the two biases",
            r"\text{top}_k": f"keeps the $k={config.k}$ largest numbers and sets the others to 0",
        }  # fmt: skip
        return Formula(
            r"\mathcal L=\frac1B\sum_b\frac1D\lVert\sigma(h_bW^{\top}+d)-x_b\rVert^2", symbols, "squared pixels, a mean over the pixels",
            where=r"h_b=\text{top}_k(x_bW+c)",
        )  # fmt: skip
