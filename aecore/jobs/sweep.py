"""Sweeps: the same network trained with every combination of some values, several at a time in one process.

Each run is trained as if it were alone, by `worker.serve` in a thread of its own, and ends in the same weights bit for bit. What is gained lies
below: TensorFlow's threads take whichever operations are ready, so where one training waits (for its towers to meet, for the disk, for Python)
another goes on. Eight of the sparse 784-300-784 take 6.3 times as long as one on two cores. One compiled program of all eight took 6.2, and
could train only what has one shape; the products of eight at the machine's peak would take 4 (`benchmarks/sweep.py`).
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

AT_ONCE = 4  # with more, no core has less to wait for, but more memory is taken


def combinations(values: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """Every choice of one value for each name; the last name varies fastest."""
    return (
        dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())
    )


def train_all(
    runs: Sequence[Run],
    data_dir: Path | None = None,
    on_event: Callable[[Run, Event], None] = lambda run, event: None,
) -> None:
    """Train every run to its end; what goes wrong with one is said in its state, and the others go on. Ctrl-C stores them all first."""
    broken_off = threading.Event()

    def one(run: Run) -> None:
        if not broken_off.is_set():
            work.serve(run.path, data_dir, lambda event: on_event(run, event), broken_off.is_set)

    for run in runs:  # not "queued": a server that starts meanwhile would take them
        run.move(Status.INTERRUPTED, message="Its turn in a sweep has not come.")
    devices.device()  # TensorFlow is loaded by one thread, not by four
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="training") as threads:
        try:
            list(threads.map(one, runs))
        except KeyboardInterrupt:
            broken_off.set()
            raise
