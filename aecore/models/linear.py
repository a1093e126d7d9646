"""The linear autoencoder, which finds the subspace of PCA (Bourlard & Kamp 1988; Baldi & Hornik 1989)."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from aecore.datasets import Dataset, Split
from aecore.hyperparameters import Config, redeclared
from aecore.layers import Dense
from aecore.models.base import Autoencoder, Preset, register
from aecore.pca import subspace_angle


class LinearConfig(Config):
    codings_size: int = redeclared(Config, "codings_size", 2, slider=(1, 100))


@register
class Linear(Autoencoder):
    name = "linear"
    title = "Linear"
    sentence = "With no activations, an autoencoder finds the same subspace and the same error as PCA."
    captions = ("a matrix", "codings", "another matrix")
    formula = r"\mathcal L=\frac1B\sum_{b=1}^{B}\frac1D\lVert (x_bW_1+b_1)W_2+b_2-x_b\rVert^2"
    Config = LinearConfig
    takes_points = True
    presets: ClassVar = {
        "course": Preset("As in the course", "3-D points to 2 codings: 1,000 steps over all points at once, learning rate 0.01.",
                         {"learning_rate": 0.01, "schedule": "constant", "batch_size": 60_000, "epochs": 1000}, "points3d"),
        "recommended": Preset("Recommended", "Mini-batches and a rate that falls to zero, which is what settles on the subspace of images.",
                              {"learning_rate": 0.01, "codings_size": 10, "epochs": 20}, "digits"),
    }  # fmt: skip

    def build_encoder(self, rng: np.random.Generator) -> list[Dense]:
        return [Dense(self.n_inputs, self.config.codings_size, "linear", rng, orthogonal=True)]

    def build_decoder(self, rng: np.random.Generator) -> list[Dense]:
        return [Dense(self.config.codings_size, self.n_inputs, "linear", rng, orthogonal=True)]

    def meters(self, split: Split, dataset: Dataset) -> dict[str, float]:
        """The largest angle between what the decoder can draw and PCA's subspace, in degrees."""
        axes = dataset.pca.components[: self.config.codings_size]
        return {"subspace_angle_degrees": subspace_angle(np.asarray(self.decoder[0].kernel), axes)}
