"""The contract of a variant: the stacked autoencoder, with hooks for the one sentence that a variant changes.

Hinton & Salakhutdinov (2006), "Reducing the dimensionality of data with neural networks".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

import numpy as np

from aecore import losses
from aecore.backend import tf
from aecore.datasets import Dataset, Split
from aecore.hyperparameters import Config
from aecore.layers import Dense, run
from aecore.network import Layer, Network

Tensor = Any
LossTerms = dict[str, Any]  # name -> scalar, already weighted; their sum is the loss


class Noise:
    """The randomness of one step: every draw follows from (seed, step) alone, so a resumed run repeats exactly."""

    def __init__(self, seed: int, step: Tensor):
        self._seed, self._step, self._draws = seed, step, 0

    def _next(self) -> Tensor:
        self._draws += 1
        return tf.stack([tf.constant(self._seed * 64 + self._draws, tf.int64), tf.cast(self._step, tf.int64)])

    def normal(self, shape: Tensor) -> Tensor:
        return tf.random.stateless_normal(shape, self._next())

    def uniform(self, shape: Tensor) -> Tensor:
        return tf.random.stateless_uniform(shape, self._next())


@dataclass(frozen=True)
class Phase:
    """One stretch of training: which variables move, on which terms, each with a fresh optimiser."""

    name: str
    epochs: int
    variables: list[Any]
    loss_terms: Callable[[Tensor, Noise, bool], LossTerms]
    reconstruct: Callable[[Tensor], Tensor]  # images [B, n_inputs] -> what the layers trained so far make of them
    features: Callable[[Tensor], Tensor] | None = None  # computed once and trained on, instead of the images


@dataclass(frozen=True)
class Preset:
    """A named setting: what differs from the config's defaults, and the data it is meant for."""

    title: str
    about: str
    values: Mapping[str, Any] = field(default_factory=dict)
    dataset: str | None = None  # None: whatever is chosen


