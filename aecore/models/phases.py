"""What a variant hands to the training: the terms of its loss, and the phases in which they are minimised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aecore import losses
from aecore.backend import tf
from aecore.training.random import RandomStream

Tensor = Any
LossTerms = dict[str, Any]  # name -> scalar, already weighted; their sum is the loss


@dataclass(frozen=True)
class StepContext:
    """What a loss may know beside its inputs."""

    random: RandomStream
    training: bool = False  # whether what the encoder sees is corrupted
    step: Tensor = (
        2**30
    )  # steps taken in this phase before this one; when a network is measured, more than any warm-up has
    progress: Tensor = 1.0  # the share of the phase's steps that are taken, 0 to 1
    labels: Tensor | None = None  # [B] int32, if the variant declares `uses_labels`

    @classmethod
    def measuring(cls, labels: Tensor | None = None) -> StepContext:
        """For figures of a trained network: the same draws for every network."""
        return cls(RandomStream.measuring(), labels=labels)


@dataclass(frozen=True)
class Term:
    """A part of the loss, already weighted: a function of a mean over the batch.

    Most are plain means of one value per image. A term that first needs the batch's mean of something, as the sparsity loss
    does, says so here: then the batch can be split among the cores, and the means are still those of the whole.
    """

    values: Tensor  # [B, ...], one for each image
    of_mean: Callable[[Tensor], Tensor] = lambda mean: (
        mean
    )  # their mean over the images -> a scalar


@dataclass(frozen=True)
class Phase:
    """One stretch of training: which variables move, on which terms, each with a fresh optimiser."""

    name: str
    epochs: int
    variables: list[Any]
    terms: Callable[[Tensor, StepContext], dict[str, Term]]
    reconstruct: Callable[
        [Tensor], Tensor
    ]  # images [B, n_inputs] -> what the layers trained so far make of them
    features: Callable[[Tensor], Tensor] | None = (
        None  # computed once and trained on, instead of the images
    )
    weight_decay: float = 0.0
    decayed: list[Any] = field(default_factory=list)  # the kernels that weight decay counts
    loss_is_pixel_mse: bool = False  # True: on clean images `reconstruction_loss` is the pixels' error, which need not be computed again
    uses_labels: bool = False

    def loss_terms(self, x: Tensor, context: StepContext) -> LossTerms:
        """Named scalars, already weighted, whose sum is the loss: means over the images of x [B, n_inputs]."""
        terms = self.terms(x, context)
        return {
            name: term.of_mean(tf.reduce_mean(term.values, axis=0)) for name, term in terms.items()
        } | self.decay()

    def decay(self) -> LossTerms:
        """weight_decay x 1/2 sum w^2 over the kernels, if it is on."""
        return (
            {"weight_decay": self.weight_decay * losses.half_squared_weights(self.decayed)}
            if self.weight_decay
            else {}
        )
