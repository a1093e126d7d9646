"""A run's status in words: what it does, why it waits, and for how long."""

from __future__ import annotations

from aecore.runs.branches import words_of
from aecore.runs.run import Run
from aecore.runs.spec import State
from aecore.runs.statuses import Status
from ui.session import pool_if_started
from ui.words import status_words


def describe(run: Run, state: State) -> str:
    """The status in words.

    For a waiting run also its place and an estimate; for a paused one, whether it uses a worker.
    """
    if state.status is Status.PAUSED and not state.pid:
        return "Paused and saved: it uses no worker"
    if state.repeating and state.status is Status.RUNNING and run.spec.origin:
        return f"Repeating up to {words_of(run.spec.origin.end)}"
    if state.status is not Status.QUEUED:
        return status_words(state)
    pool = pool_if_started()
    if not pool or not pool.warm:
        return "Starting the training engine"
    wait = pool.wait_of(run.id)
    if wait is None:
        return "Starting"
    place = f"Waiting for a worker: place {wait.place} of {wait.of}"
    if not wait.known and wait.seconds < 5:  # no estimate
        return place
    return f"{place}, {'about' if wait.known else 'at least'} {roughly(wait.seconds)}"


def roughly(seconds: float) -> str:
    """A duration, rounded as people say it."""
    if seconds < 100:
        return f"{max(5, 5 * round(seconds / 5))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{round(seconds / 3600)} h"
