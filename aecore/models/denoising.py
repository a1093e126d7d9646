"""The denoising autoencoder: it sees a corrupted image and must give back the clean one (Vincent et al. 2008, 2010)."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from aecore.backend import tf
from aecore.datasets import Dataset, Split
from aecore.hyperparameters import hyperparameter
from aecore.models.base import Noise, Preset, Tensor, register
from aecore.models.stacked import Stacked, StackedConfig


class DenoisingConfig(StackedConfig):
    corruption: str = hyperparameter(
        "gaussian", "Corruption", "Add Gaussian noise to every pixel, or drop pixels at random.", choices=("gaussian", "dropout")
    )
    noise_level: float = hyperparameter(
        0.4, "Noise level", "Standard deviation of the noise; the pixels run from 0 to 1.",
        low=0, high=10, slider=(0, 1), when=("corruption", "gaussian"),
    )  # fmt: skip
    keep_prob: float = hyperparameter(
        0.7, "Kept pixels", "The chance that a pixel survives; the others are set to 0.",
        above=0, high=1, slider=(0.1, 1), when=("corruption", "dropout"),
    )  # fmt: skip
    rescale: bool = hyperparameter(
        False, "Rescale kept pixels", "Divide survivors by the chance to survive, as dropout does. Masking noise (Vincent) does not.",
        when=("corruption", "dropout"),
    )  # fmt: skip


@register
class Denoising(Stacked):
    name = "denoising"
    title = "Denoising"
    sentence = "The encoder sees a corrupted image; the loss compares the output with the clean one."
    captions = ("encoder, sees a corrupted image", "codings", "decoder, owes the clean one")
    formula = r"\tilde x=x+\sigma\varepsilon\ \text{ or }\ m\odot x,\qquad \mathcal L=\frac1B\sum_b\frac1D\lVert g(f(\tilde x_b))-x_b\rVert^2+\lambda\,\tfrac12\sum_w w^2"
    Config = DenoisingConfig
    presets: ClassVar = {
        "recommended": Preset("Recommended", "Gaussian noise of 0.4: strong enough to matter, weak enough to undo."),
        "course": Preset("As in the course", "Noise of standard deviation 1, far beyond the pixels' own range.",
                         {"noise_level": 1.0, "schedule": "constant", "learning_rate": 0.01, "epochs": 10, "activation": "relu", "output": "linear"}),
        "course_dropout": Preset("As in the course, dropout", "Inputs dropped with chance 0.3; survivors are scaled up, as TensorFlow's dropout did.",
                                 {"corruption": "dropout", "keep_prob": 0.7, "rescale": True, "schedule": "constant",
                                  "learning_rate": 0.01, "epochs": 10, "activation": "relu", "output": "linear"}),
    }  # fmt: skip

    def corrupt(self, x: Tensor, noise: Noise) -> Tensor:
        if self.config.corruption == "gaussian":
            return x + self.config.noise_level * noise.normal(x)
        kept = noise.kept(x, self.config.keep_prob) * x
        return kept / self.config.keep_prob if self.config.rescale else kept

    def meters(self, split: Split, dataset: Dataset) -> dict[str, float]:
        """The error from corrupted inputs against the clean ones (mean over images and pixels), with a fixed seed."""
        x = split.floats()
        seen = self.corrupt(tf.constant(x), Noise(0, 0))
        return {"mse_from_noisy": float(np.mean(np.square(self.reconstruct(seen).numpy() - x, dtype=np.float64)))}
