"""The process that trains: `python -m aecore.jobs.worker` waits for runs on standard input."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import queue
import signal
import sys
import threading
from pathlib import Path

from aecore.jobs.pool import WAITING
from aecore.jobs.warm_up import warm_up_tasks
from aecore.jobs.work import serve


def give_memory_back() -> None:
    """Returns freed memory to the system; `LARGE_PAGES` lets a training keep it until its end."""
    with contextlib.suppress(OSError, AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)


def main() -> None:
    """Writes "ready" when TensorFlow is loaded, and "finished" after each run.

    A line of input is the folder of a run to train. Lines that start with `WAITING` say how many
    runs wait. While there are any, a paused run gives up this worker.
    """
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # output of libraries must not be read as an answer
    gone, training, wanted = threading.Event(), threading.Event(), threading.Event()
    # A run in training is stored before the process ends.
    signal.signal(signal.SIGTERM, lambda *_: gone.set() if training.is_set() else os._exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the server, which is noticed below
    parent = os.getppid()
    tasks = warm_up_tasks()
    next(tasks)  # whichever preset comes first, it pays for TensorFlow's lazy imports
    print("ready", file=answers)
    lines: queue.Queue[str] = queue.Queue()

    def listen() -> None:
        for line in sys.stdin:
            if line.startswith(WAITING):
                (wanted.set if int(line.removeprefix(WAITING)) else wanted.clear)()
            else:
                lines.put(line)
        lines.put("")

    threading.Thread(target=listen, daemon=True).start()
    while not gone.is_set():
        try:
            line = lines.get(timeout=0.5)
        except queue.Empty:
            next(tasks, None)  # idle: prepare for the next click
            continue
        if not line:
            return
        training.set()
        serve(
            Path(line.strip()),
            interrupted=lambda: gone.is_set() or os.getppid() != parent,
            wanted=wanted.is_set,
        )
        training.clear()
        print("finished", file=answers)
        gc.collect()  # a finished run leaves 30 MB in reference cycles, on the digits
        give_memory_back()


if __name__ == "__main__":
    main()
