"""Follows a run's history for a live chart, and reads only what was appended to its events.

A `Feed` gives `News`, which a page receives as JSON. Long histories are thinned to `MOST_POINTS`:
neighbouring points are averaged, except those with an evaluation. Every second evaluation or
measurement is dropped if there are too many.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from aecore.errors import LabError
from aecore.hyperparameters import RESTARTS_AT
from aecore.runs import codec
from aecore.runs.files import whole_lines
from aecore.runs.history import History, Place
from aecore.runs.news import Evaluation, Measured, News, Phase, Picture, Point, Progress, steers
from aecore.runs.processes import alive
from aecore.runs.run import Run
from aecore.runs.spec import State
from aecore.runs.statuses import ACTIVE, HELD, Status
from aecore.training.events import (
    EpochEnded,
    Event,
    Intervened,
    PhaseStarted,
    Snapshot,
    Steps,
)

MOST_POINTS = 600


def status_key(run: Run, state: State) -> str:
    """Returns a key for the state that a page's buttons and tabs depend on."""
    weights = "weights" if run.has_network else "no weights"
    advised = ", advised" if state.message and state.status in HELD else ""
    return f"{state.status}, {weights}{', repeating' if state.repeating else ''}{advised}"


class Feed:
    """Follows one run.

    describe: returns the run's state in words.

    Pages that poll one feed from several threads share its `lock`.
    """

    def __init__(
        self, run: Run, describe: Callable[[Run, State], str] = lambda run, state: str(state.status)
    ):
        self.run, self.describe = run, describe
        self.finished = False  # the run has ended, and its worker has stored everything
        self.lock = threading.Lock()
        self._session: int | None = None
        self._status: News | None = None  # without the history
        self._clear()

    def _clear(self) -> None:
        self._offset = 0
        self.phases: list[Phase] = []
        self.rises: list[int] = []
        self._rising = False  # the last chunk's rate rose
        self.steered = False
        self.points: list[Point] = []
        self.evaluations: list[Evaluation] = []
        self.measured: list[Measured] = []
        self.snapshot: Picture | None = None
        self._unpacked: tuple[int, Snapshot] | None = None  # a new one, and its step
        self.moments: list[Place] = []
        self._looked = -1  # when the folder of the history had last changed as it was read
        self.progress: Progress | None = None
        self._waiting: Point | None = None

    def news(self) -> News:
        """Returns what is new since the last call."""
        try:
            # Read before the events, so that they include all that the state says has happened.
            state = self.run.state
        except LabError as error:
            self.finished = True
            self._status = News(
                Status.FAILED, "Failed", Status.FAILED, over=True, message=error.on_page
            )
            return self._status
        # A resumed run has dropped the events after its last checkpoint.
        resumed = self._session not in (None, state.sessions)
        if resumed:
            self._clear()
        self._session = state.sessions
        self.finished = state.status not in ACTIVE and not alive(state)
        points, evaluations, snapshot = len(self.points), len(self.evaluations), self.snapshot
        measured = len(self.measured)
        lines, self._offset = whole_lines(self.run.path / "events.jsonl", self._offset)
        for event in codec.read_events(lines):
            self._take(event)
        if self._unpacked:  # the last one; the others would be replaced at once
            self.snapshot, self._unpacked = _picture(*self._unpacked), None
        self._status = News(
            state.status,
            self.describe(self.run, state),
            status_key(self.run, state),
            state.status not in ACTIVE,
            state.message,
            self.progress,
            session=state.sessions,
        )
        moments = self._new_moments()
        if resumed:
            return self.catch_up()
        new = replace(
            self._status,
            moments=moments,
            points=self.points[points:],
            evaluations=self.evaluations[evaluations:],
            measured=self.measured[measured:],
            phases=self.phases,
            rises=self.rises,
            steered=self.steered,
            snapshot=self.snapshot if self.snapshot is not snapshot else None,
        )
        self._thin()
        return new

    def catch_up(self) -> News:
        """Returns the whole history, for a page that joins.

        A page that polls calls `news` first.
        """
        status = self._status or self.news()
        self._thin()
        return replace(
            status,
            points=self.points,
            evaluations=self.evaluations,
            measured=self.measured,
            phases=self.phases,
            rises=self.rises,
            steered=self.steered,
            snapshot=self.snapshot,
            moments=self.moments,
            reset=True,
        )

    def _new_moments(self) -> list[Place] | None:
        """Returns the places of the kept networks if they have changed."""
        history = History(self.run.path)
        changed = history.path.stat().st_mtime_ns if history.path.exists() else -1
        if changed == self._looked:
            return None
        self._looked = changed  # before it is read: what comes meanwhile is read next time
        before, self.moments = self.moments, history.places()
        return self.moments if self.moments != before else None

    def _take(self, event: Event) -> None:
        start = self.phases[-1].start if self.phases else 0
        if isinstance(event, PhaseStarted):
            self._begin_phase(event)
        elif isinstance(event, Steps) and self.phases:
            taken = len(next(iter(event.terms.values())))
            means = {name: float(values.mean()) for name, values in event.terms.items()}
            self._add(Point(start + event.step, event.phase, means, taken))
            before = self.progress
            self._note_rise(start, event)
            progress = Progress(
                event.phase, event.epoch, event.step, self.phases[-1].steps, event.learning_rate
            )
            if before:
                progress = replace(progress, images_per_second=before.images_per_second).after(
                    event, taken
                )
            self.progress = progress
        elif isinstance(event, EpochEnded):
            # Shown with the chunk before it: training and validation are read at the same step.
            if self._waiting:
                self.points.append(replace(self.points[-1].merged(self._waiting), n=1))
                self._waiting = None
            self.evaluations.append(
                Evaluation(start + event.step, event.phase, event.epoch, event.valid)
            )
        elif isinstance(event, Intervened):
            self.steered = self.steered or steers(event, self.phases)
        elif isinstance(event, Snapshot):
            self._unpacked = (start + event.step, event)
            if event.metrics:
                self.measured.append(Measured(start + event.step, event.metrics))

    def _note_rise(self, start: int, event: Steps) -> None:
        """Notes where the learning rate rose, if it did within the chunk that has been taken.

        Exactly where, if its schedule restarted; else where the chunk began.
        """
        before = self.progress
        if before and before.phase != event.phase:
            before, self._rising = None, False
        taken = before.step if before else 0
        restart = round(RESTARTS_AT * self.phases[-1].steps)
        if self.run.config.schedule == "restart" and taken <= restart < event.step:
            self.rises.append(start + restart)
            self._rising = True  # over the next steps too
            return
        rose = before is not None and event.learning_rate > before.learning_rate
        if rose and not self._rising:
            self.rises.append(start + taken)
        self._rising = rose

    def _begin_phase(self, event: PhaseStarted) -> None:
        """Adds a phase, or replaces the present one if a resumed run has begun it again."""
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
        """Adds a point.

        A single step after a long chunk, the small last batch of an epoch, waits to be averaged
        with the next point.
        """
        if self._waiting and self._waiting.phase == point.phase:
            point = self._waiting.merged(point)
        long_before = bool(self.points) and self.points[-1].n >= 4
        self._waiting = point if point.n == 1 and long_before else None
        if not self._waiting:
            self.points.append(point)

    def _thin(self) -> None:
        while len(self.measured) > MOST_POINTS:
            self.measured = self.measured[-1::-2][::-1]
        while len(self.evaluations) > MOST_POINTS:
            self.evaluations = self.evaluations[-1::-2][::-1]  # the last one stays
        # A point at the step of an evaluation stays, so that both can be compared.
        kept = {evaluation.x for evaluation in self.evaluations}
        while len(self.points) > MOST_POINTS + len(kept):
            thinned: list[Point] = []
            open_pair = False  # whether the last point may take one more
            for point in self.points:
                if open_pair and thinned[-1].x not in kept and thinned[-1].phase == point.phase:
                    thinned[-1], open_pair = thinned[-1].merged(point), False
                else:
                    thinned.append(point)
                    open_pair = True
            self.points = thinned


def _picture(x: int, event: Snapshot) -> Picture:
    seen = None if event.seen is None else codec.pack_images(event.seen)
    return Picture(x, codec.pack_images(event.reconstructions), seen, event.metrics)
