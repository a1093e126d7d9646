"""Starts a worker process, writes to it, and resumes it if it is suspended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from aecore.backend import gpus

# Memory in pages of 2 MB, if Linux allows it, and kept until a training ends: its compiled steps
# take 1 to 5 % less time (docs/performance.md). Only glibc reads this, from 2.35 on.
LARGE_PAGES = {
    "GLIBC_TUNABLES": ":".join(
        f"glibc.malloc.{name}={value}"
        for name, value in {
            "hugetlb": 1,
            "mmap_threshold": 2**30,
            "top_pad": 2**26,
            "trim_threshold": 2**32,
        }.items()
    )
}


def spawn(slot: int, max_concurrent_runs: int) -> subprocess.Popen[str]:
    """Starts `aecore.jobs.worker` with pipes for its lines, on the slot's GPU if there is one."""
    package_root = Path(__file__).resolve().parent.parent.parent
    search = os.pathsep.join(filter(None, [str(package_root), os.environ.get("PYTHONPATH")]))
    variables = {
        "PYTHONPATH": search,
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "AUTOENCODER_LAB_SLOTS": str(max_concurrent_runs),
    }
    if count := gpus():
        names = os.environ.get("CUDA_VISIBLE_DEVICES") or ",".join(map(str, range(count)))
        variables["CUDA_VISIBLE_DEVICES"] = names.split(",")[slot % count]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "aecore.jobs.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=LARGE_PAGES | os.environ | variables,
    )


def write_line(worker: subprocess.Popen[str], line: str) -> bool:
    """Writes a line to a worker. Returns False if the worker is gone."""
    try:
        worker.stdin.write(f"{line}\n")  # type: ignore[union-attr]
        worker.stdin.flush()  # type: ignore[union-attr]
        return True
    except (OSError, ValueError):
        return False


def resume_orphan(pid: int) -> None:
    """Resumes a worker whose server may have ended just after suspending it.

    A process that leads a group is left alone: a person started it, and perhaps stopped it.
    """
    with contextlib.suppress(OSError):
        if os.getpgid(pid) != pid:
            os.kill(pid, signal.SIGCONT)
