"""Sweeps: trains a variant with every combination of some values, several runs at a time.

All runs are trained in one process. Each is trained as if it were alone, by `work.serve` in its own
thread, and ends with the same weights bit for bit. The gain is in the scheduling: TensorFlow's
threads take any operation that is ready. While one training waits (for its towers to meet, for the
disk, for Python), another goes on.

Eight trainings of the sparse 784-300-784 take 6.3 times as long as one on two cores. One compiled
program of all eight took 6.2, and could train only runs of one shape. The matrix products of eight
at the machine's peak would take 4 (`benchmarks/sweep.py`).
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from aecore.jobs import work
from aecore.runs.run import Run
from aecore.runs.statuses import Status
from aecore.training import devices
from aecore.training.events import Event

AT_ONCE = 4  # more take more memory, and no core waits less


def combinations(values: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """Yields every choice of one value for each name; the last name varies fastest."""
    return (
        dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())
    )


def train_all(
    runs: Sequence[Run],
    data_dir: Path | None = None,
    on_event: Callable[[Run, Event], None] = lambda run, event: None,
) -> None:
    """Trains every run to its end.

    If one fails, its state says why, and the others go on. Ctrl-C stores them all before it ends.
    """
    interrupted = threading.Event()

    def one(run: Run) -> None:
        if not interrupted.is_set():
            work.serve(run.path, data_dir, lambda event: on_event(run, event), interrupted.is_set)

    for run in runs:  # not "queued": a server that starts meanwhile would train them
        run.move(Status.INTERRUPTED, message="Its turn in a sweep has not come yet.")
    devices.device()  # one thread imports TensorFlow, not four
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="training") as threads:
        try:
            list(threads.map(one, runs))
        except KeyboardInterrupt:
            interrupted.set()
            raise
