"""Small trainings for tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from aecore.data.dataset import Dataset, Split
from aecore.jobs.pool import Pool
from aecore.models import variant
from aecore.runs.run import Run
from aecore.training.loop import Training, train

RESULT_KEYS = [
    "run_id",
    "variant",
    "dataset",
    "config",
    "epochs",
    "seconds",
    "images_per_second",
    "parameters",
    "device",
    "train",
    "test",
]
SMALL: dict[str, Any] = {"codings_size": 8, "epochs": 2, "batch_size": 100}


def few(dataset: Dataset, n: int) -> Dataset:
    """The data set with only its first n training inputs."""
    train_split = Split(dataset.train.x[:n], dataset.train.labels[:n])
    return Dataset(
        dataset.name,
        dataset.title,
        train_split,
        dataset.valid,
        dataset.test,
        dataset.image_shape,
        dataset.class_names,
    )


def small_config(name: str, **values: Any) -> Any:
    cls = variant(name)
    hidden = {"hidden_sizes": (32,)} if "hidden_sizes" in cls.Config.declared() else {}
    fine = {"greedy": {"fine_tune_epochs": 1}, "k_sparse": {"k": 3, "first_k": 4}}.get(name, {})
    return cls.Config.build(SMALL | hidden | fine | values)


def trained(name: str, dataset: Dataset, seed: int = 0, **values: Any) -> Training:
    """A small training run to its end."""
    training = Training.fresh(
        variant(name), small_config(name, **values), dataset.input_shape, seed
    )
    for _ in train(training, dataset):
        pass
    return training


def place(pool: Pool, run_id: str) -> int | None:
    """1 for the next in turn; None where it does not wait."""
    wait = pool.wait_of(run_id)
    return wait.place if wait else None


def same_weights(one: Run, other: Run) -> bool:
    """Whether two runs stored the same weights and optimiser, bit for bit."""
    a, b = one.checkpoint()[0], other.checkpoint()[0]
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)
