"""What every contender of `benchmarks/training.py` shares: the seven tasks, the same first weights, and how a block of steps is asked for.

Needs NumPy alone, because PyTorch's and JAX's contenders run in environments of their own.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Task:
    """One network of the course and how it is trained; float32, Adam, squared error unless said otherwise."""

    title: str
    sizes: tuple[int, ...]
    learning_rate: float
    batch_size: int = 150
    activation: str = "elu"  # of every layer but the last, and of the codings
    weight_decay: float = 0.0  # times half the squared kernels
    kind: str = "plain"  # plain, tied, sparse, gaussian, dropout or variational


TASKS = {
    "stacked": Task("Stacked", (784, 300, 150, 300, 784), 0.01, weight_decay=0.001),
    "tied": Task("Tied weights", (784, 300, 150, 300, 784), 0.01, weight_decay=0.001, kind="tied"),
    "variational": Task("Variational", (784, 500, 500, 20, 500, 500, 784), 0.001, kind="variational"),
    "sparse": Task("Sparse", (784, 300, 784), 0.01, activation="sigmoid", kind="sparse"),
    "gaussian": Task("Denoising, Gaussian", (784, 300, 150, 300, 784), 0.001, kind="gaussian"),
    "dropout": Task("Denoising, dropout", (784, 300, 150, 300, 784), 0.001, kind="dropout"),
    "pca": Task("Linear, 3-D points", (3, 2, 3), 0.01, batch_size=100, activation="linear"),
}
SPARSITY_TARGET, SPARSITY_WEIGHT = 0.1, 0.2
NOISE_LEVEL, KEEP_PROB = 1.0, 0.7
WARM_UP_STEPS = 10


def first_weights(task: Task) -> list[tuple[np.ndarray, np.ndarray]]:
    """(kernel, bias) of every layer, He-normal; the variational net's second head comes last."""
    rng = np.random.default_rng(0)
    pairs = list(zip(task.sizes, task.sizes[1:], strict=False))
    if task.kind == "variational":
        middle = len(task.sizes) // 2
        pairs.append((task.sizes[middle - 1], task.sizes[middle]))
    return [((rng.standard_normal((a, b)) * math.sqrt(2 / a)).astype(np.float32), np.zeros(b, np.float32)) for a, b in pairs]


def shuffled_rows(n: int, steps: int, batch_size: int, rng: np.random.Generator) -> np.ndarray:
    """Row numbers [steps, batch_size], every row once before any comes again."""
    if batch_size >= n:
        return np.broadcast_to(np.arange(n, dtype=np.int32), (steps, n)).copy()
    each = n // batch_size
    epochs = [rng.permutation(n)[: each * batch_size].reshape(each, batch_size) for _ in range(math.ceil(steps / each))]
    return np.concatenate(epochs)[:steps].astype(np.int32)


def inputs() -> np.ndarray:
    """The task's inputs, [n, sizes[0]] float32, from the file that the second argument names."""
    return np.load(Path(sys.argv[2]))


def the_task() -> Task:
    return TASKS[sys.argv[1]]


def serve(block: Callable[[int], tuple[int, float, float]]) -> None:
    """Answer every number of steps on standard input with "<steps taken> <seconds> <last loss>".

    A pause before lets the last contender's threads go to sleep (OpenMP's spin for a while), and a few untimed steps warm the caches.
    """
    print("ready", flush=True)
    for line in sys.stdin:
        time.sleep(0.25)
        block(WARM_UP_STEPS)
        steps, seconds, loss = block(int(line))
        print(f"{steps} {seconds!r} {loss!r}", flush=True)
