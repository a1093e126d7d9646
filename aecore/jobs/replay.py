"""Repeats another run, with every change that was made to it while it trained."""

from __future__ import annotations

from collections.abc import Generator

from aecore.data.dataset import Dataset
from aecore.jobs.session import RunSession
from aecore.runs.records import Record
from aecore.training.events import Event, Intervened
from aecore.training.loop import train


def replay(session: RunSession, dataset: Dataset, record: Record) -> Generator[Event]:
    """Trains as `train` does, and repeats what the record lists, up to the record's last step.

    Learning rates are changed and epochs added at the recorded steps.
    """
    training, controls, run = session.training, session.controls, session.run
    rate_changes, additions, end = record.rate_changes, record.additions, record.end.place
    while True:
        events = train(training, dataset, controls)
        for event in events:
            yield event
            here = (training.phase, training.step)
            while rate_changes and rate_changes[0].place <= here:
                controls.learning_rate = run.update(rate=rate_changes.pop(0).value).rate
            whole = training.epochs_of(training.phase) * session.steps_per_epoch
            if training.phase == len(training.phases()) - 1 and training.step == whole:
                continue  # the training ends by itself
            if (additions and additions[0].place <= here) or here >= end:
                events.close()
                break
            stops = [
                place
                for place in (*(each.place for each in rate_changes + additions), end)
                if place[0] == training.phase
            ]
            controls.most_steps = min(
                [controls.most_steps or whole, *(step - training.step for _, step in stops)]
            )
        if not additions:
            session.stopped = training.phase < len(training.phases()) - 1 or training.step < whole
            return
        more = additions.pop(0)
        training.extra_epochs = run.update(
            extra_epochs=training.extra_epochs + round(more.value or 0)
        ).extra_epochs
        yield Intervened(training.phase, training.step, "more", more.value)
