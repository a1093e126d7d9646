"""The contract of a variant: the stacked autoencoder, with hooks for the one sentence that a variant changes.

Hinton & Salakhutdinov (2006), "Reducing the dimensionality of data with neural networks".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, TypeVar

import numpy as np

from aecore import losses
from aecore.backend import tf
from aecore.data.dataset import Dataset, Split
from aecore.data.extract import Clouds
from aecore.hyperparameters import Config
from aecore.layers import Dense, Shape, Spec, Trainable, run, size_of
from aecore.models.declarations import Formula, Metric, Preset
from aecore.models.phases import LossTerms, Phase, StepContext, Term
from aecore.network import Network
from aecore.training.corruption import Corruption
from aecore.training.random import RandomStream

Tensor = Any


class Autoencoder:
    """An encoder and a decoder, trained to give back their input. Subclasses change one sentence of it."""

    # What it is called, and what pages say of it.
    name: ClassVar[str]
    title: ClassVar[str]
    sentence: ClassVar[str]  # what this variant changes, for a card
    order: ClassVar[int] = 100  # among the lessons; a subclass does not inherit it
    menu_title: ClassVar[
        str
    ]  # its lesson's name in the menu, if that is not `title`; not inherited either
    curves: ClassVar[str] = (
        ""  # what its solid and its dashed curve are measured on, if not on images alike
    )
    captions: ClassVar[tuple[str, str, str]] = (
        "encoder",
        "codings",
        "decoder",
    )  # under the three parts of its drawing
    presets: ClassVar[dict[str, Preset]]
    metrics: ClassVar[dict[str, Metric]] = {  # its own figures, and the terms of its loss, by name
        "dead_codings": Metric("codings that hardly change from input to input", better="down")
    }
    ranked_by: ClassVar[str] = "mse"  # the figure by which networks of this variant are compared

    # What it can do.
    Config: ClassVar[type[Config]]
    takes_points: ClassVar[bool] = False  # True: inputs need not be images in [0, 1]
    ties_weights: ClassVar[bool] = False  # True: the decoder has no kernels of its own
    has_prior: ClassVar[bool] = (
        False  # True: its codings were trained to fill N(0, I), so draws from that decode to plausible inputs
    )
    uses_labels: ClassVar[bool] = False  # True: its loss is told the labels
    spares_codings: ClassVar[bool] = (
        False  # True: it leaves codings unused that it does not need, which is no fault
    )

    def __init__(self, config: Any, shape: Shape, rng: np.random.Generator):
        """shape: of an input, (height, width, channels) or (n,)."""
        self.config, self.shape, self.n_inputs = config, shape, size_of(shape)
        self.encoder, codings_shape = _built(self.encoder_layers(config, shape), shape, rng)
        before = _shape_before(self.encoder_layers(config, shape), shape)
        self.heads = [spec.build(before, rng) for spec in self.extra_heads(config)]
        self.decoder, _ = _built(
            self.decoder_layers(config, shape), codings_shape, rng, self.encoder
        )

    def begin_at(self, mean: np.ndarray) -> None:
        """Set the last biases so that they alone give `mean`, the training inputs' [n_inputs], if the config asks for it.

        As the visible biases of Hinton's guide (2012, section 8.1), log[p / (1 - p)]. Otherwise the first hundred steps find
        it, and Adam remembers their large gradients for a thousand. A bias that many pixels share gets their mean.
        """
        last = self.decoder[-1]
        if self.config.first_output == "mean" and last.bias is not None:
            mean = mean.reshape(-1, last.bias.shape[0]).mean(axis=0)
            p = np.clip(mean, 1 / 255, 1 - 1 / 255)
            last.bias.assign(np.log(p / (1 - p)) if last.activation == "sigmoid" else mean)

    # The hooks: a variant overrides what its sentence names.

    @classmethod
    def encoder_layers(cls, config: Any, shape: Shape) -> list[Spec]:
        """From an input to its codings."""
        hidden: list[Spec] = [Dense(size, config.activation) for size in config.hidden_sizes]
        return [*hidden, Dense(config.codings_size, config.codings_activation)]

    @classmethod
    def extra_heads(cls, config: Any) -> list[Spec]:
        """Layers beside the encoder's last one, which get the same inputs as that."""
        return []

    @classmethod
    def decoder_layers(cls, config: Any, shape: Shape) -> list[Spec]:
        """From codings to an input of this shape."""
        hidden: list[Spec] = [
            Dense(size, config.activation) for size in reversed(config.hidden_sizes)
        ]
        return [*hidden, Dense(size_of(shape), config.output)]

    @classmethod
    def corruption(cls, config: Any) -> Corruption | None:
        """What is done to the images that the encoder sees while training; None: nothing."""
        return None

    def terms(self, x: Tensor, context: StepContext) -> dict[str, Term]:
        """The parts of the loss on images x [B, n_inputs], by name; weight decay comes on top."""
        outputs = self.decode(
            self.encode(self.corrupt(x, context.random) if context.training else x)
        )
        return {"reconstruction_loss": Term(losses.squared_error(x, outputs))}

    def phases(self) -> list[Phase]:
        """The stretches of training, in order."""
        return [self.together(self.config.epochs, self.title)]

    @classmethod
    def sample(cls, network: Network, n: int, rng: np.random.Generator, split: Split) -> np.ndarray:
        """n codings [n, codings_size] to generate from; without a trained prior, from a Gaussian fitted to the codings of each class of the split."""
        return Clouds.fit(network.encode(split.floats()), split.labels).draw(n, rng)

    def measure(self, split: Split, dataset: Dataset) -> dict[str, float]:
        """The values of `metrics` on a split, while it trains and at the end; a variant adds its own."""
        return {
            "dead_codings": int(
                np.sum(~self.alive(self.encode(tf.constant(split.floats())).numpy()))
            )
        }

    def measure_at_end(self, dataset: Dataset) -> dict[str, float]:
        """Figures that take too long to be measured while it trains."""
        return {}

    @classmethod
    def alive(cls, codings: np.ndarray) -> np.ndarray:
        """Which codings tell inputs apart, bool [codings_size]. codings: [n, codings_size].

        A coding is dead if its standard deviation over the inputs is under 1 % of the codings' mean one, or under 0.001.
        """
        deviation = codings.std(axis=0)
        return deviation >= max(0.01 * float(deviation.mean()), 1e-3)

    @classmethod
    def widths(cls, config: Any) -> list[int]:
        """The numbers by which a run is named: how wide each layer of its encoder is."""
        return [*getattr(config, "hidden_sizes", ()), config.codings_size]

    @classmethod
    def activity_target(cls, config: Any) -> float | None:
        """The mean activation that its loss pulls every coding to; None: it has no such target."""
        return None

    @classmethod
    def formula(cls, config: Any) -> Formula:
        """The loss as this config sets it, and what its symbols mean."""
        symbols = {
            r"f,\ g": "the encoder and the decoder",
            r"x_b": "image $b$ of a batch of $B$, with $D$ pixels",
        }
        loss = r"\mathcal L=\frac1B\sum_{b}\frac1D\lVert g(f(x_b))-x_b\rVert^2"
        return Formula(loss, symbols, "squared pixels, a mean over the pixels").decayed(config)

    @classmethod
    def units(cls, config: Any) -> dict[str, str]:
        """The unit of each of `terms`, by name: terms of two units get two axes on a chart."""
        return {"reconstruction_loss": "squared pixels"}

    @classmethod
    def units_as_set(cls, config: Any) -> dict[str, str]:
        """`units`, and that of the weight decay if there is any: its weight gives it the reconstruction's."""
        units = cls.units(config)
        return units | (
            {"weight_decay": units["reconstruction_loss"]}
            if getattr(config, "weight_decay", 0.0)
            else {}
        )

    @classmethod
    def loss_is_pixel_mse(cls, config: Any) -> bool:
        """Whether `reconstruction_loss` is the pixels' mean squared error throughout, so that PCA's error belongs on the same axis."""
        return True

    # What they all share.

    @classmethod
    def layer_shapes(cls, config: Any, shape: Shape) -> tuple[list[Shape], int]:
        """The shapes from the input through the codings to the output, and the place of the codings among them."""
        encoder = _shapes(cls.encoder_layers(config, shape), shape)
        decoder = _shapes(cls.decoder_layers(config, shape), encoder[-1])
        return [shape, *encoder, *decoder], len(encoder)

    @classmethod
    def count_parameters(cls, config: Any, shape: Shape) -> int:
        """How many numbers would be trained, without building the network."""
        encoder, decoder = cls.encoder_layers(config, shape), cls.decoder_layers(config, shape)
        before = _shape_before(encoder, shape)
        codings = _shapes(encoder, shape)[-1]
        heads = sum(spec.parameters(before) for spec in cls.extra_heads(config))
        return _count(encoder, shape) + heads + _count(decoder, codings)

    def corrupt(self, x: Tensor, random: RandomStream) -> Tensor:
        """What the encoder sees of x [B, n_inputs] while training."""
        corruption = self.corruption(self.config)
        return corruption(x, random) if corruption else x

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

    def cleaning_error(self, x: np.ndarray, corruption: Corruption) -> float:
        """Mean over images and pixels of the squared error against x [n, n_inputs] of what is made of x corrupted; one fixed draw."""
        seen = corruption(tf.constant(x), RandomStream.measuring())
        return float(np.mean(np.square(self.reconstruct(seen).numpy() - x, dtype=np.float64)))

    def together(self, epochs: int, name: str) -> Phase:
        """A phase in which all layers learn."""
        return Phase(
            name, epochs, self.variables, self.terms, self.reconstruct, loss_is_pixel_mse=self.loss_is_pixel_mse(self.config),
            uses_labels=self.uses_labels, **self.decaying(self.layers),
        )  # fmt: skip

    def decaying(self, layers: Iterable[Trainable]) -> dict[str, Any]:
        """What a phase needs to know of weight decay over the kernels that these layers own."""
        kernels = [kernel for layer in layers for kernel in layer.kernels]
        return {"weight_decay": getattr(self.config, "weight_decay", 0.0), "decayed": kernels}

    def loss_terms(self, x: Tensor, context: StepContext) -> LossTerms:
        """Named scalars, already weighted, whose sum is the loss of all layers; each a mean over the images of x [B, n_inputs]."""
        return self.together(0, "").loss_terms(x, context)

    @property
    def layers(self) -> list[Trainable]:
        return [*self.encoder, *self.heads, *self.decoder]

    @property
    def variables(self) -> list[Any]:
        return [variable for layer in self.layers for variable in layer.variables]

    @property
    def parameters(self) -> int:
        """How many numbers are trained."""
        return sum(int(np.prod(variable.shape)) for variable in self.variables)

    def network(self) -> Network:
        """The trained weights as plain arrays."""
        return Network(
            tuple(layer.stored() for layer in self.encoder),
            tuple(layer.stored() for layer in self.decoder),
        )


