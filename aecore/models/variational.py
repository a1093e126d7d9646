"""The variational autoencoder: codings are drawn from a Gaussian that the encoder describes
(Kingma & Welling 2014)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, cast

import numpy as np

from aecore import losses
from aecore.backend import tf
from aecore.data.dataset import Dataset, Split
from aecore.hyperparameters import hyperparameter, redeclared
from aecore.layers import Dense, Spec, StoredDense, run
from aecore.models.base import Tensor, register
from aecore.models.declarations import (
    BATCH_MEAN,
    CROSS_ENTROPY,
    Formula,
    LossTerm,
    Metric,
    Preset,
)
from aecore.models.phases import StepContext, Term
from aecore.models.stacked import GLOROT, Stacked, StackedConfig
from aecore.network import Network
from aecore.training.random import RandomStream


class VariationalConfig(StackedConfig):
    hidden_sizes: tuple[int, ...] = redeclared(StackedConfig, "hidden_sizes", (500, 500))
    codings_size: int = redeclared(StackedConfig, "codings_size", 20, slider=(1, 100))
    codings_activation: str = redeclared(StackedConfig, "codings_activation", "linear",
        choices=("linear",), help="A mean can be any number.")  # fmt: skip
    epochs: int = redeclared(StackedConfig, "epochs", 50)
    output: str = redeclared(StackedConfig, "output", "sigmoid", choices=("sigmoid",),
        help="The chance that a pixel is on, which the cross-entropy needs.")  # fmt: skip
    latent_weight: float = hyperparameter(1.0, "Latent weight",
        "1 is the variational bound; more presses the codings towards the prior (beta-VAE).",
        low=0, high=100, slider=(0.01, 10), log=True, weighs="latent_loss")  # fmt: skip
    posterior: str = hyperparameter("log_var", "Posterior",
        "The encoder gives the logarithm of the variance, or the standard deviation itself "
        "(with a smoothing term).", choices=("log_var", "sigma"))  # fmt: skip


@register
class Variational(Stacked):
    name, title, order = "variational", "Variational", 70
    sentence = ("Each input becomes a small cloud of codings, and all clouds together fill a "
                "Gaussian, so random codings give new images.")  # fmt: skip
    captions = ("encoder: mean and variance", "codings, drawn from a cloud", "decoder")
    Config = VariationalConfig
    has_prior = spares_codings = True
    presets: ClassVar = {
        "recommended": Preset("Recommended",
            "The course's network and epochs at three times its rate, which falls to zero twice: "
            "a good network at a fifth of the time, a better one at the end."),
        "course": Preset("As in the course", "Learning rate 0.001 throughout, 50 epochs. "
            f"{GLOROT.format('the two heads and the last layer')}",
            {"learning_rate": 0.001, "schedule": "constant", "batch_size": 150, "epochs": 50,
             "first_output": "zero"}),
    }  # fmt: skip
    ranked_by = "bound"
    metrics: ClassVar = Stacked.metrics | {
        "latent_loss": Metric("KL(codings' clouds ‖ N(0, I)), times the latent weight"),
        "bound": Metric(
            "cross-entropy plus KL with weight 1, from one draw of the codings: less is better. "
            "Another draw differs by about 0.2 on the digits' 250 test images, by 0.03 on MNIST's "
            "10,000", unit="nats an image", better="down",
            reading="Cross-entropy plus KL, each with weight 1 whatever the latent weight: nats, a "
            "sum over the pixels and the codings, a mean over the images; less is better."),
        "kl": Metric(
            "the KL in it", unit="nats an image",
            reading="How far the codings' clouds are from N(0, I): nats, a sum over the codings, a "
            "mean over the images; near 0 the codings tell nothing of the image."),
        "active_units": Metric(
            "codings whose mean varies over the images by more than 0.01 (variance)",
            reading="How many codings are in use, because their mean varies over the images by "
            "more than 0.01 (variance): a count."),
    }  # fmt: skip

    @classmethod
    def extra_heads(cls, config: Any) -> list[Spec]:
        return [Dense(config.codings_size)]  # log_var, or sigma

    def terms(self, x: Tensor, context: StepContext) -> dict[str, Term]:
        """In nats an image, with one draw of the codings for each image."""
        fit, kl, _ = self.bound_terms(x, context.random)
        latent = self.config.latent_weight * kl
        return {"reconstruction_loss": Term(fit), "latent_loss": Term(latent)}

    def bound_terms(self, x: Tensor, random: RandomStream) -> tuple[Tensor, Tensor, Tensor]:
        """The bound's two parts, [B] nats, and the codings' means [B, codings_size].

        They are the cross-entropy from one draw of the codings, and their KL from N(0, I).
        """
        hidden = run(self.encoder[:-1], x)
        mean, spread = self.encoder[-1](hidden), self.heads[0](hidden)
        if self.config.posterior == "log_var":
            sigma, kl = tf.exp(0.5 * spread), losses.gaussian_kl(mean, spread)
        else:
            sigma, kl = spread, losses.gaussian_kl_sigma(mean, spread)
        codings = mean + sigma * random.normal(mean)
        return losses.cross_entropy(x, self.logits(codings)), kl, mean

    def network(self) -> Network:
        """With the codings' standard deviations: exp(log_var / 2), or sigma itself."""
        head = cast(StoredDense, self.heads[0].stored())
        if self.config.posterior == "log_var":
            head = StoredDense(head.kernel / 2, head.bias / 2, "exponential")
        return replace(super().network(), spread=(head,))

    @classmethod
    def sample(cls, network: Network, n: int, rng: np.random.Generator, split: Split) -> np.ndarray:
        """Draws from the prior, N(0, I)."""
        return rng.standard_normal((n, network.codings_size), dtype=np.float32)

    def measure(self, split: Split, dataset: Dataset) -> dict[str, float]:
        """`bound` ignores the latent weight, so it compares networks with different weights."""
        x = tf.constant(split.floats())
        fits, kls, mean = self.bound_terms(x, RandomStream.measuring())
        fit, kl = float(tf.reduce_mean(fits)), float(tf.reduce_mean(kls))
        active = int(np.sum(self.alive(mean.numpy())))
        dead = self.config.codings_size - active
        return {"bound": fit + kl, "kl": kl, "active_units": active, "dead_codings": dead}

    @classmethod
    def alive(cls, codings: np.ndarray) -> np.ndarray:
        """The "active units" of Burda et al. (2016): a coding's mean has a variance above 0.01."""
        variance: np.ndarray = codings.var(axis=0)
        return variance > 0.01

    @classmethod
    def formula(cls, config: Any) -> Formula:
        symbols = {
            "x_b": "image $b$ of a batch of $B$; "
            "its grey pixels $x_{bi}$ stand for the chance of ink",
            r"\hat x_b": "what the decoder makes of one drawn coding $z_b$",
            r"\mu_{bj}": "the mean of coding $j$, from the encoder",
        }
        weight = config.latent_weight
        if weight != 1:
            symbols[r"\beta"] = f"the latent weight, {weight:g} here; the bound has 1 in its place"
        if config.posterior == "log_var":
            kl = r"\big(e^{\gamma_{bj}}+\mu_{bj}^2-1-\gamma_{bj}\big)"
            draw = r"z_b=\mu_b+e^{\gamma_b/2}\varepsilon"
            log_var = r"the logarithm of its variance, $\log\sigma_{bj}^2$, from the encoder"
            symbols[r"\gamma_{bj}"] = log_var
        else:
            kl = r"\big(\sigma_{bj}^2+\mu_{bj}^2-1-\log(\sigma_{bj}^2+10^{-10})\big)"
            draw = r"z_b=\mu_b+\sigma_b\varepsilon"
            symbols[r"\sigma_{bj}"] = "its standard deviation, from the encoder"
        symbols[r"\varepsilon"] = "a draw from $N(0,I)$"
        beta = "" if weight == 1 else r"\beta\,"
        unit, over_batch = "nats an image", "a mean over the batch"
        terms = {
            "reconstruction_loss": LossTerm(
                f"{BATCH_MEAN}{CROSS_ENTROPY}", unit, f"a sum over the pixels, {over_batch}"
            ),
            "latent_loss": LossTerm(
                rf"{beta}{BATCH_MEAN}\tfrac12\sum_j{kl}",
                unit,
                f"a sum over the codings, {over_batch}",
            ),
        }
        return Formula(terms, symbols, draw).decayed(config)

    @classmethod
    def loss_is_pixel_mse(cls, config: Any) -> bool:
        return False  # nats
