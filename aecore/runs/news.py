"""What a page receives about a run: its status, and what is new in its history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from aecore.runs.history import Place
from aecore.runs.statuses import Status
from aecore.training.events import Intervened, Steps


@dataclass(frozen=True)
class Phase:
    """A phase that has begun; `start` is the number of steps of all phases before it."""

    phase: int
    name: str
    phases: int
    epochs: int
    steps_per_epoch: int
    start: int

    @property
    def steps(self) -> int:
        return self.epochs * self.steps_per_epoch


def steers(change: Intervened, phases: Sequence[Phase]) -> bool:
    """Returns whether a change leads a run away from the course that its settings give.

    phases: those that have begun. Epochs that are added at the end of the last one do not: all
    steps of the settings have been taken.
    """
    last = phases[-1] if phases else None
    at_end = bool(
        last and last.phase == last.phases - 1 and change.place == (last.phase, last.steps)
    )
    return change.what == "learning_rate" or (change.what == "more" and not at_end)


@dataclass(frozen=True)
class Point:
    """The mean of each loss term over `n` steps, the last of which is step `x` of the run."""

    x: int
    phase: int
    terms: dict[str, float]
    n: int

    def merged(self, later: Point) -> Point:
        """Returns the mean over the steps of both."""
        n = self.n + later.n
        means = {
            name: (self.terms[name] * self.n + value * later.n) / n
            for name, value in later.terms.items()
        }
        return replace(later, terms=means, n=n)


@dataclass(frozen=True)
class Evaluation:
    x: int
    phase: int
    epoch: int
    valid: dict[str, float]


@dataclass(frozen=True)
class Measured:
    """The variant's metrics at a snapshot."""

    x: int
    metrics: dict[str, float]


@dataclass(frozen=True)
class Picture:
    """The last snapshot, its images packed for the browser."""

    x: int
    pictures: dict[str, Any]
    seen: dict[str, Any] | None
    metrics: dict[str, float]


@dataclass(frozen=True)
class Progress:
    phase: int
    epoch: int
    step: int
    steps: int  # in the whole phase
    learning_rate: float
    # None after the first chunk, whose time includes compiling.
    images_per_second: float | None = None
    seconds_left: float | None = None

    def after(self, event: Steps, taken: int) -> Progress:
        """Returns this progress with the speed after a chunk of `taken` steps.

        The speed is smoothed over the chunks. A chunk of one step says little, and is ignored.
        """
        rate, before = event.images / max(event.seconds, 1e-9), self.images_per_second
        if before:
            rate = 0.7 * before + 0.3 * rate if taken > 1 else before
        left = (self.steps - event.step) * event.images / taken
        return replace(self, images_per_second=rate, seconds_left=left / max(rate, 1e-9))


@dataclass(frozen=True)
class News:
    """What a page receives. `reset`: the lists hold the whole history, not only what is new."""

    status: Status
    words: str
    status_key: str  # the page is redrawn when this changes
    over: bool = False
    message: str = ""
    progress: Progress | None = None
    points: list[Point] = field(default_factory=list)
    evaluations: list[Evaluation] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    rises: list[int] = field(default_factory=list)  # all steps after which the rate rose
    steered: bool = False  # a change led it away from the course that its settings give
    # Phase and step of every network in the run's history; None: unchanged.
    moments: list[Place] | None = None
    snapshot: Picture | None = None  # None: unchanged
    reset: bool = False
    session: int = 0  # changes when the run is resumed: later moments may then be others

    def as_dict(self) -> dict[str, Any]:
        """For JSON. The history is not copied: a page that joins a long run gets 1,800 entries."""
        lists = {name: vars(self)[name] for name in ("points", "evaluations", "measured", "phases")}
        parts = {"progress": self.progress, "snapshot": self.snapshot}
        return (
            vars(self)
            | {name: [vars(each) for each in items] for name, items in lists.items()}
            | {name: None if part is None else vars(part) for name, part in parts.items()}
        )

    def to_json(self) -> str:
        return json.dumps(self.as_dict())
