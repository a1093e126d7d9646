"""The linear autoencoder, which finds the subspace of PCA
(Bourlard & Kamp 1988; Baldi & Hornik 1989)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from aecore.backend import tf
from aecore.data.dataset import RESIDENT_ROWS, Dataset, Split
from aecore.hyperparameters import Config, redeclared
from aecore.layers import Dense, Shape, Spec, size_of
from aecore.measures.pca import subspace_angle
from aecore.models.base import Autoencoder, register
from aecore.models.declarations import BATCH_MEAN, Formula, LossTerm, Metric, Preset


class LinearConfig(Config):
    """Its first output stays at zero, so that training ends 3.6 degrees from PCA's subspace.

    From the mean it ends 51 and 60 degrees from it (digits, 10 codings, seeds 0 and 1).
    """

    codings_size: int = redeclared(Config, "codings_size", 2, slider=(1, 100))


@register
class Linear(Autoencoder):
    name, title, menu_title, order = "linear", "Linear", "Linear = PCA", 10
    sentence = (
        "With no activations, an autoencoder finds the same subspace and the same error as PCA."
    )
    captions = ("encoder: a matrix", "codings", "decoder: another matrix")
    Config = LinearConfig
    takes_points = True
    beside_pca = True
    presets: ClassVar = {
        "course": Preset(
            "As in the course",
            "3-D points to 2 codings: 1,000 steps over all points at once, learning rate 0.01.",
            {"learning_rate": 0.01, "schedule": "constant", "batch_size": 60_000, "epochs": 1000},
            "points3d",
        ),
        "recommended": Preset(
            "Recommended", "Mini-batches and a rate that falls to zero, "
            "with which training reaches PCA's error on images.",
            {"learning_rate": 0.01, "codings_size": 10, "epochs": 20}, "digits",
        ),
    }  # fmt: skip
    metrics: ClassVar = Autoencoder.metrics | {
        "subspace_angle_degrees": Metric(
            "largest angle between the learned subspace and PCA's",
            "subspace angle",
            "°",
            "down",
            of_inputs=False,
            reading="The largest angle between the subspace that the network learned and that of "
            "PCA, in degrees: 0° if they are the same, at most 90°.",
        ),
        "train_mse": Metric("mse on the training inputs", better="down"),
        "pca_train_mse": Metric(
            "the exact PCA's on the training inputs: no linear network can have less there"
        ),
    }

    @classmethod
    def encoder_layers(cls, config: Any, shape: Shape) -> list[Spec]:
        return [Dense(config.codings_size, orthogonal=True)]

    @classmethod
    def decoder_layers(cls, config: Any, shape: Shape) -> list[Spec]:
        return [Dense(size_of(shape), orthogonal=True)]

    def measure(self, split: Split, dataset: Dataset) -> dict[str, float]:
        axes = dataset.pca.components[: self.config.codings_size]
        angle = subspace_angle(np.asarray(self.decoder[0].kernel), axes)
        return super().measure(split, dataset) | {"subspace_angle_degrees": angle}

    def measure_at_end(self, dataset: Dataset) -> dict[str, float]:
        """The errors on the training inputs, the only ones on which no linear network beats PCA."""
        x = dataset.train.floats(RESIDENT_ROWS)
        difference = self.reconstruct(tf.constant(x)).numpy() - x
        error = float(np.mean(np.square(difference, dtype=np.float64)))
        if self.config.codings_size >= self.n_inputs:  # PCA's error would be zero
            return {"train_mse": error}
        return {"train_mse": error, "pca_train_mse": dataset.pca.mse(x, self.config.codings_size)}

    @classmethod
    def formula(cls, config: Any) -> Formula:
        symbols = {
            "W_1, b_1": "the encoder's matrix and bias", "W_2, b_2": "the decoder's",
            "x_b": "input $b$ of a batch of $B$, with $D$ numbers",
        }  # fmt: skip
        error = LossTerm(
            rf"{BATCH_MEAN}\frac1D\lVert (x_bW_1+b_1)W_2+b_2-x_b\rVert^2",
            "squared error",  # of pixels, or of points in space
            "a mean over the numbers of an input and over the batch",
        )
        return Formula({"reconstruction_loss": error}, symbols)