def _built(
    specs: Sequence[Spec], shape: Shape, rng: np.random.Generator, encoder: Sequence[Trainable] = ()
) -> tuple[list[Trainable], Shape]:
    """The layers, one behind the other, and the shape of what the last one gives."""
    layers = []
    for spec in specs:
        layers.append(spec.build(shape, rng, encoder))
        shape = spec.output_shape(shape)
    return layers, shape


def _shapes(specs: Sequence[Spec], shape: Shape) -> list[Shape]:
    """What each layer gives."""
    shapes = []
    for spec in specs:
        shape = spec.output_shape(shape)
        shapes.append(shape)
    return shapes


def _shape_before(specs: Sequence[Spec], shape: Shape) -> Shape:
    """What the last layer gets."""
    return [shape, *_shapes(specs, shape)][-2]


def _count(specs: Sequence[Spec], shape: Shape) -> int:
    inputs = [shape, *_shapes(specs, shape)]
    return sum(spec.parameters(given) for spec, given in zip(specs, inputs, strict=False))


CATALOGUE: dict[str, type[Autoencoder]] = {}
_Class = TypeVar("_Class", bound=type[Autoencoder])


def register(cls: _Class) -> _Class:
    """Put a variant into the catalogue (again, if Streamlit imports its file again)."""
    CATALOGUE[cls.name] = cls
    return cls
