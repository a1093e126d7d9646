"""The events of a training: frozen, for a listener to print, save or draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, InstanceOf

Array = InstanceOf[np.ndarray]


@dataclass(frozen=True)
class PhaseStarted:
    phase: int
    name: str
    phases: int
    epochs: int
    steps_per_epoch: int
    parameters: int  # numbers that are trained in this phase


@dataclass(frozen=True)
class Steps:
    """A chunk of steps has been taken; `terms` has one value of each loss term for each step."""

    phase: int
    epoch: int  # epochs begun, from 1
    step: int  # steps taken in this phase so far
    terms: dict[str, Array]
    images: int
    seconds: float
    learning_rate: float  # of the last of these steps


@dataclass(frozen=True)
class EpochEnded:
    """An evaluation at the end of an epoch.

    train: means over the steps since the last evaluation.
    valid: means over (the first 1,500 of) the validation split, with the reconstructions' `mse`.
    """

    phase: int
    epoch: int
    step: int
    train: dict[str, float]
    valid: dict[str, float]


@dataclass(frozen=True)
class Snapshot:
    """The network's present reconstructions of the fixed inputs, and the variant's own metrics.

    Pictures are uint8 0..255, points float32; both [n, n_inputs].
    """

    phase: int
    epoch: int
    step: int
    reconstructions: Array
    seen: Array | None  # the encoder's inputs, if they are not the fixed inputs themselves
    metrics: dict[str, float]


# "branch": the steps so far were another run's, and the settings are its own from here.
What = Literal["learning_rate", "more", "pause", "step", "resume", "stop", "branch"]


@dataclass(frozen=True)
class Intervened:
    """A change made to the training from outside.

    `step` of `phase` is the last step taken before the change took effect.
    """

    phase: Annotated[int, Field(ge=0)]
    step: Annotated[int, Field(ge=0)]
    what: What
    value: float | None = None  # the new learning rate; how many epochs more

    @property
    def place(self) -> tuple[int, int]:
        """A tuple that compares in the order of time."""
        return self.phase, self.step


Event = PhaseStarted | Steps | EpochEnded | Snapshot | Intervened
