"""Small trainings for tests, on their own and as runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from aecore.data.dataset import Dataset, Split
from aecore.jobs.pool import Pool
from aecore.models import variant
from aecore.runs import store
from aecore.runs.evidence import Evidence
from aecore.runs.run import Run
from aecore.training.evaluation import evaluate
from aecore.training.events import EpochEnded, Event, Steps
from aecore.training.loop import Training, TrainingControls, train
from tests import ROOT

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
    "finding",
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


def copy_lab(root: Path) -> None:
    """Copies what a visitor needs to run the lab, for a test to change it."""
    for name in ("aecore", "ui", "pages", ".streamlit"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", root)


SMALLER: dict[str, Any] = {
    "hidden_sizes": (32,),
    "filters": (4, 8),
    "fine_tune_epochs": 1,
    "k": 3,
    "first_k": 4,
}  # of the fields that only some variants have


def small_config(name: str, **values: Any) -> Any:
    """A config that trains in a second, whatever the variant; `values` are set on top."""
    cls = variant(name)
    smaller = {field: size for field, size in SMALLER.items() if field in cls.Config.declared()}
    return cls.Config.build(SMALL | smaller | values)


def trained(name: str, dataset: Dataset, seed: int = 0, **values: Any) -> Training:
    """A small training run to its end."""
    training = Training.fresh(
        variant(name), small_config(name, **values), dataset.input_shape, seed
    )
    for _ in train(training, dataset):
        pass
    return training


def place(pool: Pool, run_id: str) -> int | None:
    """1 for the next in turn; None if it does not wait."""
    wait = pool.wait_of(run_id)
    return wait.place if wait else None


def same_weights(one: Run, other: Run) -> bool:
    """Whether two runs stored the same weights and optimiser, bit for bit."""
    a, b = one.checkpoint()[0], other.checkpoint()[0]
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def made(
    tmp_path: Path, name: str = "stacked", seed: int = 0, dataset: str = "digits", **values: Any
) -> Run:
    """A new run below `tmp_path`/runs, queued."""
    return store.create(
        tmp_path / "runs",
        variant_name=name,
        dataset=dataset,
        config=small_config(name, **values),
        seed=seed,
    )


def status(run: Run) -> str:
    return run.state.status


def steps_of(run: Run) -> list[Steps]:
    return [event for event in run.events() if isinstance(event, Steps)]


def wait_for(condition: Callable[[], Any], seconds: float = 120.0) -> None:
    """Polls until `condition` holds.

    The limit is for a test that hangs, not a claim about speed.
    """
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < seconds, "waited too long"
        time.sleep(0.02)


def run_cli(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m aecore` with these arguments, as a person runs it."""
    return subprocess.run(
        [sys.executable, "-m", "aecore", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        env=os.environ | environment,
    )


def recommended(name: str, dataset: Dataset, seed: int, **values: Any) -> Evidence:
    """What a training by the variant's recommended preset showed, with `values` changed."""
    cls = variant(name)
    config = cls.Config.build(cls.presets["recommended"].values | values)
    return observed(name, dataset, config, seed)


def observed(
    name: str, dataset: Dataset, config: Any, seed: int = 0, rates: Mapping[int, float] = {}
) -> Evidence:
    """Trains to the end, and returns what a diagnosis looks at.

    rates: learning rates that are set by hand, each after so many steps.
    """
    cls, controls, events = variant(name), TrainingControls(), list[Event]()
    training = Training.fresh(cls, config, dataset.input_shape, seed)
    for event in train(training, dataset, controls):
        events.append(event)
        for step, rate in rates.items():
            if training.step >= step:
                controls.learning_rate = rate
    return Evidence(
        cls,
        config,
        [event for event in events if isinstance(event, EpochEnded)],
        [event for event in events if isinstance(event, Steps)],
        evaluate(training.model, dataset),
        training.learning_rate,
    )


def weights(training: Training) -> list[np.ndarray]:
    return [variable.numpy() for variable in training.model.variables]


def same(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
