"""Progress on standard error: a bar on a terminal (by rich), elsewhere a line from time to time."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from aecore.runs.run import Run
from aecore.training.events import Event, PhaseStarted, Steps

SECONDS_BETWEEN_LINES = 10.0  # if standard error is a file or a pipe


class _Bar:
    """One line on a terminal, removed at the end of its `with` block."""

    def __init__(self, *facts: ProgressColumn):
        console = Console(stderr=True)
        self.progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(24),
            TaskProgressColumn(),
            *facts,
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
            console=console,
            transient=True,
            disable=not sys.stderr.isatty(),
            get_time=lambda: time.monotonic(),
        )
        self.task: TaskID | None = None
        self.said, self.saying = time.monotonic(), threading.Lock()

    def begin(self, description: str, total: float) -> None:
        """Starts a line in place of the previous one."""
        if self.task is not None:
            self.progress.remove_task(self.task)
        self.task = self.progress.add_task(description, total=total, facts="")

    def show(self, completed: float, facts: str = "", total: float | None = None) -> None:
        if self.task is not None:
            self.progress.update(self.task, completed=completed, facts=facts, total=total)
        if self.progress.disable:
            with self.saying:
                if time.monotonic() - self.said >= SECONDS_BETWEEN_LINES:
                    self.said = time.monotonic()
                    self._say()

    def _say(self) -> None:
        """Prints one line for a log: what is done, and the time left."""
        for task in self.progress.tasks:
            left = "" if task.time_remaining is None else f", {task.time_remaining:,.0f} s left"
            facts = f"  {task.fields['facts']}" if task.fields["facts"] else ""
            line = f"{task.description} {task.percentage:.0f} %{left}{facts}"
            print(line, file=sys.stderr, flush=True)

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.progress.stop()


class TrainingBar(_Bar):
    """One training: its phase, epoch, loss and speed."""

    def __init__(self) -> None:
        super().__init__(TextColumn("{task.fields[facts]}"))
        self.phase: PhaseStarted | None = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, PhaseStarted):
            self.phase = event
            self.begin(event.name, event.epochs * event.steps_per_epoch)
        elif isinstance(event, Steps) and self.phase:
            loss = sum(float(values.mean()) for values in event.terms.values())
            rate = event.images / max(event.seconds, 1e-9)
            facts = (
                f"epoch {event.epoch}/{self.phase.epochs}  loss {loss:.5g}  {rate:,.0f} images/s"
            )
            self.show(event.step, facts)


class SweepBar(_Bar):
    """A sweep, whose runs report from several threads."""

    def __init__(self, runs: int):
        super().__init__(TextColumn("{task.fields[facts]}"))
        self.runs = runs
        self.phases: dict[str, PhaseStarted] = {}
        self.done: dict[str, float] = {}  # the share of each run that is done
        self.begin("Sweep", runs)

    def __call__(self, run: Run, event: Event) -> None:
        if isinstance(event, PhaseStarted):
            self.phases[run.id] = event
        elif isinstance(event, Steps):
            phase = self.phases[run.id]
            share = event.step / (phase.epochs * phase.steps_per_epoch)
            self.done[run.id] = (phase.phase + share) / phase.phases
            shares = list(self.done.values())
            ended = sum(share >= 1 for share in shares)
            self.show(sum(shares), f"{ended} of {self.runs} runs")


class DownloadBar(_Bar):
    """Bytes of a download."""

    def __init__(self, title: str):
        super().__init__(DownloadColumn())
        self.begin(title, 0)

    def __call__(self, done: int, total: int) -> None:
        self.show(done, total=total)
