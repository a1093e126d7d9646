"""The denoising autoencoder: it sees a corrupted image and must give back the clean one
(Vincent et al. 2008, 2010)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from aecore.backend import tf
from aecore.data.dataset import Dataset, Split
from aecore.hyperparameters import hyperparameter, redeclared
from aecore.models.base import register
from aecore.models.declarations import Formula, Metric, Preset
from aecore.models.stacked import COURSE, GLOROT, Stacked, StackedConfig
from aecore.training.corruption import KINDS, TYPICAL_KEEP_PROB, Corruption
from aecore.training.random import RandomStream


class DenoisingConfig(StackedConfig):
    codings_size: int = redeclared(StackedConfig, "codings_size", 150)
    # Without it a first-layer weight that the loss hardly feels keeps its random start. More of it
    # costs more error than it clears away (docs/performance.md has the table).
    weight_decay: float = redeclared(StackedConfig, "weight_decay", 1e-6)
    corruption: str = hyperparameter(
        "gaussian", "Corruption", "Add Gaussian noise to every pixel, or drop pixels at random.",
        choices=tuple(KINDS))  # fmt: skip
    noise_level: float = hyperparameter(
        0.4, "Noise level", "Standard deviation of the noise; the pixels run from 0 to 1.",
        low=0, high=10, slider=(0, 1), when=("corruption", "gaussian"))  # fmt: skip
    keep_prob: float = hyperparameter(
        TYPICAL_KEEP_PROB, "Kept pixels",
        "The chance that a pixel survives; the others are set to 0.",
        above=0, high=1, slider=(0.1, 1), when=("corruption", "dropout"))  # fmt: skip
    rescale: bool = hyperparameter(False, "Rescale kept pixels",
        "Divide survivors by the chance to survive, as dropout does. "
        "Masking noise (Vincent) does not.", when=("corruption", "dropout"))  # fmt: skip


NOISY_COURSE = COURSE | {"weight_decay": 0.0, "epochs": 10}


@register
class Denoising(Stacked):
    name, title, order = "denoising", "Denoising", 50
    sentence = (
        "The encoder sees a corrupted image; the loss compares the output with the clean one."
    )
    curves = "The solid curve is of corrupted images, the dashed one of clean ones."
    captions = ("encoder, sees a corrupted image", "codings", "decoder, must give the clean image")
    Config = DenoisingConfig
    presets: ClassVar = {
        "recommended": Preset(
            "Recommended",
            "Gaussian noise of 0.4: strong enough to matter, weak enough to undo. A very small "
            "weight decay takes some of the random start out of the first weights.",
        ),
        "course": Preset(
            "As in the course",
            "Noise of standard deviation 1, far beyond the pixels' own range. "
            "ReLU replaces the course's ELU, which at its rate of 0.01 gave no more than "
            "the mean image on MNIST (three seeds of three); on the digits both end at .032 to "
            f".036 from noisy images. {GLOROT.format('the last layer')}",
            NOISY_COURSE | {"noise_level": 1.0, "activation": "relu", "codings_activation": "relu"},
        ),
        "course_dropout": Preset(
            "As in the course, dropout",
            "Inputs dropped with chance 0.3; survivors are scaled up, as TensorFlow's dropout did. "
            + GLOROT.format("the last layer"),
            NOISY_COURSE | {"corruption": "dropout", "keep_prob": 0.7, "rescale": True},
        ),
    }  # fmt: skip
    metrics: ClassVar = Stacked.metrics | {
        "mse_from_noisy": Metric(
            "error against the clean image when the input is corrupted as in training",
            better="down", at_end=True,
            reading="How far what the network makes of corrupted images is from the clean ones: "
            "the squared difference, a mean over pixels and images; less is better."),
        "mse_of_noisy": Metric(
            "error of those corrupted images: what there is to clean", at_end=True,
            reading="How far the corrupted images themselves are from the clean ones: the squared "
            "difference, a mean over pixels and images; a network that cleans is below it."),
        "pca_mse_from_noisy": Metric(
            "the error of what exact PCA with as many codings makes of the same corrupted images",
            at_end=True,
            reading="How far what exact PCA with as many codings makes of the same corrupted "
            "images is from the clean ones: the squared difference, a mean over pixels and images; "
            "a network below it cleans better than PCA."),
    }  # fmt: skip

    @classmethod
    def corruption(cls, config: Any) -> Corruption:
        """The corruption that this config sets."""
        if config.corruption == "gaussian":
            return Corruption("gaussian", config.noise_level)
        return Corruption("dropout", config.keep_prob, config.rescale)

    def measure(self, split: Split, dataset: Dataset) -> dict[str, float]:
        error = self.cleaning_error(split.floats(), self.corruption(self.config))
        return super().measure(split, dataset) | {"mse_from_noisy": error}

    def measure_at_end(self, dataset: Dataset) -> dict[str, float]:
        """What the corrupted images are by themselves, and what PCA makes of the same ones."""
        x = dataset.test.floats()
        seen = self.corruption(self.config)(tf.constant(x), RandomStream.measuring()).numpy()
        figures = {"mse_of_noisy": float(np.mean(np.square(seen - x, dtype=np.float64)))}
        if self.config.codings_size < dataset.n_inputs:
            cleaned = dataset.pca.reconstruct(seen, self.config.codings_size)
            figures["pca_mse_from_noisy"] = float(np.mean(np.square(cleaned - x, dtype=np.float64)))
        return super().measure_at_end(dataset) | figures

    @classmethod
    def formula(cls, config: Any) -> Formula:
        plain = super().formula(config)
        if config.corruption == "gaussian":
            seen = r"x_b+\sigma\varepsilon_b"
            draw = r"$\varepsilon$ drawn from $N(0,1)$ for every pixel"
            word = rf"$\sigma={config.noise_level:g}$, {draw}"
        else:
            seen = r"m_b\odot x_b" + (f"/{config.keep_prob:g}" if config.rescale else "")
            word = f"$m$ is 1 with chance {config.keep_prob:g}, else 0, for every pixel"
        clean = plain.terms["reconstruction_loss"]
        error = replace(clean, latex=clean.latex.replace("f(x_b)", r"f(\tilde x_b)"))
        symbols = dict(plain.symbols) | {r"\tilde x_b": f"what the encoder sees: {word}"}
        terms = dict(plain.terms) | {"reconstruction_loss": error}
        return Formula(terms, symbols, rf"\tilde x_b={seen}")
