"""Training speed against Keras, PyTorch, JAX and the machine's own floor: `python
benchmarks/training.py [--install] [--markdown FILE]`.

Every contender is a process of its own in an environment of its own, asked in turn (A B C A B C
...) for a block of steps, so that whatever else the machine does falls on all alike; speeds are
compared as ratios within one round, and a ratio's median and spread over the rounds are shown; a
block that the host of a virtual machine disturbed is asked for once more. `--install` makes the
peers' environments first (torch and JAX at the versions of `contenders/*.txt`). Nothing here is
asserted: it is for reading.

This file is longer than others: the contest and its three tables are read together.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from peers import CONTENDERS, ENVIRONMENTS, HERE, PEERS, ROOT, Contest
from report import heading, table, write

sys.path[:0] = [str(ROOT), str(HERE / "contenders")]

from shared import TASKS, Task

from aecore.data import sources

# Each one's own limit of its instructions: oneDNN, XLA, floor.py's C, PyTorch, MKL, OpenBLAS.
AVX2_ONLY = {
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
    "FLOOR_ARCHITECTURE": "haswell",
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
}
COURSE = [name for name in TASKS if not name.startswith("quality")]
QUIET = 0.01  # the part of the processor's time that may be stolen during a block


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--install", action="store_true", help="make the peers' environments, then stop"
    )
    options.add_argument("--tasks", nargs="+", choices=TASKS, default=COURSE)
    options.add_argument("--contenders", nargs="+", choices=CONTENDERS, default=list(CONTENDERS))
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument(
        "--steps",
        type=int,
        default=100,
        help="in each block; 100 times as many of the 3-D points, whose steps are tiny",
    )
    options.add_argument(
        "--avx2",
        action="store_true",
        help="every contender's libraries use no more than AVX2, as on processors without AVX-512",
    )
    options.add_argument("--markdown", type=Path, help="write the tables here too")
    chosen = options.parse_args()
    if chosen.install:
        return install()
    environment = AVX2_ONLY if chosen.avx2 else {}
    parts = [
        heading("Training, limited to AVX2" if chosen.avx2 else "Training"),
        f"{chosen.steps} steps a block, {chosen.rounds} rounds, "
        "milliseconds a step: median (least to most).",
    ]
    speeds = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen.tasks:
            print(f"{TASKS[name].title} ...", file=sys.stderr)
            speeds[name] = measure(
                name, chosen.contenders, chosen.rounds, chosen.steps, Path(folder), environment
            )
    parts.append(milliseconds(speeds, chosen.contenders))
    found = {name: ratios(measured, chosen.contenders) for name, measured in speeds.items()}
    parts.append(
        "The lab over each contender (how many times as fast), in the same round: "
        "median (least to most)."
    )
    parts.append(compared(found, lambda values: spread(values, 2)))
    occasions = remember(
        {
            name: {title: statistics.median(values) for title, values in columns.items()}
            for name, columns in found.items()
        },
        ENVIRONMENTS / ("occasions-avx2.json" if chosen.avx2 else "occasions.json"),
    )
    if len(occasions) > 1:
        least = {
            name: {
                title: min(o[name][title] for o in occasions if title in o.get(name, {}))
                for title in columns
            }
            for name, columns in found.items()
        }
        parts.append(
            f"The least of these medians on the last {len(occasions)} occasions, "
            "this one among them."
        )
        parts.append(compared(least, lambda ratio: f"{ratio:.2f}"))
    write(parts, chosen.markdown)


def install() -> None:
    for name in ("torch", "jax"):
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENTS / name], check=True)
        pip = [
            str(ENVIRONMENTS / name / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "-r",
            str(HERE / "contenders" / f"{name}.txt"),
        ]
        subprocess.run(pip, check=True)


def measure(
    name: str,
    contenders: list[str],
    rounds: int,
    steps: int,
    folder: Path,
    environment: dict[str, str],
) -> dict[str, list[float]]:
    """Milliseconds a step of every contender, one figure a round.

    The first two blocks, which compile, are not counted.
    """
    task, inputs = TASKS[name], folder / f"{name}.npy"
    np.save(inputs, the_inputs(task))
    if max(task.sizes) < 100:
        steps *= 100
    contests: list[Contest] = []
    measured: dict[str, list[float]] = {contender: [] for contender in contenders}
    losses = {}
    try:
        for key in contenders:
            contests.append(Contest(key, name, inputs, environment=environment))
        for contest in contests:
            contest.wait_until_ready()
        for number in range(rounds + 2):
            for contest in contests:
                speed, losses[contest.name] = undisturbed(contest, steps)
                if number > 1:
                    measured[contest.name].append(speed)
    finally:
        for contest in contests:
            contest.close()
    print(
        "  last losses: " + ", ".join(f"{key} {loss:.4g}" for key, loss in losses.items()),
        file=sys.stderr,
    )
    return measured


def undisturbed(contest: Contest, steps: int) -> tuple[float, float]:
    """Milliseconds a step of a block, and its last loss.

    A block in which the host gave the processor to others is asked for once more. If 2 % and more
    was stolen, steps took up to 1.5 times as long here; contenders with many short products suffer
    most.
    """
    tries: list[tuple[float, float, float]] = []
    while len(tries) < 2 and not (tries and tries[-1][0] < QUIET):
        stolen, total = processor_time()
        taken, seconds, loss = contest.ask(steps)
        stolen, total = processor_time()[0] - stolen, processor_time()[1] - total
        tries.append((stolen / max(1, total), 1000 * seconds / taken, loss))
    return min(tries)[1:]


def processor_time() -> tuple[int, int]:
    """Ticks that a virtual machine's host has kept for others, and all ticks, of all cores.

    Zeros if the system does not say.
    """
    stat = Path("/proc/stat")
    ticks = (
        [int(field) for field in stat.read_text().split("\n", 1)[0].split()[1:9]]
        if stat.exists()
        else [0] * 8
    )
    return ticks[7], sum(ticks)


def the_inputs(task: Task) -> np.ndarray:
    if max(task.sizes) < 100:
        return sources.load("points3d").train.floats()
    return sources.load("mnist" if sources.available("mnist") else "digits").train.floats()


def milliseconds(speeds: dict[str, dict[str, list[float]]], contenders: list[str]) -> str:
    rows = [
        [TASKS[name].title, *(spread(measured[key], 2) for key in contenders)]
        for name, measured in speeds.items()
    ]
    return table(["", *(CONTENDERS[key].title for key in contenders)], rows)


def ratios(measured: dict[str, list[float]], contenders: list[str]) -> dict[str, list[float]]:
    """The lab's own path against each peer, the fastest peer, its bare loop, and the floor's share.

    One figure a round.
    """
    against = {
        CONTENDERS[key].title: measured[key]
        for key in contenders
        if key not in ("lab", "floor", "bare")
    }
    fastest = [measured[key] for key in PEERS if key in contenders]
    if fastest:
        against["fastest of PyTorch and JAX"] = min(fastest, key=statistics.median)
    if "bare" in contenders:
        against["its bare loop"] = measured["bare"]
    if "floor" in contenders:
        against["floor A (share of its speed)"] = measured["floor"]
    return {
        title: [a / b for a, b in zip(other, measured["lab"], strict=True)]
        for title, other in against.items()
    }


def compared(found: dict[str, dict[str, Any]], as_text: Callable[[Any], str]) -> str:
    """A line for each task, a column for each contender."""
    columns = list(next(iter(found.values())))
    return table(
        ["", *columns],
        [
            [TASKS[name].title, *(as_text(values[title]) for title in columns)]
            for name, values in found.items()
        ],
    )


def remember(medians: dict[str, dict[str, float]], file: Path) -> list[dict[str, dict[str, float]]]:
    """The medians of the last three occasions in a file, these at the end.

    A machine has better and worse hours.
    """
    earlier = json.loads(file.read_text()) if file.exists() else []
    occasions = [*earlier, medians][-3:]
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(occasions))
    return occasions


def spread(values: list[float], digits: int) -> str:
    digits = digits if statistics.median(values) >= 0.05 else digits + 2
    middle, least, most = statistics.median(values), min(values), max(values)
    return f"{middle:.{digits}f} ({least:.{digits}f}–{most:.{digits}f})"


if __name__ == "__main__":
    main()
