"""Which status may follow which."""

import json

import pytest

from aecore.jobs.work import work
from aecore.runs import store
from aecore.runs.statuses import NEXT, InvalidTransition, Status, check_transition
from tests.helpers import made, status


def test_every_status_says_what_may_follow_and_nothing_else_is_written(tmp_path):
    assert set(NEXT) == set(Status)
    run = made(tmp_path)
    with pytest.raises(
        InvalidTransition,
        match="A run that is queued cannot become done; "
        "expected failed, interrupted, running, stopped",
    ):
        run.move(Status.DONE)
    assert status(run) == "queued"
    for present in Status:
        for wanted in set(Status) - NEXT[present]:
            with pytest.raises(InvalidTransition):
                check_transition(present, wanted)


def test_a_folder_of_an_earlier_version_opens_and_goes_on(tmp_path):
    """Its state had other fields, its commands no numbers.

    What was done to it is shown as far as it is known.
    """
    run = made(tmp_path, epochs=2)
    spec = json.loads((run.path / "run.json").read_text())
    (run.path / "run.json").write_text(json.dumps(spec | {"schema_version": 2}))
    (run.path / "state.json").write_text(
        '{"status": "stopped", "message": "", "pid": 0, "extra_epochs": 0, '
        '"rate_turned": true, "changed": 1.0}'
    )
    (run.path / "commands.jsonl").write_text('{"command": "stop", "value": null}\n')
    old = store.open_run(run.path.parent, run.id)
    assert not old.keeps_record
    old.queue()
    work(old)
    assert status(old) == "done" and not old.interventions()
