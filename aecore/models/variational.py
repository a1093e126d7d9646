"""The variational autoencoder: codings are drawn from a Gaussian that the encoder describes (Kingma & Welling 2014)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from aecore import losses
from aecore.backend import tf
from aecore.datasets import Dataset, Split
from aecore.hyperparameters import hyperparameter, redeclared
from aecore.layers import Dense, run
from aecore.models.base import Noise, Preset, Tensor, Term, register
from aecore.models.stacked import Stacked, StackedConfig
from aecore.network import Network


class VariationalConfig(StackedConfig):
    hidden_sizes: tuple[int, ...] = redeclared(StackedConfig, "hidden_sizes", (500, 500))
    codings_size: int = redeclared(StackedConfig, "codings_size", 20, slider=(1, 100))
    learning_rate: float = redeclared(StackedConfig, "learning_rate", 0.001)
    epochs: int = redeclared(StackedConfig, "epochs", 50)
    output: str = hyperparameter("sigmoid", "Output", "The chance that a pixel is on, which the cross-entropy needs.", choices=("sigmoid",))
    latent_weight: float = hyperparameter(
        1.0, "Latent weight", "1 is the variational bound; more presses the codings towards the prior (beta-VAE).",
        low=0, high=100, slider=(0, 10),
    )  # fmt: skip
    posterior: str = hyperparameter(
        "log_var", "Posterior", "The encoder gives the logarithm of the variance, or the standard deviation itself (with a smoothing term).",
        choices=("log_var", "sigma"),
    )  # fmt: skip


@register
class Variational(Stacked):
    name = "variational"
    title = "Variational"
    sentence = "Each input becomes a small cloud of codings, all clouds together fill a Gaussian: so random codings generate."
    captions = ("encoder: mean and variance", "codings, drawn from a cloud", "decoder")
    formula = r"\mathcal L=\frac1B\sum_b\Big[-\log p(x_b\mid z_b)+\tfrac12\sum_j\big(e^{\gamma_{bj}}+\mu_{bj}^2-1-\gamma_{bj}\big)\Big],\qquad z=\mu+e^{\gamma/2}\varepsilon"
    Config = VariationalConfig
    has_prior = True
    presets: ClassVar = {
        "recommended": Preset("Recommended", "The course's network and rate, with the rate falling along a cosine."),
        "course": Preset("As in the course", "Learning rate 0.001 throughout, 50 epochs.", {"schedule": "constant"}),
    }

    def build_encoder(self, rng: np.random.Generator) -> list[Dense]:
        *hidden, mean = super().build_encoder(rng)
        mean.activation = "linear"
        self.spread = Dense(int(mean.kernel.shape[0]), self.config.codings_size, "linear", rng)  # log_var, or sigma
        return [*hidden, mean]

    def terms(self, x: Tensor, noise: Noise, training: bool) -> dict[str, Term]:
        """In nats an image; one draw of the codings each (reparameterised: mean + sigma x noise)."""
        hidden = run(self.encoder[:-1], x)
        mean, spread = self.encoder[-1](hidden), self.spread(hidden)
        if self.config.posterior == "log_var":
            sigma, latent_loss = tf.exp(0.5 * spread), losses.gaussian_kl(mean, spread)
        else:
            sigma, latent_loss = spread, losses.gaussian_kl_sigma(mean, spread)
        codings = mean + sigma * noise.normal(mean)
        return {
            "reconstruction_loss": Term(losses.cross_entropy(x, self.logits(codings))),
            "latent_loss": Term(self.config.latent_weight * latent_loss),
        }

    @classmethod
    def sample(cls, network: Network, n: int, rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
        return rng.standard_normal((n, network.codings_size), dtype=np.float32)  # the prior, N(0, I)

    def meters(self, split: Split, dataset: Dataset) -> dict[str, float]:
        """How many codings carry something: the variance of their mean over the images is above 0.01 (Burda et al. 2016)."""
        means = self.encode(tf.constant(split.floats())).numpy()
        return {"active_units": int(np.sum(means.var(axis=0) > 0.01))}

    @classmethod
    def count_parameters(cls, config: Any, n_inputs: int) -> int:
        before = cls.sizes(config, n_inputs)[len(config.hidden_sizes)]
        return super().count_parameters(config, n_inputs) + (before + 1) * config.codings_size  # the second head

    @property
    def layers(self) -> list[Any]:
        return [*self.encoder, self.spread, *self.decoder]

    @classmethod
    def loss_is_pixel_mse(cls, config: Any) -> bool:
        return False  # nats
