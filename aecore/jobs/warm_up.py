"""Compiled trainings, kept for the next one of the same shape, and made before anybody asks."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from aecore.data import sources
from aecore.data.dataset import Dataset
from aecore.errors import LabError
from aecore.models import Autoencoder, variants
from aecore.training.events import Steps
from aecore.training.loop import Training, train

_kept: list[
    tuple[str, Training]
] = []  # trainings that are over, for what is compiled for them, by their shape; the last used at the end
_keeping = threading.Lock()
MOST_KEPT = 20  # 7 to 16 MB each for the course's networks


@contextlib.contextmanager
def untrained(
    cls: type[Autoencoder], config: Any, dataset: Dataset, seed: int
) -> Iterator[Training]:
    """An untrained network for one caller; with what was compiled for an earlier one of the same shape, if there was one."""
    shape = config.model_dump_json(
        exclude={"learning_rate"}
        | {name for name, control in cls.Config.declared().items() if control.counts_epochs}
    )
    key = f"{cls.name} {dataset.input_shape} {type(dataset.train.x).__name__} {min(config.batch_size, len(dataset.train))} {shape}"
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
    """What a waiting worker does, a piece at a time: compile every preset, then load the data sets that lie on this machine."""
    for cls in variants().values():
        for name in cls.presets:
            warm_up(cls, name)
            yield
    for name, source in sources.SOURCES.items():
        if source.files and sources.available(name):
            with contextlib.suppress(LabError):  # a damaged file is told to whoever asks for it
                sources.load(name)
            yield


def warm_up(cls: type[Autoencoder], preset: str) -> None:
    """Compile what this preset trains with, so that a click on Train has its first loss within half a second."""
    chosen = cls.presets[preset]
    config, dataset = cls.Config.build(chosen.values), sources.load(chosen.dataset or "digits")
    with untrained(cls, config, dataset, seed=0) as training:
        events = train(training, dataset)
        next(event for event in events if isinstance(event, Steps))
        events.close()
