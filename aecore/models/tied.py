"""Tied weights: each decoder kernel is an encoder kernel, transposed
(Vincent et al. 2010, section 3.1)."""

from __future__ import annotations

from typing import Any, ClassVar

from aecore.layers import Shape, Spec, Transposed, size_of
from aecore.models.base import Autoencoder, register
from aecore.models.declarations import Formula, Preset
from aecore.models.stacked import COURSE, COURSE_ABOUT, RECOMMENDED, Stacked


@register
class Tied(Stacked):
    name, title, order = "tied", "Tied weights", 30
    sentence = ("The decoder reuses the encoder's weights, transposed: "
                "about half the parameters, the biases stay free.")  # fmt: skip
    ties_weights = True
    captions = ("encoder", "codings", "decoder: the encoder's weights, transposed")
    presets: ClassVar = {
        "recommended": RECOMMENDED,
        "course": Preset("As in the course", COURSE_ABOUT, COURSE),
    }

    @classmethod
    def decoder_layers(cls, config: Any, shape: Shape) -> list[Spec]:
        sizes = [size_of(shape), *config.hidden_sizes]  # the inputs of each encoder layer
        activations = [config.output, *[config.activation] * len(config.hidden_sizes)]
        return [Transposed(i, sizes[i], activations[i]) for i in reversed(range(len(sizes)))]

    @classmethod
    def formula(cls, config: Any) -> Formula:
        plain = Autoencoder.formula(config.model_copy(update={"weight_decay": 0.0}))
        symbols = dict(plain.symbols) | {
            r"W^{\text{enc}}_i,\ W^{\text{dec}}_i":
                "the kernels, counted from the input; $n$ on each side",
        }  # fmt: skip
        where = r"W^{\text{dec}}_{i}=\big(W^{\text{enc}}_{n+1-i}\big)^{\top}"
        formula = Formula(plain.terms, symbols, where)
        return formula.decayed(config, "every kernel weight, each shared one once")
