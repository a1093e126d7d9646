"""What an export declares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aecore.runs.run import Run

EXPORTS: dict[str, Export] = {}


@dataclass(frozen=True)
class Export:
    """make(run, data_dir) -> the file's bytes; `LabError` if the run has nothing to export yet."""

    name: str  # `export RUN --as NAME`
    about: str
    suffix: str
    make: Callable[[Run, Path | None], bytes]


def register(made: Export) -> Export:
    EXPORTS[made.name] = made
    return made
