"""What an export declares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aecore.data import sources
from aecore.errors import LabError
from aecore.runs.run import Run
from aecore.runs.statuses import ACTIVE

EXPORTS: dict[str, Export] = {}


@dataclass(frozen=True)
class Export:
    """make(run, data_dir) -> the file's bytes. Callers use `bytes_of`, which checks first."""

    name: str  # `export RUN --as NAME`
    about: str
    suffix: str
    make: Callable[[Run, Path | None], bytes]
    needs_results: bool = False  # True: only of a run that is over
    needs_data: bool = False  # True: reads the run's data set

    def bytes_of(self, run: Run, data_dir: Path | None) -> bytes:
        """Returns the file's bytes; raises `LabError` if the run lacks what they need."""
        self.check(run, data_dir)
        return self.make(run, data_dir)

    def check(self, run: Run, data_dir: Path | None) -> None:
        """Raises `LabError` if the run lacks what this export needs."""
        if self.needs_results and (run.results() is None or run.state.status in ACTIVE):
            raise LabError(
                f"The run '{run.spec.name}' has no results yet. Train it to its end first."
            )
        if self.needs_data and not sources.available(run.spec.dataset, data_dir):
            sources.load(run.spec.dataset, data_dir)  # raises: it says what is missing


def register(made: Export) -> Export:
    EXPORTS[made.name] = made
    return made
