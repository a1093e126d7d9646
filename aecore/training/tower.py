"""A tower: one share of a batch, on its way through the network and back.

`aecore.training.engine` says why a batch is cut into towers.
"""

from __future__ import annotations

from typing import Any

from aecore.backend import tf
from aecore.layers.products import DeferredProducts, Use
from aecore.models.phases import Phase, StepContext, Term

Tensor = Any


class Tower:
    """One share of a batch and its loss terms; `size` is the number of rows of the whole batch."""

    def __init__(self, phase: Phase, x: Tensor, context: StepContext, size: Tensor):
        self.phase, self.deferred = phase, DeferredProducts(phase.variables)
        with (
            tf.GradientTape(watch_accessed_variables=False) as self.tape,
            self.deferred.recording(),
        ):
            self.tape.watch(phase.variables)
            self.terms: dict[str, Term] = phase.terms(x, context)
            share = 1 / tf.cast(size, tf.float32)
            # This share's part of the batch means: the towers' parts add up to them.
            self.means = {
                name: share * tf.reduce_sum(term.values, axis=0)
                for name, term in self.terms.items()
            }

    def backpropagate(
        self, mean_gradients: dict[str, Tensor]
    ) -> tuple[list[Use], list[Tensor | None]]:
        """Backpropagates from the batch means to each product's factors and each variable.

        mean_gradients: the gradients of the loss by the means.

        The variables' gradients leave out the deferred products; None if there is no other use.
        """
        targets = list(self.means.values())
        upstream = [mean_gradients[name] for name in self.means]
        with self.deferred.collecting():
            gradients = self.tape.gradient(targets, self.phase.variables, output_gradients=upstream)
        return sorted(self.deferred.uses, key=lambda use: use.place), gradients


def loss_terms(towers: list[Tower]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Returns the batch's loss terms, and the gradients of their sum by the batch means."""
    means = {name: tf.add_n([tower.means[name] for tower in towers]) for name in towers[0].means}
    with tf.GradientTape() as tape:
        tape.watch(means)
        terms = {name: term.of_mean(means[name]) for name, term in towers[0].terms.items()}
    return terms, tape.gradient(terms, means)


def equal_parts(size: Tensor, n: int) -> list[tuple[Tensor, Tensor]]:
    """Returns the bounds of n nearly equal parts of `size` rows."""
    cuts = [size * i // n for i in range(n + 1)]
    return list(zip(cuts, cuts[1:], strict=False))
