"""What an export declares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aecore.data import sources
from aecore.errors import LabError
from aecore.runs.run import Run

EXPORTS: dict[str, Export] = {}


@dataclass(frozen=True)
class Export:
    """make(run, data_dir) -> the file's bytes, if `check` finds nothing missing."""

    name: str  # `export RUN --as NAME`
    about: str
    suffix: str
    make: Callable[[Run, Path | None], bytes]
    needs_results: bool = False  # True: only of a run that has ended
    needs_data: bool = False  # True: reads the run's data set

    def check(self, run: Run, data_dir: Path | None) -> None:
        """Raises `LabError` if the run lacks what this export needs."""
        if self.needs_results and run.results() is None:
            raise LabError(
                f"The run '{run.spec.name}' has no results yet. Train it to its end first."
            )
        if self.needs_data and not sources.available(run.spec.dataset, data_dir):
            raise LabError(
                f"{sources.title_of(run.spec.dataset)} is not on this machine. "
                f"Fetch it with 'python -m aecore fetch {run.spec.dataset}' first.",
                f"{sources.title_of(run.spec.dataset)} is not on this machine. "
                "Choose it on a lesson's page to fetch it.",
            )


def register(made: Export) -> Export:
    EXPORTS[made.name] = made
    return made
