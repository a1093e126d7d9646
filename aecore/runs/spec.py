"""The files of a run as types: its settings, its state, and the commands of pages."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator

from aecore.models import variant
from aecore.runs.records import Record
from aecore.runs.statuses import Status

# Earlier schemas:
# 5: no run went on from another one's moment.
# 4: other names of snapshots' metrics and of sessions; a network's file named activations alone.
# 3: a restarted learning rate was at its full value at once.
# 2: interventions were not recorded, and the last biases started at zero.
# 1: codings had no activation of their own.
SCHEMA_VERSION = 6


class Spec(BaseModel):
    """The settings of a run.

    owner: a hash that only its visitor's cookie matches; empty for runs of the command line.
    origin: the record of another run, up to the moment that this one goes on from.
    """

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
    origin: Record | None = None


def _renamed(name: str, earlier: str, default: Any) -> Any:
    """A field that earlier versions of the lab wrote under another name."""
    return Field(default, validation_alias=AliasChoices(name, earlier))


class State(BaseModel):
    """The state of a run. Only `Run` changes it, under the run's lock."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    status: Status = Status.QUEUED
    message: str = ""
    pid: int = 0  # of the process that trains it
    born: int = 0  # when that process started: after a reboot another one may have its pid
    # Workers that have trained it, each from the last checkpoint. Later events are reported again.
    sessions: int = 0
    repeating: bool = False  # its origin's steps, before its own begin
    origin_repeated: bool | None = None  # whether they gave its weights; None: these are not kept
    asked: int = 0  # the number of the last command
    # The number of the last command that the worker has carried out.
    carried_out: int = _renamed("carried_out", "obeyed", 0)
    rate: float | None = None  # the learning rate last set by hand; None: never
    steps_per_second: float | None = None  # slow motion; None: full speed
    extra_epochs: int = 0
    # The rate was set by hand in a run of schema 2, which did not record when.
    rate_changed: bool = _renamed("rate_changed", "rate_turned", False)
    seconds: float = 0.0  # spent training, over all sessions
    images: int = 0
    images_wanted: int = 0  # by the end of the last phase; 0: not known yet
    counted: float = 0.0  # when `seconds` and `images` were last updated: seconds since 1970


CommandName = Literal[
    "pause", "resume", "step", "stop", "learning_rate", "steps_per_second", "show"
]


class Command(BaseModel):
    """A page's command. `show` asks for the network as it is now."""

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
    """Adds `codings_activation` to a spec of schema 1.

    Codings then had the activation of the hidden layers, if their variant allowed a choice.
    """
    control = variant(spec.variant).Config.declared().get("codings_activation")
    if not control or len(control.choices) == 1 or "activation" not in spec.config:
        return spec
    return spec.model_copy(
        update={"config": {"codings_activation": spec.config["activation"]} | spec.config}
    )
