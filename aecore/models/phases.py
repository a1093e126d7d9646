"""What a variant gives to the training loop: the terms of its loss, and its phases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aecore import losses
from aecore.backend import tf
from aecore.errors import LabError
from aecore.network import Network
from aecore.training.random import RandomStream

Tensor = Any
LossTerms = dict[str, Any]  # name -> scalar, already weighted; their sum is the loss


@dataclass(frozen=True)
class StepContext:
    """What a loss may use besides its inputs."""

    random: RandomStream
    training: bool = False  # True: the encoder's inputs are corrupted
    step: Tensor = 2**30  # the phase's steps so far; the default is beyond any warm-up
    progress: Tensor = 1.0  # the share of the phase's steps that are done, 0 to 1
    labels: Tensor | None = None  # [B] int32, if the variant declares `uses_labels`

    @classmethod
    def measuring(cls, labels: Tensor | None = None) -> StepContext:
        """For measuring a trained network, with the same draws for every network."""
        return cls(RandomStream.measuring(), labels=labels)


@dataclass(frozen=True)
class Term:
    """A weighted part of the loss: `of_mean`, a function of the batch's mean of `values`.

    Most terms are plain means of one value per image. Some, such as the sparsity loss, are a
    function of the batch's mean. Since they say so here, the batch can be split among the cores:
    the engine computes the mean of the whole batch.
    """

    values: Tensor  # [B, ...], one for each image
    of_mean: Callable[[Tensor], Tensor] = lambda mean: mean  # returns a scalar


@dataclass(frozen=True)
class Phase:
    """A part of training, with its own variables, terms and optimiser."""

    name: str
    epochs: int
    variables: list[Any]
    terms: Callable[[Tensor, StepContext], dict[str, Term]]
    # The layers trained so far: images [B, n_inputs] through them, and their weights.
    reconstruct: Callable[[Tensor], Tensor]
    network: Callable[[], Network]
    features: Callable[[Tensor], Tensor] | None = None  # replace the images; computed once
    weight_decay: float = 0.0
    decayed: list[Any] = field(default_factory=list)  # the kernels that weight decay counts
    # True: `reconstruction_loss` on clean images is the pixels' error. It is not computed again.
    loss_is_pixel_mse: bool = False
    uses_labels: bool = False

    def loss_terms(self, x: Tensor, context: StepContext) -> LossTerms:
        """Named, weighted scalars whose sum is the loss; means over images x [B, n_inputs]."""
        terms = self.checked_terms(x, context).items()
        scalars = {name: term.of_mean(tf.reduce_mean(term.values, axis=0)) for name, term in terms}
        return scalars | self.decay()

    def checked_terms(self, x: Tensor, context: StepContext) -> dict[str, Term]:
        """Returns the terms; `LabError` if one of them has not one value for each image."""
        terms = self.terms(x, context)
        for name, term in terms.items():
            shape = term.values.shape
            if shape.rank is not None and (shape.rank == 0 or shape[0] != x.shape[0]):
                raise LabError(
                    f"The values of the term '{name}' have the shape {tuple(shape)}; expected one "
                    "for each image, [B, ...]. Leave the mean over the batch to the training."
                )
        return terms

    def decay(self) -> LossTerms:
        """weight_decay x 1/2 sum w^2 over the kernels, if weight decay is on."""
        if not self.weight_decay:
            return {}
        return {"weight_decay": self.weight_decay * losses.half_squared_weights(self.decayed)}
