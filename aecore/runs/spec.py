"""The files of a run as types: what was asked for, its state, and the commands of pages."""

from __future__ import annotations

import sys
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aecore.models import variant
from aecore.runs.statuses import Status

if sys.platform == "win32":
    pass
else:
    pass


SCHEMA_VERSION = 4  # 3: a restarted rate was whole at once; 2: no record of what was done to a run, and last biases began at zero; 1: codings had no activation of their own


class Spec(BaseModel):
    """What was asked for. `owner` is a hash that only its visitor's cookie matches; empty if the command line asked."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    schema_version: int = SCHEMA_VERSION
    id: str
    name: str
    variant: str
    dataset: str
    preset: str
    config: dict[str, Any]
    seed: int
    owner: str = ""
    created: float  # seconds since 1970, for display and order


class State(BaseModel):
    """Where it stands. Changed under the run's lock, by `Run` alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    status: Status = Status.QUEUED
    message: str = ""
    pid: int = 0  # of the process that is at it
    born: int = 0  # when that began, as the system counts: another process may have its number after a reboot
    sessions: int = 0  # workers that took it up, each from the last checkpoint: what came after that is reported anew
    asked: int = 0  # the number of the last command
    obeyed: int = 0  # and of the last one that the worker has carried out
    rate: float | None = None  # what the dial was last turned to; None: never
    steps_per_second: float | None = None  # slow motion; None: as fast as it goes
    extra_epochs: int = 0
    rate_turned: bool = False  # by hand, in a run of schema 2, which did not say when
    seconds: float = 0.0  # spent training, over all sittings
    images: int = 0
    images_wanted: int = 0  # by the end of the last phase; 0: not known yet
    counted: float = 0.0  # when: seconds since 1970


CommandName = Literal[
    "pause", "resume", "step", "stop", "learning_rate", "steps_per_second", "show"
]


class Command(BaseModel):
    """A click: pause, step, resume, stop, a turned dial, or `show`, which asks for the network of now."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)
    n: int = Field(ge=1)
    command: CommandName
    value: float | None = None

    @model_validator(mode="after")
    def _in_range(self) -> Command:
        if self.command == "learning_rate" and not (self.value and 0 < self.value <= 10):
            raise ValueError("expected a learning rate above 0 and at most 10")
        if self.command == "steps_per_second" and self.value is not None and self.value <= 0:
            raise ValueError("expected more than 0 steps a second, or none for as fast as it goes")
        return self


def from_schema_1(spec: Spec) -> Spec:
    """Before codings had an activation of their own they had that of the hidden layers, if their variant left it open."""
    control = variant(spec.variant).Config.declared().get("codings_activation")
    if not control or len(control.choices) == 1 or "activation" not in spec.config:
        return spec
    return spec.model_copy(
        update={"config": {"codings_activation": spec.config["activation"]} | spec.config}
    )