class Autoencoder:
    """An encoder and a decoder of dense layers, trained to give back its input. Subclasses change one sentence of it."""

    name: ClassVar[str]
    title: ClassVar[str]
    sentence: ClassVar[str]  # what this variant changes, for a card
    formula: ClassVar[str]  # LaTeX
    Config: ClassVar[type[Config]]
    presets: ClassVar[dict[str, Preset]]
    captions: ClassVar[tuple[str, str, str]] = ("encoder", "codings", "decoder")  # under the three parts of its drawing
    takes_points: ClassVar[bool] = False  # True: inputs need not be images in [0, 1]
    ties_weights: ClassVar[bool] = False  # True: the decoder has no kernels of its own
    has_prior: ClassVar[bool] = False  # True: its codings were trained to fill N(0, I), so draws from that decode to plausible inputs

    def __init__(self, config: Any, n_inputs: int, rng: np.random.Generator):
        self.config = config
        self.n_inputs = n_inputs
        self.encoder = self.build_encoder(rng)
        self.decoder = self.build_decoder(rng)

    # The hooks: a variant overrides what its sentence names.

    def build_encoder(self, rng: np.random.Generator) -> list[Dense]:
        config = self.config
        sizes = [self.n_inputs, *config.hidden_sizes, config.codings_size]
        return [Dense(n_in, n_out, config.activation, rng) for n_in, n_out in zip(sizes, sizes[1:], strict=False)]

    def build_decoder(self, rng: np.random.Generator) -> list[Dense]:
        config = self.config
        sizes = [config.codings_size, *reversed(config.hidden_sizes), self.n_inputs]
        hidden = [Dense(n_in, n_out, config.activation, rng) for n_in, n_out in zip(sizes[:-2], sizes[1:-1], strict=True)]
        return [*hidden, Dense(sizes[-2], sizes[-1], config.output, rng)]

    def corrupt(self, x: Tensor, noise: Noise) -> Tensor:
        """What the encoder sees of x [B, n_inputs] while training."""
        return x

    def loss_terms(self, x: Tensor, noise: Noise, training: bool) -> LossTerms:
        """Named scalars, already weighted, whose sum is the loss; each a mean over the images of x [B, n_inputs]."""
        outputs = self.decode(self.encode(self.corrupt(x, noise) if training else x))
        return {"reconstruction_loss": tf.reduce_mean(losses.squared_error(x, outputs))} | self.weight_decay()

    def phases(self) -> list[Phase]:
        """The stretches of training, in order."""
        return [Phase(self.title, self.config.epochs, self.variables, self.loss_terms, self.reconstruct)]

    @classmethod
    def sample(cls, network: Network, n: int, rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
        """n codings [n, codings_size] to generate from; without a trained prior, from a Gaussian fitted to the codings of inputs x."""
        return network.fitted_codings(n, rng, x)

    def meters(self, split: Split, dataset: Dataset) -> dict[str, float]:
        """What this variant adds to the figures of a split."""
        return {}

    @classmethod
    def loss_is_pixel_mse(cls, config: Any) -> bool:
        """Whether `reconstruction_loss` is the pixels' mean squared error throughout, so that PCA's error belongs on the same axis."""
        return True

    # What they all share.

    @classmethod
    def sizes(cls, config: Any, n_inputs: int) -> list[int]:
        """Widths from the input through the codings to the output."""
        hidden = getattr(config, "hidden_sizes", ())
        return [n_inputs, *hidden, config.codings_size, *reversed(hidden), n_inputs]

    @classmethod
    def count_parameters(cls, config: Any, n_inputs: int) -> int:
        """How many numbers would be trained, without building the network: every layer's kernel and bias."""
        sizes = cls.sizes(config, n_inputs)
        return sum((n_in + 1) * n_out for n_in, n_out in zip(sizes, sizes[1:], strict=False))

    def encode(self, x: Tensor) -> Tensor:
        """x [B, n_inputs] -> codings [B, codings_size] (their mean, where they are random)."""
        return run(self.encoder, x)

    def logits(self, codings: Tensor) -> Tensor:
        """codings [B, codings_size] -> what goes into the output's activation, [B, n_inputs]."""
        return self.decoder[-1].logits(run(self.decoder[:-1], codings))

    def decode(self, codings: Tensor) -> Tensor:
        """codings [B, codings_size] -> reconstructions [B, n_inputs]."""
        return run(self.decoder, codings)

    def reconstruct(self, x: Tensor) -> Tensor:
        return self.decode(self.encode(x))

    def weight_decay(self, layers: list[Dense] | None = None) -> LossTerms:
        """weight_decay x 1/2 sum w^2 over the kernels that these layers own (all of them by default), where it is on."""
        if not getattr(self.config, "weight_decay", 0):
            return {}
        kernels = [kernel for layer in layers or self.layers for kernel in layer.kernels]
        return {"weight_decay": self.config.weight_decay * losses.half_squared_weights(kernels)}

    @property
    def layers(self) -> list[Dense]:
        return [*self.encoder, *self.decoder]

    @property
    def variables(self) -> list[Any]:
        return [variable for layer in self.layers for variable in layer.variables]

    @property
    def parameters(self) -> int:
        """How many numbers are trained."""
        return sum(int(np.prod(variable.shape)) for variable in self.variables)

    def network(self) -> Network:
        """The trained weights as plain arrays."""
        return Network(*(
            tuple(Layer(np.asarray(layer.kernel), np.asarray(layer.bias), layer.activation) for layer in side)
            for side in (self.encoder, self.decoder)
        ))  # fmt: skip


CATALOGUE: dict[str, type[Autoencoder]] = {}
_Class = TypeVar("_Class", bound=type[Autoencoder])


def register(cls: _Class) -> _Class:
    """Put a variant into the catalogue (again, where Streamlit imports its file again)."""
    CATALOGUE[cls.name] = cls
    return cls
