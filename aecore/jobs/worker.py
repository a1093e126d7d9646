"""The process that trains: `python -m aecore.jobs.worker` waits for runs on standard input."""

from __future__ import annotations

import gc
import os
import queue
import signal
import sys
import threading
from pathlib import Path

from aecore.jobs.pool import WAITING
from aecore.jobs.warm_up import warm_up, warm_up_tasks
from aecore.jobs.work import serve
from aecore.models import variant


def main() -> None:
    """Say "ready" once TensorFlow is warm; then train each run whose folder arrives on a line, and say "finished".

    Other lines say how many runs wait: while there are any, a paused run is put away.
    """
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever libraries print must not be taken for an answer
    gone, training, wanted = threading.Event(), threading.Event(), threading.Event()
    signal.signal(
        signal.SIGTERM, lambda *_: gone.set() if training.is_set() else os._exit(0)
    )  # a run is stored first
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, whose going we notice
    parent = os.getppid()
    warm_up(variant("linear"), "course")  # TensorFlow's lazy imports
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
    chores = warm_up_tasks()
    while not gone.is_set():
        try:
            line = lines.get(timeout=0.5)
        except queue.Empty:
            next(chores, None)  # nothing to do: be ready for the next click
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
        gc.collect()  # what a run leaves behind has cycles: 30 MB on the digits, if nobody looks


if __name__ == "__main__":
    main()
