"""Does a training get its share beside other work: `python benchmarks/priority.py [--rounds 3]
[--markdown FILE]`.

A recommended run on the digits goes through the product's own pool and worker: alone, then beside
as many busy processes as the machine has cores, once in the worker's own session and once each in a
session of its own (Linux shares the processor out between sessions first, unless they are in
control groups). It reports the time from its first step to its end, over that of the run alone
in the same round.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from report import heading, table, write

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from aecore.jobs.pool import Pool
from aecore.models import variant
from aecore.runs import store
from aecore.training.events import Steps

PLACES = {
    "alone": None,
    "busy processes in its session": False,
    "busy processes in sessions of their own": True,
}


@contextmanager
def busy(own_sessions: bool | None) -> Iterator[None]:
    """As many processes that never rest as there are cores; none for None."""
    count = 0 if own_sessions is None else os.cpu_count() or 1
    others = [
        subprocess.Popen(
            [sys.executable, "-c", "while True: pass"], start_new_session=bool(own_sessions)
        )
        for _ in range(count)
    ]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def trained(pool: Pool, name: str) -> float:
    """Seconds from the first step to the end of a run by the recommended preset on the digits."""
    cls = variant(name)
    run = store.create(
        pool.root,
        variant_name=name,
        dataset="digits",
        config=cls.Config.build(cls.presets["recommended"].values),
        seed=0,
    )
    pool.submit(run)
    while not any(isinstance(event, Steps) for event in run.events()):
        time.sleep(0.01)
    begin = time.monotonic()
    while run.state.status == "running":
        time.sleep(0.02)
    assert run.state.status == "done", run.state.message
    return time.monotonic() - begin


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--variant", default="stacked")
    options.add_argument("--markdown", type=Path, help="write the table here too")
    chosen = options.parse_args()
    seconds: dict[str, list[float]] = {place: [] for place in PLACES}
    with tempfile.TemporaryDirectory() as folder:
        pool = Pool(Path(folder), 1)
        pool.start()
        try:
            trained(pool, chosen.variant)  # warm
            for _ in range(chosen.rounds):
                for place, own_sessions in PLACES.items():
                    with busy(own_sessions):
                        seconds[place].append(trained(pool, chosen.variant))
        finally:
            pool.close()
    rows = []
    for place, taken in seconds.items():
        times = [here / alone for here, alone in zip(taken, seconds["alone"], strict=True)]
        rows.append(
            [
                place,
                f"{statistics.median(taken):.1f}",
                f"{statistics.median(times):.2f} ({min(times):.2f}–{max(times):.2f})",
            ]
        )
    write(
        [heading("Training beside other work"), table(["", "seconds", "times alone"], rows)],
        chosen.markdown,
    )


if __name__ == "__main__":
    main()
