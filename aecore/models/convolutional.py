"""The convolutional autoencoder: small filters are moved over the image instead of one weight for
each pixel (Masci et al. 2011).

Two strided convolutions halve the image twice, and two transposed ones restore its size. What a
filter learns at one place serves all others, so the same error takes fewer parameters.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from aecore.hyperparameters import ACTIVATIONS, Config, hyperparameter, redeclared
from aecore.layers import (
    Convolution,
    Dense,
    Shape,
    Spec,
    TransposedConvolution,
    geometry,
    size_of,
    stack,
)
from aecore.models.base import Autoencoder, register
from aecore.models.declarations import Formula, Preset

STRIDES = 2


class ConvolutionalConfig(Config):
    filters: tuple[int, ...] = hyperparameter((16, 32), "Filters",
        "How many filters each convolution has, from the input to the codings; "
        "the decoder mirrors them. Each halves the image.")  # fmt: skip
    filter_size: int = hyperparameter(5, "Filter size", "Rows and columns of a filter.",
        low=1, high=9, slider=(1, 7), unit="pixels")  # fmt: skip
    activation: str = hyperparameter("relu", "Activation", "Of the hidden layers, on both sides.",
        choices=ACTIVATIONS, advanced=True)  # fmt: skip
    output: str = hyperparameter(
        "sigmoid", "Output", "Linear outputs, or squeezed into the pixels' range 0 to 1.",
        choices=("sigmoid", "linear"), advanced=True)  # fmt: skip
    learning_rate: float = redeclared(Config, "learning_rate", 0.005)
    schedule: str = redeclared(Config, "schedule", "restart")
    first_output: str = redeclared(Config, "first_output", "mean")
    batch_size: int = redeclared(Config, "batch_size", 100)


@register
class Convolutional(Autoencoder):
    name, title, order = "convolutional", "Convolutional", 45
    sentence = ("Small filters look at every place of the image alike, "
                "so the network needs a quarter of the parameters.")  # fmt: skip
    captions = ("encoder: filters, every second pixel", "codings", "decoder: filters that draw")
    Config = ConvolutionalConfig
    presets: ClassVar = {"recommended": Preset("Recommended",
        "Two convolutions of 16 and 32 filters, 30 linear codings: the dense network's codings, "
        "a quarter of its parameters.")}  # fmt: skip

    @classmethod
    def encoder_layers(cls, config: Any, shape: Shape) -> list[Spec]:
        return [*_convolutions(config), Dense(config.codings_size)]

    @classmethod
    def decoder_layers(cls, config: Any, shape: Shape) -> list[Spec]:
        shapes = [shape, *stack.output_shapes(_convolutions(config), shape)]
        activations = [config.output, *[config.activation] * len(config.filters)]
        drawn: list[Spec] = [
            TransposedConvolution(geometry.image(to), config.filter_size, STRIDES, activation)
            for to, activation in zip(shapes[:-1], activations[:-1], strict=True)
        ]
        return [Dense(size_of(shapes[-1]), activations[-1]), *reversed(drawn)]

    @classmethod
    def widths(cls, config: Any) -> list[int]:
        return [*config.filters, config.codings_size]

    @classmethod
    def obstacle(cls, config: Any) -> tuple[str, dict[str, Any]]:
        if config.filter_size >= STRIDES:
            return "", {}
        share = STRIDES ** (2 * len(config.filters))
        clause = (f"filters of 1 pixel, moved by {STRIDES}, reach one pixel in {share}, and the "
                  "others are alike in every picture")  # fmt: skip
        return clause, {"filter_size": STRIDES}

    @classmethod
    def formula(cls, config: Any) -> Formula:
        plain, size = Autoencoder.formula(config), config.filter_size
        symbols = dict(plain.symbols) | {
            r"k_{cd}": f"the filter of {size} by {size} weights from channel $c$ to channel $d$ of "
            "the next layer, the same at every place $p$",
            r"\phi": f"the activation ({config.activation})",
        }
        where = r"h_d(p)=\phi\Big(b_d+\sum_{c,q}k_{cd}(q)\,h_c(2p+q)\Big)"
        return replace(plain, symbols=symbols, where=where)


def _convolutions(config: Any) -> list[Spec]:
    size, activation = config.filter_size, config.activation
    return [Convolution(filters, size, STRIDES, activation) for filters in config.filters]
