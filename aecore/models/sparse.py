"""The sparse autoencoder: each coding is pulled to be active only a little on average
(Ng, CS294A notes, 2011)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from pydantic import model_validator

from aecore import losses
from aecore.backend import tf
from aecore.data.dataset import Dataset, Split
from aecore.hyperparameters import hyperparameter, redeclared
from aecore.measures import sparseness
from aecore.models.base import Tensor, register
from aecore.models.declarations import (
    BATCH_MEAN,
    CROSS_ENTROPY,
    MEAN_ERROR,
    Formula,
    LossTerm,
    Metric,
    Preset,
)
from aecore.models.phases import StepContext, Term
from aecore.models.stacked import GLOROT, Stacked, StackedConfig


class SparseConfig(StackedConfig):
    hidden_sizes: tuple[int, ...] = redeclared(StackedConfig, "hidden_sizes", ())
    codings_size: int = redeclared(StackedConfig, "codings_size", 1000, slider=(10, 1000),
        help="How many coding units; may be more than the inputs.")  # fmt: skip
    codings_activation: str = redeclared(
        StackedConfig, "codings_activation", "sigmoid", choices=("sigmoid",),
        help="An activity between 0 and 1, as the sparsity loss needs.")  # fmt: skip
    sparsity_target: float = hyperparameter(
        0.1, "Sparsity target", "The mean activation each coding should have over a batch.",
        above=0, high=0.99, slider=(0.01, 0.5))  # fmt: skip
    sparsity_weight: float = hyperparameter(0.001, "Sparsity weight",
        "How much the sparsity loss counts beside the reconstruction loss.",
        low=0, high=100, slider=(0.0001, 1), log=True, weighs="sparsity_loss")  # fmt: skip
    learning_rate: float = redeclared(StackedConfig, "learning_rate", 0.006)
    schedule: str = redeclared(StackedConfig, "schedule", "cosine")
    # "mean" leaves the units less to learn before their means settle, which ends in denser codes:
    # a population sparseness of .42 instead of .38 on MNIST.
    first_output: str = redeclared(StackedConfig, "first_output", "zero")
    batch_size: int = redeclared(StackedConfig, "batch_size", 150)
    epochs: int = redeclared(StackedConfig, "epochs", 8)
    reconstruction: str = hyperparameter(
        "squared_error", "Reconstruction loss",
        "Squared error, or cross-entropy from the logits; both averaged over the pixels.",
        choices=("squared_error", "cross_entropy"))  # fmt: skip

    @model_validator(mode="after")
    def _probable(self) -> SparseConfig:
        if self.reconstruction == "cross_entropy" and self.output != "sigmoid":
            needs = "expected sigmoid with cross-entropy, which needs pixels between 0 and 1"
            raise ValueError(f"Output is {self.output}; {needs}. Set one or the other.")
        return self


@register
class Sparse(Stacked):
    name, title, order = "sparse", "Sparse", 60
    sentence = "The mean activity of every coding is pulled to a small target."
    captions = ("encoder", "codings, pulled to a small mean", "decoder")
    Config = SparseConfig
    presets: ClassVar = {
        "recommended": Preset("Recommended", "A small weight: the means are held at the target, "
                              "and the units still free to be silent or loud."),
        "course": Preset("As in the course",
            "The course's weight of 0.2 and rate of 0.01: each unit is near the target for every "
            "image. Its text does not name the 1,000 units, the batches of 1,000 and the 100 "
            f"epochs; they are those of the notebook it follows. {GLOROT.format('both layers')}",
            {"sparsity_weight": 0.2, "learning_rate": 0.01, "schedule": "constant",
             "batch_size": 1000, "epochs": 100, "output": "linear"}),
    }  # fmt: skip
    metrics: ClassVar = Stacked.metrics | {
        "sparsity_loss": Metric("KL(target ‖ mean activation), a sum over the units, "
                                "times the sparsity weight"),
        "mean_activation": Metric(
            "mean over codings and images", target="sparsity_target",
            reading="How active the codings are, from 0 to 1, a mean over codings and images: the "
            "sparsity term pulls each coding's mean to the target."),
        "population_sparseness": Metric(
            "Treves and Rolls, over the units for each image: 1 is dense, less is sparser",
            reading="How evenly an image uses the units, a mean over the images: 1 if all are "
            "equally active, near 0 if only a few are."),
        "lifetime_sparseness": Metric(
            "the same over the images for each unit",
            reading="How evenly a unit answers the images, a mean over the units: 1 if it is "
            "equally active for all, near 0 if only for a few."),
        "share_above_half": Metric(
            "share of activations above 0.5",
            reading="The share of activations above 0.5, over codings and images: how much of the "
            "layer is clearly on."),
    }  # fmt: skip

    def terms(self, x: Tensor, context: StepContext) -> dict[str, Term]:
        codings = self.encode(x)  # [B, codings_size]
        if self.config.reconstruction == "cross_entropy":  # nats a pixel, as the weight expects
            error = losses.cross_entropy(x, self.logits(codings)) / self.n_inputs
        else:
            error = losses.squared_error(x, self.decode(codings))
        sparsity = Term(codings, self.sparsity_loss)
        return {"reconstruction_loss": Term(error), "sparsity_loss": sparsity}

    def sparsity_loss(self, mean_activation: Tensor) -> Tensor:
        """The weighted sum over the units, in nats. mean_activation: [codings_size], of a batch."""
        kl = losses.bernoulli_kl(self.config.sparsity_target, mean_activation)
        return self.config.sparsity_weight * tf.reduce_sum(kl)

    def measure(self, split: Split, dataset: Dataset) -> dict[str, float]:
        codings = self.encode(tf.constant(split.floats())).numpy()
        return super().measure(split, dataset) | {
            "mean_activation": float(codings.mean()),
            "population_sparseness": sparseness.population(codings),
            "lifetime_sparseness": sparseness.lifetime(codings),
            "share_above_half": float(np.mean(codings > 0.5)),
        }

    @classmethod
    def activity_target(cls, config: Any) -> float | None:
        return float(config.sparsity_target)

    @classmethod
    def formula(cls, config: Any) -> Formula:
        if config.reconstruction == "squared_error":
            pixels, error = ", with $D$ pixels", r"\frac1D\lVert\hat x_b-x_b\rVert^2"
            unit = "squared pixels"
        else:
            pixels = r"; its $D$ grey pixels $x_{bi}$ stand for the chance of ink"
            error, unit = rf"\frac1D{CROSS_ENTROPY}", "nats a pixel"
        symbols = {
            r"x_b": f"image $b$ of a batch of $B${pixels}",
            r"\hat x_b": "what the decoder makes of it",
            "h_{bj}": "the activation of unit $j$ for it, between 0 and 1",
            "q_j": "the mean activation of unit $j$ over the batch",
            "p": f"the target, {config.sparsity_target:g} here",
            "w": f"the sparsity weight, {config.sparsity_weight:g} here; the sum grows with the "
            "number of units, so a weight means less with fewer of them",
        }
        kl = r"\sum_j\Big[p\log\frac{p}{q_j}+(1-p)\log\frac{1-p}{1-q_j}\Big]"
        sparsity = LossTerm(
            f"w{kl}", f"{config.sparsity_weight:g} × nats",
            "a sum over the units, of their mean activations over the batch")  # fmt: skip
        terms = {
            "reconstruction_loss": LossTerm(f"{BATCH_MEAN}{error}", unit, MEAN_ERROR),
            "sparsity_loss": sparsity,
        }
        return Formula(terms, symbols, rf"q_j={BATCH_MEAN} h_{{bj}}").decayed(config)

    @classmethod
    def loss_is_pixel_mse(cls, config: Any) -> bool:
        return bool(config.reconstruction == "squared_error")
