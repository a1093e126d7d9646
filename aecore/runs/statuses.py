"""The statuses of a run, and which may follow which. `aecore.runs.run.Run` checks every change."""

from __future__ import annotations

from enum import StrEnum

from aecore.errors import LabError


class Status(StrEnum):
    QUEUED = "queued"  # waits for a worker
    RUNNING = "running"
    PAUSED = "paused"  # with its worker, or without one if other runs wait
    STOPPING = "stopping"  # Stop was pressed, and the worker has not stopped yet
    DONE = "done"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"  # its process is gone
    DIVERGED = "diverged"
    FAILED = "failed"


_ENDS = {Status.DONE, Status.STOPPED, Status.INTERRUPTED, Status.DIVERGED, Status.FAILED}
NEXT: dict[Status, set[Status]] = {
    Status.QUEUED: {Status.RUNNING, Status.STOPPED, Status.INTERRUPTED, Status.FAILED},
    Status.RUNNING: {Status.PAUSED, Status.STOPPING, *_ENDS},
    Status.PAUSED: {Status.RUNNING, Status.QUEUED, Status.STOPPING, *_ENDS},
    Status.STOPPING: _ENDS,  # DONE if the last step was taken meanwhile
    Status.DONE: {Status.QUEUED},
    # The last checkpoint is stored after the status, and storing it may fail.
    Status.STOPPED: {Status.QUEUED, Status.INTERRUPTED},
    # The command line's sweeps mark runs that wait for their turn as interrupted.
    Status.INTERRUPTED: {Status.QUEUED, Status.RUNNING},
    Status.DIVERGED: set(),
    Status.FAILED: set(),
}
HELD = (Status.RUNNING, Status.PAUSED, Status.STOPPING)  # a process may train it
ACTIVE = (Status.QUEUED, *HELD)


class InvalidTransition(LabError):
    """A status that may not follow the present one."""


def check_transition(present: Status, wanted: Status) -> None:
    """Raises `InvalidTransition` if `wanted` may not follow `present`."""
    if wanted not in NEXT[present]:
        expected = ", ".join(sorted(NEXT[present])) or "nothing more"
        raise InvalidTransition(
            f"A run that is {present} cannot become {wanted}; expected {expected}. "
            "Look at its page again."
        )
