"""Creates, opens, finds and lists the runs in a folder."""

from __future__ import annotations

import os
import re
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from aecore.data.folders import home
from aecore.data.sources import SOURCES, title_of
from aecore.errors import LabError
from aecore.hyperparameters import Config
from aecore.models import variant
from aecore.runs.files import write_atomically
from aecore.runs.records import Record
from aecore.runs.run import Run, clean_name
from aecore.runs.spec import Spec, State

RUN_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Damaged:
    """A run's folder that cannot be read, and why."""

    id: str
    reason: str


def default_root() -> Path:
    return Path(os.environ.get("AUTOENCODER_LAB_RUNS") or home() / "runs")


def create(
    root: Path,
    *,
    variant_name: str,
    dataset: str,
    config: Config,
    seed: int,
    preset: str = "",
    owner: str = "",
    name: str = "",
    origin: Record | None = None,
) -> Run:
    """Creates a queued run. Its folder gets its final name only when it is complete."""
    source = SOURCES.get(dataset)  # None: the user's own images
    if source and source.points and not variant(variant_name).takes_points:
        raise LabError(
            f"The data set '{dataset}' has points in space; "
            f"expected images for the variant '{variant_name}'. Choose 'digits'."
        )
    run_id = uuid.uuid4().hex
    spec = Spec(
        id=run_id,
        name=clean_name(name) or _default_name(variant_name, dataset, config),
        variant=variant_name,
        dataset=dataset,
        preset=preset,
        config=config.model_dump(mode="json"),
        seed=seed,
        owner=owner,
        created=time.time(),
        origin=origin,
    )
    root.mkdir(parents=True, exist_ok=True)
    staged = root / f".{run_id}.new"
    staged.mkdir()
    write_atomically(staged / "run.json", spec.model_dump_json(indent=1).encode())
    write_atomically(staged / "state.json", State().model_dump_json().encode())
    staged.rename(root / run_id)
    return Run(root / run_id)


def open_run(root: Path, run_id: str) -> Run:
    """Opens the run with exactly this id.

    A prefix is refused: an id in an address is a key, which must not be guessed piece by piece.
    """
    if RUN_ID.fullmatch(run_id) and (root / run_id).is_dir():
        return Run(root / run_id)
    raise LabError(
        f"There is no run '{run_id[:40]}'; "
        "expected the id of a run as 'train' printed it or the Runs page shows it.",
        f"There is no run '{run_id[:40]}': it was deleted, or its address is cut off. "
        "The Runs page shows yours.",
    )


def find_run(root: Path, beginning: str) -> Run:
    """Opens the only run whose id starts with `beginning`, for the command line."""
    if re.fullmatch(r"[0-9a-f]{4,31}", beginning) and root.is_dir():
        found = [
            path
            for path in root.iterdir()
            if path.name.startswith(beginning) and RUN_ID.fullmatch(path.name)
        ]
        if len(found) > 1:
            raise LabError(
                f"'{beginning}' is the beginning of {len(found)} runs; "
                "expected the whole id of one."
            )
        beginning = found[0].name if found else beginning
    return open_run(root, beginning)


def listing(root: Path) -> list[Run | Damaged]:
    """Returns every run in `root`, newest first, damaged ones last."""
    entries: list[Run | Damaged] = []
    for path in root.iterdir() if root.is_dir() else ():
        if RUN_ID.fullmatch(path.name):
            try:
                run = Run(path)
                run.state  # noqa: B018 - a run whose state cannot be read is damaged too
                entries.append(run)
            except LabError as error:
                entries.append(Damaged(path.name, str(error)))
    return sorted(entries, key=lambda entry: -entry.spec.created if isinstance(entry, Run) else 0)


def _default_name(variant_name: str, dataset: str, config: Config) -> str:
    cls = variant(variant_name)
    return f"{cls.title} {'-'.join(map(str, cls.widths(config)))} on {title_of(dataset)}"
