"""What every contender of `benchmarks/training.py` and `benchmarks/quality.py` shares: the tasks,
the same first weights, how a block is asked for.

Needs NumPy alone, because PyTorch's and JAX's contenders run in environments of their own.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Task:
    """One network of the course and how it is trained.

    Float32, Adam, squared error unless said otherwise.
    """

    title: str
    sizes: tuple[int, ...]
    learning_rate: float
    batch_size: int = 150
    activation: str = "elu"  # of every layer but the last, and of the codings
    weight_decay: float = 0.0  # times half the squared kernels
    kind: str = "plain"  # plain, tied, sparse, gaussian, dropout or variational
    codings_activation: str | None = None  # None: as the other layers
    output: str = "linear"
    noise_level: float = 1.0
    sparsity_weight: float = 0.2


TASKS = {
    "stacked": Task("Stacked", (784, 300, 150, 300, 784), 0.01, weight_decay=0.001),
    "tied": Task("Tied weights", (784, 300, 150, 300, 784), 0.01, weight_decay=0.001, kind="tied"),
    "variational": Task(
        "Variational", (784, 500, 500, 20, 500, 500, 784), 0.001, kind="variational"
    ),
    "sparse": Task("Sparse", (784, 300, 784), 0.01, activation="sigmoid", kind="sparse"),
    "gaussian": Task("Denoising, Gaussian", (784, 300, 150, 300, 784), 0.001, kind="gaussian"),
    "dropout": Task("Denoising, dropout", (784, 300, 150, 300, 784), 0.001, kind="dropout"),
    "pca": Task("Linear, 3-D points", (3, 2, 3), 0.01, batch_size=100, activation="linear"),
}
# The reference recipe of `benchmarks/quality.py`: a constant rate of 0.001, batches of 150, no
# decay; outputs and codings as the lab recommends them.
RECIPE: dict[str, Any] = {
    "learning_rate": 0.001,
    "codings_activation": "linear",
    "output": "sigmoid",
}
TASKS |= {
    "quality-stacked": Task("Stacked, 150 codings", (784, 300, 150, 300, 784), **RECIPE),
    "quality-deep": Task("Stacked, 500-250-30", (784, 500, 250, 30, 250, 500, 784), **RECIPE),
    "quality-variational": Task(
        "Variational",
        (784, 500, 500, 20, 500, 500, 784),
        0.001,
        kind="variational",
        output="sigmoid",
    ),
    "quality-denoising": Task(
        "Denoising, noise of 0.3",
        (784, 300, 150, 300, 784),
        kind="gaussian",
        noise_level=0.3,
        **RECIPE,
    ),
    "quality-sparse": Task(
        "Sparse, 1,000 units",
        (784, 1000, 784),
        0.001,
        activation="sigmoid",
        kind="sparse",
        sparsity_weight=0.001,
        output="sigmoid",
    ),
}
SPARSITY_TARGET = 0.1
KEEP_PROB = 0.7
WARM_UP_STEPS = 10
Weights = list[
    tuple[np.ndarray, np.ndarray]
]  # (kernel, bias) of every layer; a variational network's second head comes last


def the_seed() -> int:
    """The fourth argument, if there is one: of the first weights, the batches and the noise."""
    return int(sys.argv[4]) if len(sys.argv) > 4 else 0


def first_weights(task: Task) -> Weights:
    """He-normal kernels and no biases.

    With outputs squeezed or codings linear, these layers' kernels Glorot-normal, as the lab's.
    """
    rng = np.random.default_rng(the_seed())
    pairs = list(zip(task.sizes, task.sizes[1:], strict=False))
    if task.kind == "variational":
        middle = len(task.sizes) // 2
        pairs.append((task.sizes[middle - 1], task.sizes[middle]))
    kinds = activations(task)
    wide = [
        2 / a
        if kind == "elu" or (kind == "linear" and task.codings_activation is None)
        else 2 / (a + b)
        for (a, b), kind in zip(pairs, kinds, strict=False)
    ]
    return [
        ((rng.standard_normal((a, b)) * math.sqrt(v)).astype(np.float32), np.zeros(b, np.float32))
        for (a, b), v in zip(pairs, wide, strict=True)
    ]


def activations(task: Task) -> list[str]:
    """Of every layer in turn; of a variational network's second head too, at the end."""
    middle, n = len(task.sizes) // 2, len(task.sizes) - 1
    kinds = [task.activation] * (n - 1) + [task.output]
    if task.kind == "variational":
        kinds[middle - 1] = "linear"
        return [*kinds, "linear"]
    if task.codings_activation:
        kinds[middle - 1] = task.codings_activation
    return kinds


def shuffled_rows(n: int, steps: int, batch_size: int, rng: np.random.Generator) -> np.ndarray:
    """Row numbers [steps, batch_size], every row once before any comes again."""
    if batch_size >= n:
        return np.broadcast_to(np.arange(n, dtype=np.int32), (steps, n)).copy()
    each = n // batch_size
    epochs = [
        rng.permutation(n)[: each * batch_size].reshape(each, batch_size)
        for _ in range(math.ceil(steps / each))
    ]
    return np.concatenate(epochs)[:steps].astype(np.int32)


def inputs() -> np.ndarray:
    """The task's inputs, [n, sizes[0]] float32, from the file that the second argument names."""
    return np.load(Path(sys.argv[2]))


def the_task() -> Task:
    return TASKS[sys.argv[1]]


def serve(
    block: Callable[[int], tuple[int, float, float]], weights: Callable[[], Weights] | None = None
) -> None:
    """Answer every line on standard input with "<steps taken> <seconds> <last loss>".

    A line is a number of steps. A pause before them lets the last contender's threads go to sleep
    (OpenMP's spin for a while), and a few untimed steps warm the caches. With a file's name behind
    the number every step counts, and the weights after them are stored there.
    """
    print("ready", flush=True)
    for line in sys.stdin:
        number, *file = line.split(maxsplit=1)
        time.sleep(0.25)
        if not file:
            block(WARM_UP_STEPS)
        steps, seconds, loss = block(int(number))
        if file and weights:
            np.savez(file[0].strip(), *(array for layer in weights() for array in layer))
        print(f"{steps} {seconds!r} {loss!r}", flush=True)
