"""The contract of a variant: the stacked autoencoder, with hooks for the one sentence that a variant changes.

Hinton & Salakhutdinov (2006), "Reducing the dimensionality of data with neural networks".
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

import numpy as np

from aecore import losses
from aecore.backend import tf
from aecore.data.dataset import Dataset, Split
from aecore.data.extract import Clouds
from aecore.hyperparameters import Config
from aecore.layers import Dense, run
from aecore.models.formula import Formula, Preset
from aecore.models.phases import LossTerms, Phase, Term
from aecore.network import Layer, Network
from aecore.training.corruption import Corruption
from aecore.training.random import RandomStream

Tensor = Any


class Autoencoder:
    """An encoder and a decoder of dense layers, trained to give back its input. Subclasses change one sentence of it."""

    name: ClassVar[str]
    title: ClassVar[str]
    sentence: ClassVar[str]  # what this variant changes, for a card
    order: ClassVar[int] = 100  # among the lessons; a subclass does not inherit it
    menu_title: ClassVar[str]  # its lesson's name in the menu, if that is not `title`; not inherited either
    curves: ClassVar[str] = ""  # what its solid and its dashed curve are measured on, if not on images alike
    Config: ClassVar[type[Config]]
    presets: ClassVar[dict[str, Preset]]
    meanings: ClassVar[dict[str, str]] = {
        "dead_codings": "codings that hardly change from input to input"
    }  # of its loss terms and meters, in words
    captions: ClassVar[tuple[str, str, str]] = ("encoder", "codings", "decoder")  # under the three parts of its drawing
    takes_points: ClassVar[bool] = False  # True: inputs need not be images in [0, 1]
    ties_weights: ClassVar[bool] = False  # True: the decoder has no kernels of its own
    has_prior: ClassVar[bool] = False  # True: its codings were trained to fill N(0, I), so draws from that decode to plausible inputs

    def __init__(self, config: Any, n_inputs: int, rng: np.random.Generator):
        self.config = config
        self.n_inputs = n_inputs
        self.encoder = self.build_encoder(rng)
        self.decoder = self.build_decoder(rng)

    def begin_at(self, mean: np.ndarray) -> None:
        """Let the last biases alone give `mean`, the training inputs' [n_inputs], if the config asks for it.

        As the visible biases of Hinton's guide (2012, section 8.1), log[p / (1 - p)]. Otherwise the first hundred steps find it, and Adam
        remembers their large gradients for a thousand.
        """
        if self.config.first_output == "mean":
            last = self.decoder[-1]
            p = np.clip(mean, 1 / 255, 1 - 1 / 255)
            last.bias.assign(np.log(p / (1 - p)) if last.activation == "sigmoid" else mean)

    # The hooks: a variant overrides what its sentence names.

    def build_encoder(self, rng: np.random.Generator) -> list[Dense]:
        config = self.config
        sizes = [self.n_inputs, *config.hidden_sizes, config.codings_size]
        kinds = [config.activation] * len(config.hidden_sizes) + [config.codings_activation]
        return [Dense(n_in, n_out, kind, rng) for n_in, n_out, kind in zip(sizes[:-1], sizes[1:], kinds, strict=True)]

    def build_decoder(self, rng: np.random.Generator) -> list[Dense]:
        config = self.config
        sizes = [config.codings_size, *reversed(config.hidden_sizes), self.n_inputs]
        hidden = [Dense(n_in, n_out, config.activation, rng) for n_in, n_out in zip(sizes[:-2], sizes[1:-1], strict=True)]
        return [*hidden, Dense(sizes[-2], sizes[-1], config.output, rng)]

    @classmethod
    def corruption(cls, config: Any) -> Corruption | None:
        """What is done to the images that the encoder sees while training; None: nothing."""
        return None

    def terms(self, x: Tensor, noise: RandomStream, training: bool) -> dict[str, Term]:
        """The parts of the loss on images x [B, n_inputs], by name; weight decay comes on top."""
        outputs = self.decode(self.encode(self.corrupt(x, noise) if training else x))
        return {"reconstruction_loss": Term(losses.squared_error(x, outputs))}

    def phases(self) -> list[Phase]:
        """The stretches of training, in order."""
        return [self.together(self.config.epochs, self.title)]

    @classmethod
    def sample(cls, network: Network, n: int, rng: np.random.Generator, split: Split) -> np.ndarray:
        """n codings [n, codings_size] to generate from; without a trained prior, from a Gaussian fitted to the codings of each class of the split."""
        return Clouds.fit(network.encode(split.floats()), split.labels).draw(n, rng)

    def metrics(self, split: Split, dataset: Dataset) -> dict[str, float]:
        """Figures of a split that are looked at while it trains; a variant adds its own."""
        return {"dead_codings": int(np.sum(~self.alive(self.encode(tf.constant(split.floats())).numpy())))}

    def cleaning_error(self, x: np.ndarray, corruption: Corruption) -> float:
        """Mean over images and pixels of the squared error against x [n, n_inputs] of what is made of x corrupted; one fixed draw."""
        seen = corruption(tf.constant(x), RandomStream.measuring())
        return float(np.mean(np.square(self.reconstruct(seen).numpy() - x, dtype=np.float64)))

    def final_metrics(self, dataset: Dataset) -> dict[str, float]:
        """Figures that take too long to be looked at while it trains, for its end."""
        return {}

    @classmethod
    def alive(cls, codings: np.ndarray) -> np.ndarray:
        """Which codings tell inputs apart, bool [codings_size]. codings: [n, codings_size].

        A coding is dead if its standard deviation over the inputs is under 1 % of the codings' mean one, or under 0.001.
        """
        deviation = codings.std(axis=0)
        return deviation >= max(0.01 * float(deviation.mean()), 1e-3)

    @classmethod
    def formula(cls, config: Any) -> Formula:
        """The loss as this config sets it, and what its symbols mean."""
        symbols = {
            r"f,\ g": "the encoder and the decoder", r"x_b": "image $b$ of a batch of $B$, with $D$ pixels",
        }  # fmt: skip
        return Formula(
            r"\mathcal L=\frac1B\sum_{b}\frac1D\lVert g(f(x_b))-x_b\rVert^2", symbols, "squared pixels, a mean over the pixels"
        ).decayed(config)

    @classmethod
    def units(cls, config: Any) -> dict[str, str]:
        """The unit of each of `terms`, by name: terms of two units get two axes on a chart."""
        return {"reconstruction_loss": "squared pixels"}

    @classmethod
    def units_as_set(cls, config: Any) -> dict[str, str]:
        """`units`, and that of the weight decay if there is any: its weight gives it the reconstruction's."""
        units = cls.units(config)
        return units | ({"weight_decay": units["reconstruction_loss"]} if getattr(config, "weight_decay", 0.0) else {})

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
        """How many numbers would be trained, without building the network: every layer's kernel (the decoder's only if they are its own) and bias."""
        sizes = cls.sizes(config, n_inputs)
        kernels = [n_in * n_out for n_in, n_out in zip(sizes, sizes[1:], strict=False)]
        return sum(kernels[: len(kernels) // 2] if cls.ties_weights else kernels) + sum(sizes[1:])

    def corrupt(self, x: Tensor, noise: RandomStream) -> Tensor:
        """What the encoder sees of x [B, n_inputs] while training."""
        corruption = self.corruption(self.config)
        return corruption(x, noise) if corruption else x

    def encode(self, x: Tensor) -> Tensor:
        """x [B, n_inputs] -> codings [B, codings_size] (their mean, if they are random)."""
        return run(self.encoder, x)

    def logits(self, codings: Tensor) -> Tensor:
        """codings [B, codings_size] -> what goes into the output's activation, [B, n_inputs]."""
        return self.decoder[-1].logits(run(self.decoder[:-1], codings))

    def decode(self, codings: Tensor) -> Tensor:
        """codings [B, codings_size] -> reconstructions [B, n_inputs]."""
        return run(self.decoder, codings)

    def reconstruct(self, x: Tensor) -> Tensor:
        return self.decode(self.encode(x))

    def together(self, epochs: int, name: str) -> Phase:
        """A phase in which all layers learn."""
        return Phase(
            name, epochs, self.variables, self.terms, self.reconstruct, loss_is_pixel_mse=self.loss_is_pixel_mse(self.config), **self.decaying(self.layers)
        )  # fmt: skip

    def decaying(self, layers: list[Dense]) -> dict[str, Any]:
        """What a phase needs to know of weight decay over the kernels that these layers own."""
        kernels = [kernel for layer in layers for kernel in layer.kernels]
        return {"weight_decay": getattr(self.config, "weight_decay", 0.0), "decayed": kernels}

    def loss_terms(self, x: Tensor, noise: RandomStream, training: bool) -> LossTerms:
        """Named scalars, already weighted, whose sum is the loss of all layers; each a mean over the images of x [B, n_inputs]."""
        return self.together(0, "").loss_terms(x, noise, training)

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
    """Put a variant into the catalogue (again, if Streamlit imports its file again)."""
    CATALOGUE[cls.name] = cls
    return cls
