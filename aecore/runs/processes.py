"""Whether the process that works on a run is still there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    pass
else:
    pass
from aecore.runs.spec import State


def alive(state: State) -> bool:
    """Whether the process that was at the run is still there."""
    if not state.pid:
        return False
    try:
        os.kill(state.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # there, and another user's
    return state.born in (0, born(state.pid))


def born(pid: int) -> int:
    """When a process began, in clock ticks since the machine did; 0 if the system does not tell (Linux does)."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0
