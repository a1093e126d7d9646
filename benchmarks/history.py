"""What it costs a training to keep its networks of earlier moments: `python benchmarks/history.py
[--pairs 7] [--markdown FILE]`.

The same training as a visitor would have it, with the history and without, in turn in one process.
Compiling is paid for by one of each before anything is timed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from peers import ROOT
from report import heading, table, write

sys.path.insert(0, str(ROOT))

from aecore.jobs.work import work
from aecore.models import variant
from aecore.runs import store
from aecore.runs.history import DEFAULT_MB, SETTING, History

TRAININGS: list[tuple[str, str, dict[str, Any]]] = [
    ("stacked", "digits", {"epochs": 20}),
    ("variational", "digits", {"epochs": 20}),
    ("variational", "mnist", {"epochs": 2}),
]


def seconds_of(
    root: Path, name: str, data: str, values: dict[str, Any], megabytes: str
) -> tuple[float, int]:
    """How long a whole training takes, and how many moments it kept."""
    os.environ[SETTING] = megabytes
    config = variant(name).Config.build(values)
    run = store.create(root, variant_name=name, dataset=data, config=config, seed=0)
    begin = time.perf_counter()
    work(run)
    return time.perf_counter() - begin, len(History(run.path).places())


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--pairs", type=int, default=7)
    options.add_argument("--markdown", type=Path)
    chosen = options.parse_args()
    rows = []
    for name, data, values in TRAININGS:
        without, kept, moments = [], [], 0
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(1 + chosen.pairs):
                without.append(seconds_of(Path(folder), name, data, values, "0")[0])
                took, moments = seconds_of(Path(folder), name, data, values, DEFAULT_MB)
                kept.append(took)
        without, kept = without[1:], kept[1:]
        pairs = [after / before for before, after in zip(without, kept, strict=True)]
        rows.append(
            [
                f"{name} on {data}, {values['epochs']} epochs, {moments} moments",
                f"{statistics.median(without):.2f}",
                f"{statistics.median(kept):.2f}",
                f"{statistics.median(pairs):.3f}",
                f"{min(kept) / min(without):.3f}",
            ]
        )
    columns = ("training", "without, s", "with, s", "median of pairs", "shortest over shortest")
    title = heading("Keeping the networks of earlier moments")
    write([title, table(columns, rows)], chosen.markdown)


if __name__ == "__main__":
    main()
