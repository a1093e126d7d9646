"""Progress on a terminal."""

from __future__ import annotations

import sys
import threading
import time

from aecore.runs.run import Run
from aecore.training.events import Event, PhaseStarted, Steps


class ProgressLine:
    """One line on a terminal, drawn anew five times a second at most; nothing if the output is no terminal."""

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
    """Where a training stands."""

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
                f"{self.phase.name}  {_bar(done)}  epoch {event.epoch}/{self.phase.epochs}  loss {loss:.5g}  {rate:,.0f} images/s  {left:.0f} s left"
            )


class SweepBar(ProgressLine):
    """Where a sweep stands, whose runs tell of themselves from several threads."""

    def __init__(self, runs: int):
        super().__init__()
        self.runs, self.begin = runs, time.monotonic()
        self.phases: dict[str, PhaseStarted] = {}
        self.done: dict[str, float] = {}  # the part of each run that is done
        self.lock = threading.Lock()

    def __call__(self, run: Run, event: Event) -> None:
        with self.lock:
            if isinstance(event, PhaseStarted):
                self.phases[run.id] = event
            elif isinstance(event, Steps):
                phase = self.phases[run.id]
                self.done[run.id] = (
                    phase.phase + event.step / (phase.epochs * phase.steps_per_epoch)
                ) / phase.phases
                if self.due():
                    done, ended = (
                        sum(self.done.values()) / self.runs,
                        sum(part >= 1 for part in self.done.values()),
                    )
                    left = (time.monotonic() - self.begin) * (1 - done) / done
                    self.draw(f"{_bar(done)}  {ended} of {self.runs} runs  {left:.0f} s left")


def _bar(done: float) -> str:
    return "━" * round(24 * done) + "╌" * (24 - round(24 * done)) + f" {done:4.0%}"
