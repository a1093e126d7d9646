"""Where a training stands, and what may follow: the one table that whoever writes a status is held to (`runs.Run`)."""

from __future__ import annotations

from enum import StrEnum

from aecore.errors import LabError


class Status(StrEnum):
    QUEUED = "queued"  # waits for a worker
    RUNNING = "running"
    PAUSED = "paused"  # with its worker; or put away, without one, if others wait
    STOPPING = "stopping"  # Stop was pressed and is not yet obeyed
    DONE = "done"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"  # its process went away
    DIVERGED = "diverged"
    FAILED = "failed"


_ENDS = {Status.DONE, Status.STOPPED, Status.INTERRUPTED, Status.DIVERGED, Status.FAILED}
NEXT: dict[Status, set[Status]] = {
    Status.QUEUED: {Status.RUNNING, Status.STOPPED, Status.INTERRUPTED, Status.FAILED},
    Status.RUNNING: {Status.PAUSED, Status.STOPPING, *_ENDS},
    Status.PAUSED: {Status.RUNNING, Status.QUEUED, Status.STOPPING, *_ENDS},
    Status.STOPPING: _ENDS,  # "done" if the last step was taken meanwhile
    Status.DONE: {Status.QUEUED},
    Status.STOPPED: {
        Status.QUEUED,
        Status.INTERRUPTED,
    },  # its last checkpoint is stored after it has been said, and may fail
    Status.INTERRUPTED: {
        Status.QUEUED,
        Status.RUNNING,
    },  # the command line's sweeps start what waits for its turn as interrupted
    Status.DIVERGED: set(),
    Status.FAILED: set(),
}
HELD = (Status.RUNNING, Status.PAUSED, Status.STOPPING)  # a process may be at it
ACTIVE = (Status.QUEUED, *HELD)


class OutOfTurn(LabError):
    """A status that may not follow the present one."""


def following(present: Status, wanted: Status) -> Status:
    """`wanted`, if it may follow `present`."""
    if wanted not in NEXT[present]:
        expected = ", ".join(sorted(NEXT[present])) or "nothing more"
        raise OutOfTurn(
            f"A run that is {present} cannot become {wanted}; expected {expected}. Look at its page again."
        )
    return wanted
