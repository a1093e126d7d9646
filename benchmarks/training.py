"""Training speed against Keras, PyTorch, JAX and the machine's own floor: `python benchmarks/training.py [--install] [--markdown FILE]`.

Every contender is a process of its own in an environment of its own, asked in turn (A B C A B C ...) for a block of steps, so that whatever else
the machine does falls on all alike; speeds are compared as ratios within one round, and a ratio's median and spread over the rounds are
shown. `--install` makes the peers' environments first (torch and JAX at the versions of `contenders/*.txt`). Nothing here is asserted: it is for reading.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from report import heading, table, write

HERE = Path(__file__).parent
ROOT = HERE.parent
ENVIRONMENTS = ROOT / ".bench"  # ignored by git
sys.path[:0] = [str(ROOT), str(HERE / "contenders")]

from shared import TASKS, Task  # noqa: E402

from aecore import datasets  # noqa: E402


@dataclass(frozen=True)
class Contender:
    title: str
    script: str
    environment: str | None = None  # None: the lab's own
    arguments: tuple[str, ...] = ()


CONTENDERS = {
    "lab": Contender("the lab", "lab.py", arguments=("run",)),
    "bare": Contender("the lab, bare loop", "lab.py", arguments=("bare",)),
    "keras": Contender("Keras fit", "keras_fit.py"),
    "torch": Contender("PyTorch eager", "torch_steps.py", "torch"),
    "compile": Contender("PyTorch compile", "torch_steps.py", "torch", ("compile",)),
    "jax": Contender("JAX jit + scan", "jax_scan.py", "jax"),
    "floor": Contender("floor A", "floor.py", "torch"),
}
PEERS = ("torch", "compile", "jax")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--install", action="store_true", help="make the peers' environments, then stop")
    options.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    options.add_argument("--contenders", nargs="+", choices=CONTENDERS, default=list(CONTENDERS))
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument("--steps", type=int, default=100, help="in each block; 20 times as many of the 3-D points, whose steps are tiny")
    options.add_argument("--markdown", type=Path, help="write the tables here too")
    chosen = options.parse_args()
    if chosen.install:
        return install()
    parts = [heading("Training"), f"{chosen.steps} steps a block, {chosen.rounds} rounds, milliseconds a step: median (least to most)."]
    speeds = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen.tasks:
            print(f"{TASKS[name].title} ...", file=sys.stderr)
            speeds[name] = measure(TASKS[name], name, chosen.contenders, chosen.rounds, chosen.steps, Path(folder))
    parts.append(milliseconds(speeds, chosen.contenders))
    parts.append("The lab over each contender (how many times as fast), in the same round: median (least to most).")
    parts.append(ratios(speeds, chosen.contenders))
    write(parts, chosen.markdown)


def install() -> None:
    for name in ("torch", "jax"):
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENTS / name], check=True)
        pip = [ENVIRONMENTS / name / "bin" / "python", "-m", "pip", "install", "--quiet", "-r", HERE / "contenders" / f"{name}.txt"]
        subprocess.run(pip, check=True)


def measure(task: Task, name: str, contenders: list[str], rounds: int, steps: int, folder: Path) -> dict[str, list[float]]:
    """Milliseconds a step of every contender, one figure a round; the first block, which also compiles, is not counted."""
    inputs = folder / f"{name}.npy"
    np.save(inputs, the_inputs(task))
    if max(task.sizes) < 100:
        steps *= 20
    processes: dict[str, subprocess.Popen[str]] = {}
    measured: dict[str, list[float]] = {contender: [] for contender in contenders}
    losses = {}
    try:
        for key in contenders:
            contender = CONTENDERS[key]
            python = ENVIRONMENTS / contender.environment / "bin" / "python" if contender.environment else sys.executable
            processes[key] = subprocess.Popen(
                [python, HERE / "contenders" / contender.script, name, inputs, *contender.arguments],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
            )  # fmt: skip
        for key, process in processes.items():
            if process.stdout.readline() != "ready\n":
                raise SystemExit(f"the contender '{key}' did not start; expected its environment: run with --install first")
        for number in range(rounds + 2):
            for key, process in processes.items():
                process.stdin.write(f"{steps}\n")
                process.stdin.flush()
                taken, seconds, loss = map(float, process.stdout.readline().split())
                losses[key] = loss
                if number > 1:
                    measured[key].append(1000 * seconds / taken)
    finally:
        for process in processes.values():
            process.kill()
            process.wait()
    print("  last losses: " + ", ".join(f"{key} {loss:.4g}" for key, loss in losses.items()), file=sys.stderr)
    return measured


def the_inputs(task: Task) -> np.ndarray:
    if max(task.sizes) < 100:
        return datasets.load("points3d").train.floats()
    return datasets.load("mnist" if datasets.available("mnist") else "digits").train.floats()


def milliseconds(speeds: dict[str, dict[str, list[float]]], contenders: list[str]) -> str:
    rows = [[TASKS[name].title, *(spread(measured[key], 2) for key in contenders)] for name, measured in speeds.items()]
    return table(["", *(CONTENDERS[key].title for key in contenders)], rows)


def ratios(speeds: dict[str, dict[str, list[float]]], contenders: list[str]) -> str:
    """The lab's own path against each peer, the fastest peer (round by round), its bare loop, and the floor's share."""
    columns = {
        CONTENDERS[key].title: (lambda m, i, k=key: m[k][i] / m["lab"][i]) for key in contenders if key not in ("lab", "floor", "bare")
    }
    fastest = [key for key in PEERS if key in contenders]
    if fastest:
        columns["fastest of PyTorch and JAX"] = lambda m, i: min((m[k] for k in fastest), key=statistics.median)[i] / m["lab"][i]
    if "bare" in contenders:
        columns["its bare loop"] = lambda m, i: m["bare"][i] / m["lab"][i]
    if "floor" in contenders:
        columns["floor A (share of its speed)"] = lambda m, i: m["floor"][i] / m["lab"][i]
    rows = []
    for name, measured in speeds.items():
        each = ([ratio(measured, i) for i in range(len(measured["lab"]))] for ratio in columns.values())
        rows.append([TASKS[name].title, *(spread(values, 2) for values in each)])
    return table(["", *columns], rows)


def spread(values: list[float], digits: int) -> str:
    digits = digits if statistics.median(values) >= 0.05 else digits + 2
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


if __name__ == "__main__":
    main()
