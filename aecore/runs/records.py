"""The record of a training: its settings, and each change made to it with the step of its effect.

Only changes of the learning rate, added epochs and the last step affect the weights, so a replay
(`aecore.jobs.replay`) needs no more. A run that went on from a moment of another one has that one's
record up to there, its origin.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from aecore.errors import LabError
from aecore.hyperparameters import Config
from aecore.models import variant
from aecore.training.events import Intervened


class Moment(BaseModel):
    model_config = ConfigDict(frozen=True)
    phase: int = Field(ge=0)
    step: int = Field(ge=0)

    @property
    def place(self) -> tuple[int, int]:
        """A tuple that compares in the order of time."""
        return self.phase, self.step


class Head(Moment):
    """The last commit of a run: which checkpoint is valid, and of what moment."""

    file: str
    sha256: str
    events_size: int = Field(ge=0)  # of the events up to that moment, in bytes


class Record(BaseModel):
    """A run from its settings to its last stored step."""

    model_config = ConfigDict(frozen=True)
    record_version: Literal[1, 2] = 2  # 1: no origins
    run_id: str = ""
    name: str
    variant: str
    dataset: str
    preset: str = ""
    config: dict[str, Any]
    seed: int = Field(ge=0, le=2**31 - 1)
    interventions: list[Intervened]
    end: Moment
    # Of the network at `end`, to compare with a replay's; empty if that network was not kept.
    fingerprint: str = ""
    device: str = ""  # what trained it: another device may round sums differently
    origin: Record | None = None  # up to the moment that this run went on from

    def built_config(self) -> Config:
        return variant(self.variant).Config.build(self.config)

    @property
    def rate_changes(self) -> list[Intervened]:
        return [each for each in self.interventions if each.what == "learning_rate"]

    @property
    def additions(self) -> list[Intervened]:
        return [each for each in self.interventions if each.what == "more"]

    def until(self, end: Moment) -> Record:
        """Returns the record up to an earlier moment: of its origin, if that moment is its."""
        if self.origin and end.place <= self.origin.end.place:
            return self.origin.until(end)
        before = [each for each in self.interventions if each.place < end.place]
        return self.model_copy(update={"interventions": before, "end": end, "fingerprint": ""})

    def chain(self) -> list[Record]:
        """Returns this record and those of its origins, the earliest first."""
        return [*(self.origin.chain() if self.origin else []), self]


def read(path: Path) -> Record:
    """Reads the record in a file; `LabError` if it is not a record."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise LabError(
            f"'{path}' cannot be read: {error.strerror}; "
            "expected a file that the Figures tab of a run offered. Check its name."
        ) from error
    try:
        record = Record.model_validate(json.loads(text))
        record.built_config()
        return record
    except ValueError as error:
        raise LabError(
            f"'{path}' is no record of a run; "
            "expected a file that the Figures tab of a run offered. Download it there again."
        ) from error
