"""Estimates how long each queued run will wait for a worker."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from aecore.errors import LabError
from aecore.runs.run import Run
from aecore.runs.statuses import Status


@dataclass(frozen=True)
class Wait:
    """A waiting run's place in the queue, and the time until a worker takes it."""

    place: int  # 1 for the next
    of: int
    seconds: float
    known: bool  # True: an estimate. False: a lower bound, as a training ahead has no known length


def settings_key(run: Run) -> str:
    """Returns a key that is equal for runs which should take equally long."""
    return f"{run.spec.variant} {run.spec.dataset} {run.config.model_dump_json()}"


def estimate_waits(
    queue: list[Run],
    serving: Iterable[Run],
    free_workers: int,
    seconds_left: Callable[[Run], tuple[float, bool]],
) -> dict[str, Wait]:
    """Returns every queued run's wait by id, if each free worker takes the next run."""
    free = [(0.0, True)] * max(0, free_workers)
    free += [seconds_left(run) for run in serving]
    heapq.heapify(free)
    waits = {}
    for i, run in enumerate(queue):
        seconds, known = heapq.heappop(free) if free else (0.0, False)
        waits[run.id] = Wait(i + 1, len(queue), seconds, known)
        more, also_known = seconds_left(run)
        heapq.heappush(free, (seconds + more, known and also_known))
    return waits


def seconds_left(run: Run, durations: Mapping[str, float]) -> tuple[float, bool]:
    """Returns the seconds of training left, and whether they can be known.

    Unknown before a run has trained for a while, and in slow motion, which the user controls.

    durations: seconds that finished trainings took, by `settings_key`.
    """
    try:
        state = run.state
    except LabError:
        return 0.0, True
    if state.status in (Status.PAUSED, Status.STOPPING):
        return 0.0, True  # about to leave its worker
    if state.steps_per_second:
        return 0.0, False
    if state.images_wanted and state.seconds:
        left = (state.images_wanted - state.images) * state.seconds / state.images
        since_counted = time.time() - state.counted if state.status is Status.RUNNING else 0
        return max(0.0, left - since_counted), True
    duration = durations.get(settings_key(run))
    return duration or 0.0, duration is not None
