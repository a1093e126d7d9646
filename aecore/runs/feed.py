"""The live history of a run, as a chart shows it: only what was appended to its events is read.

A `Feed` gives `News`, which a page receives as JSON. Long runs are thinned: neighbouring points are averaged until
`MOST_POINTS` are left, except those with an evaluation; of too many evaluations every second one is left out.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from aecore.errors import LabError
from aecore.runs import codec
from aecore.runs.files import whole_lines
from aecore.runs.processes import alive
from aecore.runs.run import Run
from aecore.runs.spec import State
from aecore.runs.statuses import ACTIVE, Status
from aecore.training.events import EpochEnded, Event, PhaseStarted, Snapshot, Steps

MOST_POINTS = 600


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


@dataclass(frozen=True)
class Point:
    """The mean of each loss term over `n` steps, the last of which is step `x` of the run."""

    x: int
    phase: int
    terms: dict[str, float]
    n: int

    def merged(self, later: Point) -> Point:
        """The mean over the steps of both."""
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
    images_per_second: float | None = (
        None  # None after the first chunk, which also compiled the training
    )
    seconds_left: float | None = None

    def after(self, event: Steps, taken: int) -> Progress:
        """Adds the pace: smoothed over the chunks, except for a lone step, which says little."""
        rate, before = event.images / max(event.seconds, 1e-9), self.images_per_second
        if before:
            rate = 0.7 * before + 0.3 * rate if taken > 1 else before
        left = (self.steps - event.step) * event.images / taken
        return replace(self, images_per_second=rate, seconds_left=left / max(rate, 1e-9))


@dataclass(frozen=True)
class News:
    """What a page is sent. `reset`: the lists hold the whole history, not only what is new."""

    status: Status
    words: str
    status_key: str  # the page is drawn again when this changes
    over: bool = False
    message: str = ""
    progress: Progress | None = None
    points: list[Point] = field(default_factory=list)
    evaluations: list[Evaluation] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    snapshot: Picture | None = None  # None: as before
    reset: bool = False

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def to_json(self) -> str:
        return json.dumps(self.as_dict())


def status_key(run: Run, state: State) -> str:
    """What a page's buttons and tabs depend on."""
    return f"{state.status}, {'weights' if run.has_network else 'no weights'}"


class Feed:
    """Follows one run. `describe` says in words where it is; `lock` is for pages that poll one feed from several threads."""

    def __init__(
        self, run: Run, describe: Callable[[Run, State], str] = lambda run, state: str(state.status)
    ):
        self.run, self.describe = run, describe
        self.finished = False  # it has ended, and its worker has nothing more to store
        self.lock = threading.Lock()
        self._session: int | None = None
        self._status: News | None = None  # without the history
        self._clear()

    def _clear(self) -> None:
        self._offset = 0
        self.phases: list[Phase] = []
        self.points: list[Point] = []
        self.evaluations: list[Evaluation] = []
        self.snapshot: Picture | None = None
        self.progress: Progress | None = None
        self._waiting: Point | None = None

    def news(self) -> News:
        """What is new since the last call."""
        try:
            state = (
                self.run.state
            )  # before the events: what the state says has happened is among them
        except LabError as error:
            self.finished = True
            self._status = News(
                Status.FAILED, "Failed", Status.FAILED, over=True, message=error.on_page
            )
            return self._status
        resumed = self._session not in (
            None,
            state.sessions,
        )  # what came after its last checkpoint was forgotten
        if resumed:
            self._clear()
        self._session, self.finished = (
            state.sessions,
            state.status not in ACTIVE and not alive(state),
        )
        points, evaluations, snapshot = len(self.points), len(self.evaluations), self.snapshot
        lines, self._offset = whole_lines(self.run.path / "events.jsonl", self._offset)
        for event in codec.read_events(lines):
            self._take(event)
        self._status = News(
            state.status,
            self.describe(self.run, state),
            status_key(self.run, state),
            state.status not in ACTIVE,
            state.message,
            self.progress,
        )
        if resumed:
            return self.catch_up()
        new = replace(
            self._status, points=self.points[points:], evaluations=self.evaluations[evaluations:], phases=self.phases,
            snapshot=self.snapshot if self.snapshot is not snapshot else None,
        )  # fmt: skip
        self._thin()
        return new

    def catch_up(self) -> News:
        """Everything so far: for a page that joins and, after a call of `news`, for one that polls."""
        status = self._status or self.news()
        self._thin()
        return replace(
            status, points=self.points, evaluations=self.evaluations, phases=self.phases, snapshot=self.snapshot, reset=True
        )  # fmt: skip

    def _take(self, event: Event) -> None:
        start = self.phases[-1].start if self.phases else 0
        if isinstance(event, PhaseStarted):
            self._begin_phase(event)
        elif isinstance(event, Steps) and self.phases:
            taken = len(next(iter(event.terms.values())))
            self._add(
                Point(
                    start + event.step,
                    event.phase,
                    {name: float(values.mean()) for name, values in event.terms.items()},
                    taken,
                )
            )
            before = self.progress
            progress = Progress(
                event.phase, event.epoch, event.step, self.phases[-1].steps, event.learning_rate
            )
            if before:
                progress = replace(progress, images_per_second=before.images_per_second).after(
                    event, taken
                )
            self.progress = progress
        elif isinstance(event, EpochEnded):
            if self._waiting:  # shown with the chunk before it, so that training and validation are read at the same step
                self.points.append(replace(self.points[-1].merged(self._waiting), n=1))
                self._waiting = None
            self.evaluations.append(
                Evaluation(start + event.step, event.phase, event.epoch, event.valid)
            )
        elif isinstance(event, Snapshot):
            seen = None if event.seen is None else codec.pack_images(event.seen)
            self.snapshot = Picture(
                start + event.step, codec.pack_images(event.reconstructions), seen, event.metrics
            )

    def _begin_phase(self, event: PhaseStarted) -> None:
        """Add a phase; or take it up again, as a resumed run does, perhaps with more epochs."""
        before = self.phases[-1] if self.phases else None
        if before and before.phase == event.phase:
            self.phases.pop()
            start = before.start
        else:
            start = before.start + before.steps if before else 0
        self.phases.append(
            Phase(event.phase, event.name, event.phases, event.epochs, event.steps_per_epoch, start)
        )

    def _add(self, point: Point) -> None:
        """Add a point. A lone step behind a long chunk (the small last batch of an epoch) waits to be averaged with the next."""
        if self._waiting and self._waiting.phase == point.phase:
            point = self._waiting.merged(point)
        long_before = bool(self.points) and self.points[-1].n >= 4
        self._waiting = point if point.n == 1 and long_before else None
        if not self._waiting:
            self.points.append(point)

    def _thin(self) -> None:
        while len(self.evaluations) > MOST_POINTS:
            self.evaluations = self.evaluations[-1::-2][::-1]  # the last one stays
        read = {
            evaluation.x for evaluation in self.evaluations
        }  # a validation value keeps its training value beside it
        while len(self.points) > MOST_POINTS + len(read):
            thinned: list[Point] = []
            open_pair = False  # whether the last point may take one more
            for point in self.points:
                if open_pair and thinned[-1].x not in read and thinned[-1].phase == point.phase:
                    thinned[-1], open_pair = thinned[-1].merged(point), False
                else:
                    thinned.append(point)
                    open_pair = True
            self.points = thinned
