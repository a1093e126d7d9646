"""How long several trainings take side by side: `python benchmarks/sweep.py [--markdown FILE]`.

The sparse 784-300-784 at its recommended rate, once alone, then eight of them with seeds of their
own: one after the other, and as `aecore.jobs.sweep` trains them. The compiled steps alone, in
turns, in one process. "At the machine's peak" is what eight times the multiplications would take at
the speed of a 2048-cube product on every core; no Adam, no activations.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from report import heading, table, write

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from aecore.backend import tf
from aecore.data import sources
from aecore.jobs import sweep
from aecore.models import variant
from aecore.training import devices, engine, inputs
from aecore.training.loop import Training

TOGETHER, BATCH, WIDTH = 8, 150, 300
MULTIPLICATIONS = 5 * BATCH * 784 * WIDTH  # of a step: the first layer's inputs need no gradient


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--steps", type=int, default=40, help="of every training in a round")
    options.add_argument("--markdown", type=Path)
    chosen = options.parse_args()
    dataset = sources.load("mnist" if sources.available("mnist") else "digits")
    data = inputs.Resident(dataset.train.x, dataset.train.labels)
    steps = [compiled(seed, data) for seed in range(TOGETHER)]
    rng, at_its_peak = np.random.default_rng(0), peak()

    def train(i: int) -> object:
        rows = rng.integers(0, len(dataset.train), (chosen.steps, BATCH), dtype=np.int32)
        return steps[i](data, rows, 0, 0.002, 1, i)

    with ThreadPoolExecutor(sweep.AT_ONCE) as threads:
        contenders: dict[str, Callable[[], object]] = {
            "one": lambda: train(0),
            f"{TOGETHER}, one after the other": lambda: list(map(train, range(TOGETHER))),
            f"{TOGETHER}, as a sweep": lambda: list(threads.map(train, range(TOGETHER))),
        }
        times: dict[str, list[float]] = {name: [] for name in [*contenders, "peak"]}
        for number in range(chosen.rounds + 1):
            for name, contender in contenders.items():
                begin = time.perf_counter()
                contender()
                if number:  # the first compiles
                    times[name].append(1000 * (time.perf_counter() - begin) / chosen.steps)
            if number:
                times["peak"].append(1000 * TOGETHER * MULTIPLICATIONS / at_its_peak())
    times[f"{TOGETHER}, their products at the machine's peak"] = times.pop("peak")
    rows = []
    for name, taken in times.items():
        ratios = [a / b for a, b in zip(taken, times["one"], strict=True)]
        rows.append(
            [
                name,
                *(
                    f"{statistics.median(v):.2f} ({min(v):.2f}–{max(v):.2f})"
                    for v in (taken, ratios)
                ),
            ]
        )
    note = f"{chosen.steps} steps a round, {chosen.rounds} rounds, median (least to most)."
    write(
        [
            heading("Several trainings at once"),
            note,
            table(["", "milliseconds a step of all", "times one"], rows),
        ],
        chosen.markdown,
    )


def compiled(seed: int, data: inputs.Resident) -> engine.CompiledSteps:
    config = variant("sparse").Config.build(
        {"hidden_sizes": (), "codings_size": WIDTH, "batch_size": BATCH}
    )
    training = Training.fresh(variant("sparse"), config, (28, 28, 1), seed)
    training.begin_moments()
    return training.compile(data, BATCH).steps


def peak() -> Callable[[], float]:
    """Multiplications (with their additions) a second: a 2048-cube product on each core at once."""

    @tf.function
    def products(i):
        cubes = [
            tf.fill([2048, 2048], 1e-3 * tf.cast(i + j, tf.float32))
            for j in range(devices.towers())
        ]
        return [tf.reduce_max(tf.linalg.matmul(cube, cube)[0]) for cube in cubes]

    def measured() -> float:
        begin = time.perf_counter()
        made = [float(value) for value in products(tf.constant(1))]
        return len(made) * 2048**3 / (time.perf_counter() - begin)

    measured()  # compiles
    return measured


if __name__ == "__main__":
    main()
