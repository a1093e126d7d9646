"""Layers in sequence: their shapes and parameters, building them, running them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aecore.layers.base import Shape, Spec, Tensor, Trainable


def run(layers: Sequence[Trainable], x: Tensor) -> Tensor:
    """x [B, n] through all layers in turn."""
    for layer in layers:
        x = layer(x)
    return x


def build(
    specs: Sequence[Spec], shape: Shape, rng: np.random.Generator, encoder: Sequence[Trainable] = ()
) -> list[Trainable]:
    """Builds the layers for inputs of this shape. encoder: layers whose weights they may share."""
    inputs = [shape, *output_shapes(specs, shape)][:-1]
    return [spec.build(given, rng, encoder) for spec, given in zip(specs, inputs, strict=True)]


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
    for spec in specs:
        weights = spec.untied_parameters(shape)
        shape = spec.output_shape(shape)
        shapes = [*(shapes if weights else shapes[:-1]), shape]
    return shapes


def count_parameters(specs: Sequence[Spec], shape: Shape, untied: bool = False) -> int:
    """The number of trained values, for inputs of this shape; untied: if none were shared."""
    total = 0
    for spec in specs:
        total += spec.untied_parameters(shape) if untied else spec.parameters(shape)
        shape = spec.output_shape(shape)
    return total
