"""Shows the progress of trainings on a terminal."""

from __future__ import annotations

import sys
import threading
import time

from aecore.runs.run import Run
from aecore.training.events import Event, PhaseStarted, Steps


class ProgressLine:
    """One line on a terminal, redrawn at most five times a second.

    Nothing is shown if the output is not a terminal.
    """

    def __init__(self) -> None:
        self.shown, self.drawn = sys.stderr.isatty(), 0.0

    def due(self) -> bool:
        return self.shown and time.monotonic() - self.drawn > 0.2

    def draw(self, text: str) -> None:
        self.drawn = time.monotonic()
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self.shown:
            self.draw("")


class ProgressBar(ProgressLine):
    """The progress of one training."""

    phase: PhaseStarted | None = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, PhaseStarted):
            self.phase = event
        elif isinstance(event, Steps) and self.phase and self.due():
            total = self.phase.epochs * self.phase.steps_per_epoch
            done = event.step / total
            rate = event.images / max(event.seconds, 1e-9)
            left = (total - event.step) * event.seconds / len(next(iter(event.terms.values())))
            loss = sum(float(values.mean()) for values in event.terms.values())
            self.draw(
                f"{self.phase.name}  {_bar(done)}  epoch {event.epoch}/{self.phase.epochs}  "
                f"loss {loss:.5g}  {rate:,.0f} images/s  {left:.0f} s left"
            )


class SweepBar(ProgressLine):
    """The progress of a sweep, whose runs report from several threads."""

    def __init__(self, runs: int):
        super().__init__()
        self.runs, self.begin = runs, time.monotonic()
        self.phases: dict[str, PhaseStarted] = {}
        self.done: dict[str, float] = {}  # the share of each run that is done
        self.lock = threading.Lock()

    def __call__(self, run: Run, event: Event) -> None:
        with self.lock:
            if isinstance(event, PhaseStarted):
                self.phases[run.id] = event
            elif isinstance(event, Steps):
                phase = self.phases[run.id]
                phases_done = phase.phase + event.step / (phase.epochs * phase.steps_per_epoch)
                self.done[run.id] = phases_done / phase.phases
                if self.due():
                    done = sum(self.done.values()) / self.runs
                    ended = sum(part >= 1 for part in self.done.values())
                    left = (time.monotonic() - self.begin) * (1 - done) / done
                    self.draw(f"{_bar(done)}  {ended} of {self.runs} runs  {left:.0f} s left")


def _bar(done: float) -> str:
    return "━" * round(24 * done) + "╌" * (24 - round(24 * done)) + f" {done:4.0%}"
