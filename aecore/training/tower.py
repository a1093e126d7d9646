"""A tower: one share of a batch, on its way through the network and back.

`aecore.training.engine` says why a batch is cut into towers.
"""

from __future__ import annotations

from typing import Any

from aecore.backend import tf
from aecore.models.phases import Phase, StepContext
from aecore.training.products import Product, take_apart

Tensor = Any
Summands = tuple[list[Product], list[Tensor]]  # of a gradient: matrix products, and the others


class Tower:
    """One share of a batch and its loss terms; `size` is the number of rows of the whole batch."""

    def __init__(self, phase: Phase, x: Tensor, context: StepContext, size: Tensor):
        self.phase = phase
        with tf.GradientTape(watch_accessed_variables=False) as self.tape:
            self.tape.watch(phase.variables)
            self.terms = phase.checked_terms(x, context)
            share = 1 / tf.cast(size, tf.float32)
            # This share's part of the batch means: the towers' parts add up to them.
            self.means = {
                name: share * tf.reduce_sum(term.values, axis=0)
                for name, term in self.terms.items()
            }

    def backpropagate(self, mean_gradients: dict[str, Tensor]) -> list[Summands]:
        """Backpropagates from the batch means to each variable.

        mean_gradients: the gradients of the loss by the means.
        """
        targets = list(self.means.values())
        upstream = [mean_gradients[name] for name in self.means]
        gradients = self.tape.gradient(targets, self.phase.variables, output_gradients=upstream)
        return [take_apart(gradient) for gradient in gradients]


def loss_terms(
    towers: list[Tower],
) -> tuple[dict[str, Tensor], dict[str, Tensor], list[Tensor | None]]:
    """Returns the batch's loss terms, and the gradients of their sum.

    By the batch means; and by the variables that the terms' `of_mean` uses besides them.
    """
    variables = towers[0].phase.variables
    means = {name: tf.add_n([tower.means[name] for tower in towers]) for name in towers[0].means}
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch([*means.values(), *variables])
        terms = {name: term.of_mean(means[name]) for name, term in towers[0].terms.items()}
    by_mean, by_variable = tape.gradient(terms, (means, variables))
    return terms, by_mean, by_variable


def equal_parts(size: Tensor, n: int) -> list[tuple[Tensor, Tensor]]:
    """Returns the bounds of n nearly equal parts of `size` rows."""
    cuts = [size * i // n for i in range(n + 1)]
    return list(zip(cuts, cuts[1:], strict=False))
