"""Layers in sequence: their shapes and parameters, building them, running them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import numpy as np

from aecore.layers.base import Shape, Spec, Trainable

Values = TypeVar("Values")


def run(layers: Iterable[Callable[[Values], Values]], x: Values) -> Values:
    """x [B, n] through all layers in turn; tensors or arrays, as the layers take them."""
    for layer in layers:
        x = layer(x)
    return x


def build(
    specs: Sequence[Spec], shape: Shape, rng: np.random.Generator, encoder: Sequence[Trainable] = ()
) -> list[Trainable]:
    """Builds the layers for inputs of this shape. encoder: layers whose weights they may share."""
    inputs = input_shapes(specs, shape)
    return [spec.build(given, rng, encoder) for spec, given in zip(specs, inputs, strict=True)]


def input_shapes(specs: Sequence[Spec], shape: Shape) -> list[Shape]:
    """The shape that each layer gets."""
    return [shape, *output_shapes(specs, shape)][:-1]


def output_shapes(specs: Sequence[Spec], shape: Shape) -> list[Shape]:
    """The output shape of each layer, for inputs of this shape."""
    shapes = []
    for spec in specs:
        shape = spec.output_shape(shape)
        shapes.append(shape)
    return shapes


def visible_shapes(specs: Sequence[Spec], shape: Shape) -> list[Shape]:
    """As `output_shapes`, except that a layer without weights takes the place of the one before."""
    shapes: list[Shape] = []
    for spec, given in zip(specs, input_shapes(specs, shape), strict=True):
        before = shapes if spec.untied_parameters(given) else shapes[:-1]
        shapes = [*before, spec.output_shape(given)]
    return shapes


def count_parameters(specs: Sequence[Spec], shape: Shape, untied: bool = False) -> int:
    """The number of trained values, for inputs of this shape; untied: if none were shared."""
    inputs = zip(specs, input_shapes(specs, shape), strict=True)
    return sum(s.untied_parameters(given) if untied else s.parameters(given) for s, given in inputs)
