"""Finds out whether the process that trains a run still exists."""

from __future__ import annotations

import os
from pathlib import Path

from aecore.runs.spec import State


def alive(state: State) -> bool:
    """Returns whether the process that trained the run still exists."""
    if not state.pid:
        return False
    try:
        os.kill(state.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it exists, and is another user's
    return state.born in (0, born(state.pid))


def born(pid: int) -> int:
    """Returns when a process started, in clock ticks since the machine did.

    0 if the system does not say (Linux does).
    """
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0
