"""Makes the references: trains a preset with five seeds, and takes the range of what it measured.

The runs are trained as a sweep, in a folder that is deleted afterwards.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from aecore.data.dataset import Dataset, Split
from aecore.errors import LabError
from aecore.jobs import sweep
from aecore.models import Autoencoder
from aecore.references import SEEDS, PhaseRange, Reference, References, fingerprint
from aecore.runs import store
from aecore.runs.feed import Feed
from aecore.runs.files import write_atomically
from aecore.runs.news import Evaluation
from aecore.runs.run import Run
from aecore.runs.statuses import Status
from aecore.training.events import Event
from aecore.training.loop import STEPS_BETWEEN_EVALUATIONS

# In chunks of so few steps, the tenth part, a fast training leaves out no evaluation either.
STEPS_PER_SECOND = 10.0 * STEPS_BETWEEN_EVALUATIONS
DIGITS = 4  # significant ones


def train_preset(
    cls: type[Autoencoder],
    preset: str,
    dataset: str,
    data_dir: Path | None = None,
    on_event: Callable[[Run, Event], None] = lambda run, event: None,
) -> Reference:
    """Returns the reference of a preset, after training it with every seed.

    Raises `LabError` if one of the trainings fails.
    """
    config = cls.Config.build(cls.presets[preset].values)
    with tempfile.TemporaryDirectory(prefix="references-") as folder:
        runs = [
            store.create(
                Path(folder), variant_name=cls.name, dataset=dataset, config=config, seed=seed
            )
            for seed in SEEDS
        ]
        for run in runs:
            run.command("steps_per_second", STEPS_PER_SECOND)
        sweep.train_all(runs, data_dir, on_event)
        for state in (run.state for run in runs):
            if state.status is not Status.DONE:
                raise LabError(state.message or f"A training is {state.status}; expected all done.")
        courses = [evaluations_of(run) for run in runs]
    return Reference(settings=fingerprint(config), phases=ranges(courses))


def evaluations_of(run: Run) -> list[Evaluation]:
    """Returns a run's evaluations as its chart gets them."""
    feed = Feed(run)
    feed.news()
    return feed.evaluations


def ranges(courses: Sequence[Sequence[Evaluation]]) -> list[PhaseRange]:
    """Returns the range of several runs at each of their evaluations, rounded outwards.

    courses: the evaluations of each run. All runs have the same settings, so the same steps.
    """
    steps = {tuple(each.x for each in course) for course in courses}
    if len(steps) != 1:
        raise ValueError("the runs were evaluated at different steps")
    found = []
    moments = zip(*courses, strict=True)  # at each step, the evaluation of every run
    for _, phase in groupby(moments, key=lambda moment: moment[0].phase):
        at = list(phase)
        values = [[figures_of(each.valid) for each in moment] for moment in at]
        names = list(values[0][0])
        low, high = (
            {
                name: [rounded(end([each[name] for each in moment]), away) for moment in values]
                for name in names
            }
            for end, away in ((min, math.floor), (max, math.ceil))
        )
        found.append(PhaseRange(steps=[moment[0].x for moment in at], low=low, high=high))
    return found


def figures_of(valid: dict[str, float]) -> dict[str, float]:
    """Returns the loss of an evaluation; and the reconstruction loss, if that is only a part."""
    terms = {name: value for name, value in valid.items() if name != "mse"}
    loss = {"loss": sum(terms.values())}
    part = "reconstruction_loss"
    return loss | {part: terms[part]} if len(terms) > 1 else loss


def rounded(value: float, away: Callable[[float], int]) -> float:
    """Returns the value with few significant digits; `away` rounds down or up."""
    if value == 0:
        return 0.0
    scale = 10.0 ** (DIGITS - 1 - math.floor(math.log10(abs(value))))
    return float(f"{away(value * scale) / scale:.{DIGITS}g}")


def inputs_of(dataset: Dataset) -> dict[str, tuple[int, float]]:
    """Returns what tells one version of a data set from another, on any machine."""

    def of(split: Split) -> tuple[int, float]:
        return len(split), float(f"{np.abs(split.x).mean(dtype=np.float64):.6g}")

    return {"train": of(dataset.train), "valid": of(dataset.watched)}


def write(path: Path, references: References) -> None:
    """Writes a file of references, a line for each preset."""
    lines = [
        f'"{name}": {entry.model_dump_json()}' for name, entry in sorted(references.presets.items())
    ]
    inputs = references.model_dump_json(include={"inputs"})[1:-1]
    text = f'{{{inputs},\n"presets": {{\n' + ",\n".join(lines) + "\n}}\n"
    write_atomically(path, text.encode())
