"""The base class of all variants: the stacked autoencoder, with hooks for what they change.

Hinton & Salakhutdinov (2006), "Reducing the dimensionality of data with neural networks".

This file is longer than others: all hooks of a variant, and what they may expect, are in one place.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from aecore import losses
from aecore.backend import tf
from aecore.data.dataset import Dataset, Split
from aecore.data.extract import Clouds
from aecore.hyperparameters import Config
from aecore.layers import Dense, Shape, Spec, Trainable, run, size_of, stack
from aecore.measures.units import varying
from aecore.models.catalogue import register
from aecore.models.declarations import BATCH_MEAN, MEAN_ERROR, Formula, LossTerm, Metric, Preset
from aecore.models.phases import LossTerms, Phase, StepContext, Term
from aecore.network import Network
from aecore.training.corruption import Corruption
from aecore.training.random import RandomStream

Tensor = Any

__all__ = ["Autoencoder", "Tensor", "register"]


class Autoencoder:
    """An encoder and a decoder, trained to reproduce their input. A variant overrides one step."""

    # What the pages say.
    name: ClassVar[str]
    title: ClassVar[str]
    sentence: ClassVar[str]  # for a card: what this variant changes
    order: ClassVar[int] = 100  # the lesson's place in the menu; not inherited
    menu_title: ClassVar[str]  # the lesson's name in the menu, if not `title`; not inherited
    curves: ClassVar[str] = ""  # which images the solid and the dashed curve use, if they differ
    captions: ClassVar[tuple[str, str, str]] = ("encoder", "codings", "decoder")  # of its drawing
    presets: ClassVar[dict[str, Preset]]
    metrics: ClassVar[dict[str, Metric]] = {  # the terms of its loss and its own figures, by name
        "dead_codings": Metric(
            "codings that hardly change from input to input",
            better="down",
            reading="How many codings hardly change from input to input, and so tell nothing of "
            "it: a count, best 0.",
        )
    }
    ranked_by: ClassVar[str] = "mse"  # the figure that compares networks of this variant

    # What it can do.
    Config: ClassVar[type[Config]]
    takes_points: ClassVar[bool] = False  # True: inputs need not be images in [0, 1]
    ties_weights: ClassVar[bool] = False  # True: the decoder has no kernels of its own
    has_prior: ClassVar[bool] = False  # True: trained so that draws from N(0, I) decode well
    uses_labels: ClassVar[bool] = False  # True: its loss uses the labels
    beside_pca: ClassVar[bool] = False  # True: its reconstructions are shown beside PCA's at first
    spares_codings: ClassVar[bool] = False  # True: by design, it leaves unneeded codings unused

    def __init__(self, config: Any, shape: Shape, rng: np.random.Generator):
        """shape: of an input, (height, width, channels) or (n,)."""
        self.config, self.shape, self.n_inputs = config, shape, size_of(shape)
        encoder = self.encoder_layers(config, shape)
        before, codings = (
            stack.input_shapes(encoder, shape)[-1],
            stack.output_shapes(encoder, shape)[-1],
        )
        self.encoder = stack.build(encoder, shape, rng)
        self.heads = [spec.build(before, rng) for spec in self.extra_heads(config)]
        decoder = self.decoder_layers(config, shape)
        self.decoder = stack.build(decoder, codings, rng, self.encoder)

    def begin_at(self, mean: np.ndarray) -> None:
        """Sets the last biases so that they alone give `mean` [n_inputs], if the config says so.

        A pixel's bias is log[p / (1 - p)], as in Hinton's guide (2012, section 8.1). Otherwise the
        first hundred steps learn it, and Adam remembers their large gradients for a thousand.
        """
        last = self.decoder[-1]
        if self.config.first_output == "mean" and last.bias is not None:
            mean = mean.reshape(-1, last.bias.shape[0]).mean(axis=0)  # pixels may share a bias
            p = np.clip(mean, 1 / 255, 1 - 1 / 255)
            last.bias.assign(np.log(p / (1 - p)) if last.activation == "sigmoid" else mean)

    # The hooks: a variant overrides the step that it changes.

    @classmethod
    def encoder_layers(cls, config: Any, shape: Shape) -> list[Spec]:
        """The layers from an input to its codings."""
        hidden: list[Spec] = [Dense(size, config.activation) for size in config.hidden_sizes]
        return [*hidden, Dense(config.codings_size, config.codings_activation)]

    @classmethod
    def extra_heads(cls, config: Any) -> list[Spec]:
        """Layers beside the encoder's last one, with the same inputs."""
        return []

    @classmethod
    def decoder_layers(cls, config: Any, shape: Shape) -> list[Spec]:
        """The layers from codings to an input of this shape."""
        sizes = reversed(config.hidden_sizes)
        hidden: list[Spec] = [Dense(size, config.activation) for size in sizes]
        return [*hidden, Dense(size_of(shape), config.output)]

    @classmethod
    def corruption(cls, config: Any) -> Corruption | None:
        """How the encoder's images are corrupted in training; None: not at all."""
        return None

    def terms(self, x: Tensor, context: StepContext) -> dict[str, Term]:
        """The terms of the loss on images x [B, n_inputs], by name, without weight decay.

        One of them is `reconstruction_loss`.
        """
        seen = self.corrupt(x, context.random) if context.training else x
        return {"reconstruction_loss": Term(losses.squared_error(x, self.reconstruct(seen)))}

    def phases(self) -> list[Phase]:
        """The phases of training, in order."""
        return [self.together(self.config.epochs, self.title)]

    @classmethod
    def sample(cls, network: Network, n: int, rng: np.random.Generator, split: Split) -> np.ndarray:
        """n codings [n, codings_size] to generate from.

        Here they come from Gaussians fitted to the codings of each class of the split.
        """
        return Clouds.fit(network.encode(split.floats()), split.labels).draw(n, rng)

    def measure(self, split: Split, dataset: Dataset) -> dict[str, float]:
        """The values of `metrics` on a split, during training and at its end.

        A variant adds its own to what `super().measure` returns.
        """
        codings = self.encode(tf.constant(split.floats())).numpy()
        return {"dead_codings": int(np.sum(~self.alive(codings)))}

    def measure_at_end(self, dataset: Dataset) -> dict[str, float]:
        """Figures that take too long to measure during training."""
        return {}

    @classmethod
    def alive(cls, codings: np.ndarray) -> np.ndarray:
        """Which codings distinguish inputs, bool [codings_size]. codings: [n, codings_size].

        A coding is dead if its standard deviation over the inputs is below 0.001, or below 1 % of
        the mean deviation of all codings.
        """
        return varying(codings.std(axis=0))

    @classmethod
    def widths(cls, config: Any) -> list[int]:
        """The widths of the encoder's layers, which name a run."""
        return [*getattr(config, "hidden_sizes", ()), config.codings_size]

    @classmethod
    def activity_target(cls, config: Any) -> float | None:
        """The mean activation that its loss pulls every coding to; None: no such target."""
        return None

    @classmethod
    def formula(cls, config: Any) -> Formula:
        """The loss with this config, term by term, and the meaning of its symbols."""
        symbols = {
            r"f,\ g": "the encoder and the decoder",
            r"x_b": "image $b$ of a batch of $B$, with $D$ pixels",
        }
        error = rf"{BATCH_MEAN}\frac1D\lVert g(f(x_b))-x_b\rVert^2"
        terms = {"reconstruction_loss": LossTerm(error, "squared pixels", MEAN_ERROR)}
        return Formula(terms, symbols).decayed(config)

    @classmethod
    def phase_formulas(cls, config: Any) -> list[Formula]:
        """The loss of each of `phases()`, for a variant whose phases have different ones."""
        return [cls.formula(config)] * len(cls.phase_epochs(config))

    @classmethod
    def loss_is_pixel_mse(cls, config: Any) -> bool:
        """Whether `reconstruction_loss` is the pixels' mean squared error in every phase."""
        return True  # a chart then shows PCA's error on the same axis

    @classmethod
    def obstacle(cls, config: Any) -> tuple[str, dict[str, Any]]:
        """What in this config keeps any such network from rebuilding most pixels, and the way out.

        For the diagnosis of a network that shows little more than the mean: a clause, and the
        settings that change it. "" if there is nothing in the way.
        """
        return "", {}

    # What all variants share.

    @classmethod
    def units(cls, config: Any) -> dict[str, str]:
        """The unit of each term of the loss, by name."""
        return cls.formula(config).units

    @classmethod
    def layer_shapes(cls, config: Any, shape: Shape) -> tuple[list[Shape], int]:
        """The shapes from the input to the output, and the index of the codings among them.

        A layer that trains nothing, such as a top-k, belongs to the one before.
        """
        encoder = stack.visible_shapes(cls.encoder_layers(config, shape), shape)
        decoder = stack.visible_shapes(cls.decoder_layers(config, shape), encoder[-1])
        return [shape, *encoder, *decoder], len(encoder)

    @classmethod
    def count_parameters(cls, config: Any, shape: Shape, untied: bool = False) -> int:
        """How many values are trained; nothing is built for it. untied: if none were shared."""
        encoder, decoder = cls.encoder_layers(config, shape), cls.decoder_layers(config, shape)
        before = stack.input_shapes(encoder, shape)[-1]
        heads = sum(spec.parameters(before) for spec in cls.extra_heads(config))
        return stack.count_parameters([*encoder, *decoder], shape, untied) + heads

    @classmethod
    def phase_epochs(cls, config: Any) -> list[int]:
        """How many epochs each of `phases()` takes. "Train more" adds those of the last one."""
        return [int(config.epochs)]

    @classmethod
    def usual_rate(cls) -> float:
        """The learning rate of the recommended preset."""
        return float(cls.Config.build(cls.presets["recommended"].values).learning_rate)

    @classmethod
    def smaller_rate(cls, rate: float) -> float:
        """A learning rate to try after one that was too large: a tenth, and no more than usual."""
        return float(f"{min(rate / 10, cls.usual_rate()):.1g}")

    def corrupt(self, x: Tensor, random: RandomStream) -> Tensor:
        """x [B, n_inputs] as the encoder sees it in training."""
        corruption = self.corruption(self.config)
        return corruption(x, random) if corruption else x

    def encode(self, x: Tensor) -> Tensor:
        """x [B, n_inputs] -> codings [B, codings_size] (their mean, if they are random)."""
        return run(self.encoder, x)

    def logits(self, codings: Tensor) -> Tensor:
        """codings [B, codings_size] -> values before the output's activation, [B, n_inputs]."""
        return self.decoder[-1].logits(run(self.decoder[:-1], codings))

    def decode(self, codings: Tensor) -> Tensor:
        """codings [B, codings_size] -> reconstructions [B, n_inputs]."""
        return run(self.decoder, codings)

    def reconstruct(self, x: Tensor) -> Tensor:
        return self.decode(self.encode(x))

    def cleaning_error(self, x: np.ndarray, corruption: Corruption) -> float:
        """The mean squared error of reconstructing x [n, n_inputs] from a fixed corruption."""
        seen = corruption(tf.constant(x), RandomStream.measuring())
        return float(np.mean(np.square(self.reconstruct(seen).numpy() - x, dtype=np.float64)))

    def together(self, epochs: int, name: str) -> Phase:
        """A phase that trains all layers."""
        return Phase(
            name, epochs, self.variables, self.terms, self.reconstruct, self.network,
            loss_is_pixel_mse=self.loss_is_pixel_mse(self.config),
            uses_labels=self.uses_labels, **self.decaying(self.layers),
        )  # fmt: skip

    def decaying(self, layers: Iterable[Trainable]) -> dict[str, Any]:
        """A phase's arguments for weight decay over the kernels that these layers own."""
        kernels = [kernel for layer in layers for kernel in layer.kernels]
        return {"weight_decay": getattr(self.config, "weight_decay", 0.0), "decayed": kernels}

    def loss_terms(self, x: Tensor, context: StepContext) -> LossTerms:
        """`Phase.loss_terms` of all layers together, on images x [B, n_inputs]."""
        return self.together(0, "").loss_terms(x, context)

    @property
    def layers(self) -> list[Trainable]:
        return [*self.encoder, *self.heads, *self.decoder]

    @property
    def variables(self) -> list[Any]:
        return [variable for layer in self.layers for variable in layer.variables]

    @property
    def parameters(self) -> int:
        """The number of trained values."""
        return sum(int(np.prod(variable.shape)) for variable in self.variables)

    def network(self) -> Network:
        """The trained weights as plain arrays."""
        return network_of(self.encoder, self.decoder)


def network_of(encoder: Iterable[Trainable], decoder: Iterable[Trainable]) -> Network:
    """The weights of these layers as plain arrays."""
    return Network(*(tuple(layer.stored() for layer in half) for half in (encoder, decoder)))
