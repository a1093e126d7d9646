"""What a training says: frozen events, which its listener prints, saves or draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

Array = np.ndarray


@dataclass(frozen=True)
class PhaseStarted:
    phase: int
    name: str
    phases: int
    epochs: int
    steps_per_epoch: int
    parameters: int  # how many numbers move in this phase


@dataclass(frozen=True)
class Steps:
    """A chunk of steps has been taken; `terms` holds one value of each loss term for each of them."""

    phase: int
    epoch: int  # epochs begun, from 1
    step: int  # steps taken in this phase so far
    terms: dict[str, Array]
    images: int
    seconds: float
    learning_rate: float  # of the last of these steps


@dataclass(frozen=True)
class EpochEnded:
    """`train`: means over the steps since the last evaluation; `valid`: over (the first 1,500 of) the validation split, with the
    reconstructions' `mse`."""

    phase: int
    epoch: int
    step: int
    train: dict[str, float]
    valid: dict[str, float]


@dataclass(frozen=True)
class Snapshot:
    """What the network makes of the fixed inputs right now, and the variant's own metrics.

    Pictures are uint8 0..255, points float32; both [n, n_inputs].
    """

    phase: int
    epoch: int
    step: int
    reconstructions: Array
    seen: Array | None  # what the encoder was shown, if not the fixed inputs themselves
    metrics: dict[str, float]


What = Literal["learning_rate", "more", "pause", "step", "resume", "stop"]


@dataclass(frozen=True)
class Intervened:
    """Somebody changed the training. `step` of `phase` is the last one taken before the change took effect."""

    phase: Annotated[int, Field(ge=0)]
    step: Annotated[int, Field(ge=0)]
    what: What
    value: float | None = None  # the new learning rate; how many epochs more

    @property
    def place(self) -> tuple[int, int]:
        """For comparing moments."""
        return self.phase, self.step


Event = PhaseStarted | Steps | EpochEnded | Snapshot | Intervened
