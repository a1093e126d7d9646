"""Tells while a run trains what has gone wrong already, so that nobody has to wait for its end."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from aecore.data.dataset import Dataset
from aecore.models import variant
from aecore.runs.diagnosis import finding_so_far
from aecore.runs.evidence import Evidence, mean_error
from aecore.runs.run import Run
from aecore.runs.statuses import Status
from aecore.training.events import EpochEnded, Event, Snapshot, Steps


class Watch:
    """Looks at each evaluation of one session, and writes the finding into the run's state."""

    def __init__(self, run: Run, dataset: Dataset):
        self.run, self.dataset = run, dataset
        self._evaluations = run.events_of(EpochEnded)  # of earlier sessions
        self._steps = run.events_of(Steps)
        self._measured: Mapping[str, float] = {}
        self._kind: str | None = None

    @cached_property
    def mean_mse(self) -> float:  # at an evaluation: the first point need not wait for it
        return mean_error(self.dataset)

    def take(self, event: Event, rate: float) -> None:
        """Takes an event that is stored. rate: the learning rate before the schedule's factor."""
        if isinstance(event, Steps):
            self._steps.append(event)
        elif isinstance(event, Snapshot):
            self._measured = event.metrics or self._measured
        elif isinstance(event, EpochEnded):
            self._evaluations.append(event)
            self._tell(rate)

    def _tell(self, rate: float) -> None:
        found = finding_so_far(
            Evidence(
                variant(self.run.spec.variant),
                self.run.config,
                self._evaluations,
                self._steps,
                {**self._measured, "mean_mse": self.mean_mse},
                rate,
                Status.RUNNING,
            )
        )
        kind = found.kind if found else None
        if kind != self._kind:  # the numbers in a sentence change at each evaluation
            self._kind = kind
            self.run.update(message=found.sentence if found else "")
