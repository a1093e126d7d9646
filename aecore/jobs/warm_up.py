"""Compiles trainings before they are needed, and keeps them for the next of the same shape."""

from __future__ import annotations

import contextlib
import threading
import traceback
from collections.abc import Iterator
from typing import Any

from aecore.data import sources
from aecore.data.dataset import Dataset
from aecore.errors import LabError
from aecore.models import Autoencoder, variants
from aecore.training.events import Steps
from aecore.training.loop import Training, train

# Finished trainings with their shapes, kept for their compiled functions; the last used is last.
_kept: list[tuple[str, Training]] = []
_keeping = threading.Lock()
MOST_KEPT = 20  # 7 to 16 MB each for the course's networks


@contextlib.contextmanager
def untrained(
    cls: type[Autoencoder], config: Any, dataset: Dataset, seed: int
) -> Iterator[Training]:
    """Checks out an untrained `Training`, reusing compiled functions of the same shape."""
    shape = config.model_dump_json(
        exclude={"learning_rate"}
        | {name for name, control in cls.Config.declared().items() if control.counts_epochs}
    )
    batch_size = min(config.batch_size, len(dataset.train))
    storage = type(dataset.train.x).__name__
    key = f"{cls.name} {dataset.input_shape} {storage} {batch_size} {shape}"
    with _keeping:
        same = [i for i, (kept, _) in enumerate(_kept) if kept == key]
        training = _kept.pop(same[-1])[1] if same else None
    if training is None:
        training = Training.fresh(cls, config, dataset.input_shape, seed)
    else:
        training.reset(config, seed)
    try:
        yield training
    finally:
        with _keeping:
            _kept.append((key, training))
            del _kept[:-MOST_KEPT]


def warm_up_tasks() -> Iterator[None]:
    """Compiles every preset, then loads the data sets on this machine: one per `next()`.

    An idle worker runs these tasks one at a time.
    """
    for cls in variants().values():
        for name in cls.presets:
            try:
                warm_up(cls, name)
            except Exception:  # the variant's own; training it will report it
                traceback.print_exc()
            yield
    for name, source in sources.SOURCES.items():
        if source.files and sources.available(name):
            with contextlib.suppress(LabError):  # reported when somebody chooses that data set
                sources.load(name)
            yield


def warm_up(cls: type[Autoencoder], preset: str) -> None:
    """Compiles a preset's training: a click on Train then has a loss within half a second."""
    chosen = cls.presets[preset]
    config, dataset = cls.Config.build(chosen.values), sources.load(chosen.dataset or "digits")
    with untrained(cls, config, dataset, seed=0) as training:
        events = train(training, dataset)
        next(event for event in events if isinstance(event, Steps))
        events.close()
