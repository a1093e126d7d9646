"""What a preset's training is expected to do: the range of five seeds, as the lab measured it.

`python -m aecore references` trains the presets and writes <data set>.json here
(`aecore.jobs.references`). A reference is of one preset's settings: if these change, it is no
longer found, and a test asks for another one.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from aecore.data import sources
from aecore.hyperparameters import Config
from aecore.models import Autoencoder, variant
from aecore.runs.run import Run

FOLDER = Path(__file__).parent
SEEDS = range(5)  # pages speak of five


class PhaseRange(BaseModel):
    """The range of each figure in one phase; an entry for each evaluation of the network.

    The figures are `loss`, the sum of its terms on the validation split, and, if it has other
    terms, `reconstruction_loss`.
    """

    model_config = ConfigDict(frozen=True)
    steps: list[int]  # over all phases, as a chart counts them
    low: dict[str, list[float]]
    high: dict[str, list[float]]


class Reference(BaseModel):
    model_config = ConfigDict(frozen=True)
    settings: str  # the fingerprint of the config
    phases: list[PhaseRange]


class References(BaseModel):
    """All references of one data set, by variant and preset: "stacked/recommended".

    inputs: the number and the mean size of the training and of the validation inputs.
    """

    model_config = ConfigDict(frozen=True)
    inputs: dict[str, tuple[int, float]] = {}
    presets: dict[str, Reference] = {}


def fingerprint(config: Config) -> str:
    """Returns a short text that differs if any hyperparameter differs."""
    values = json.dumps(config.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(values.encode()).hexdigest()[:16]


def path_of(dataset: str, folder: Path = FOLDER) -> Path:
    return folder / f"{dataset}.json"


def read(path: Path) -> References:
    """Reads a file of references; without one there are none."""
    return References.model_validate_json(path.read_bytes()) if path.exists() else References()


@lru_cache(maxsize=4)
def shipped(dataset: str) -> References:
    """Returns the references that the lab comes with."""
    # The user's own images may have any name.
    return read(path_of(dataset)) if dataset in sources.SOURCES else References()


def reference(cls: type[Autoencoder], dataset: str, config: Config) -> Reference | None:
    """Returns the reference of the preset that has these settings; None if there is none."""
    settings = fingerprint(config)
    known = shipped(dataset).presets
    entries = (known.get(key_of(cls, preset)) for preset in cls.presets)
    return next((entry for entry in entries if entry and entry.settings == settings), None)


def of_run(run: Run) -> Reference | None:
    """Returns what a run is expected to do; None if that is not known.

    A run that goes on from another one has none: its settings hold only from there.
    """
    if run.spec.origin:
        return None
    return reference(variant(run.spec.variant), run.spec.dataset, run.config)


def key_of(cls: type[Autoencoder], preset: str) -> str:
    return f"{cls.name}/{preset}"


def presets_for(cls: type[Autoencoder], dataset: str) -> list[str]:
    """Returns the presets of a variant that can be trained on a data set as they are meant to.

    A preset of points is for its own data set, any other one for every data set of images.
    """
    points = sources.source_of(dataset).points
    return [
        name
        for name, preset in cls.presets.items()
        if preset.dataset == dataset
        or not (points or (preset.dataset and sources.source_of(preset.dataset).points))
    ]
