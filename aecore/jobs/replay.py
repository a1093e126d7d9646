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

    Learning rates are changed and epochs added at the recorded steps. If the run repeats its
    origin, those are not its own changes, and it goes on afterwards.
    """
    training, controls, run = session.training, session.controls, session.run
    done = run.interventions()  # by an earlier session
    rate_changes = record.rate_changes[sum(each.what == "learning_rate" for each in done) :]
    additions = record.additions[sum(each.what == "more" for each in done) :]
    end = record.end.place
    while True:
        events = train(training, dataset, controls)
        for event in events:
            yield event
            here = (training.phase, training.step)
            while rate_changes and rate_changes[0].place <= here:
                controls.learning_rate = rate_changes.pop(0).value
                if not session.repeating:
                    run.update(rate=controls.learning_rate)
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
        if not additions and not session.repeating:
            session.stopped = training.phase < len(training.phases()) - 1 or training.step < whole
        if not additions:
            return
        more = additions.pop(0)
        training.extra_epochs += round(more.value or 0)
        if not session.repeating:
            run.update(extra_epochs=training.extra_epochs)
        yield Intervened(training.phase, training.step, "more", more.value)
