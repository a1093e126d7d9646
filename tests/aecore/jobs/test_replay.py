"""What is done to a run is recorded, and can be repeated."""

import json
import random
import threading
import time

import pytest

from aecore.errors import LabError
from aecore.jobs.work import work
from aecore.runs import records, store
from aecore.runs.run import Run
from aecore.training.events import Steps
from tests.helpers import made, run_cli, same_weights, status, steps_of


def test_a_turned_rate_holds_after_a_resume_and_is_recorded_where_it_took_effect(tmp_path):
    run = made(tmp_path, epochs=4, schedule="constant")
    at = run_until(run, 7, "learning_rate", 0.0003)
    changed, stopped = run.interventions()
    assert (changed.what, changed.step, changed.value, stopped.what) == (
        "learning_rate",
        at,
        0.0003,
        "stop",
    ) and stopped.step > at
    run.queue()
    work(run)
    assert all(
        event.learning_rate == pytest.approx(0.0003) for event in steps_of(run) if event.step > at
    )
    assert run.state.rate == 0.0003


def run_until(run: Run, step: int, command: str, value: float) -> int:
    """Train to `step` or a little further, ask, go on for a few steps, stop.

    The step at which it was asked.
    """
    asked = []

    def listen(event):
        if isinstance(event, Steps):
            if asked:
                run.command("stop")
            elif event.step >= step:
                asked.append(event.step)
                run.command(command, value)

    run.command("steps_per_second", 50.0)
    work(run, None, listen)
    run.command("steps_per_second", None)
    return asked[0]


REPLAYED = [
    ("stacked", {"schedule": "cosine"}),
    ("variational", {"schedule": "constant"}),
    ("greedy", {"schedule": "restart"}),
]


@pytest.mark.parametrize(("name", "values"), REPLAYED)
@pytest.mark.whole
def test_a_replay_of_the_record_ends_in_the_same_weights(tmp_path, name, values):
    """Turned, paused, stepped, stopped, resumed and trained more through the worker's real door.

    Replayed by the command line.
    """
    clicks = random.Random(name)
    run = made(tmp_path, name, seed=5, epochs=6, batch_size=200, **values)
    as_it_trains = [("learning_rate", 0.004), ("pause", None), ("stop", None)]
    while_paused = [("step", None), ("learning_rate", 0.0007), ("step", None), ("resume", None)]
    steering = threading.Thread(
        target=lambda: [(time.sleep(0.05), run.command(*each)) for each in while_paused],
        daemon=True,
    )

    def listen(event):
        if (
            isinstance(event, Steps)
            and clicks.random() < 0.4
            and as_it_trains
            and not steering.is_alive()
        ):
            command = as_it_trains.pop(0)
            run.command(*command)
            if command[0] == "pause":
                steering.start()

    run.command("steps_per_second", 100.0)
    work(run, None, listen)
    run.command("steps_per_second", None)
    run.queue()
    run.command("learning_rate", 0.002)
    work(run, None, lambda event: time.sleep(0.001))
    run.queue(extra_epochs=3)
    work(run)
    assert status(run) == "done"
    done = [each.what for each in run.interventions()]
    assert done.count("learning_rate") == 3 and {"pause", "step", "resume", "stop", "more"} <= set(
        done
    )
    file = tmp_path / "record.json"
    file.write_text(run.record().model_dump_json())
    replayed = run_cli(
        "train", "--record", str(file), "--runs", str(tmp_path / "replayed"), "--json"
    )
    assert replayed.returncode == 0, replayed.stderr
    results = json.loads(replayed.stdout)
    again = store.open_run(tmp_path / "replayed", results["run_id"])
    assert same_weights(run, again) and results["test"] == run.results()["test"]

    def changed(one):
        return [
            (each.place, each.value) for each in one.interventions() if each.what == "learning_rate"
        ]

    assert changed(again) == changed(run)
    plain = made(tmp_path, name, seed=5, epochs=6, batch_size=200, **values)
    work(plain)
    assert not same_weights(run, plain)  # its settings alone do not give it


@pytest.mark.whole
def test_a_replay_ends_where_a_stopped_run_does(tmp_path):
    run = made(tmp_path, epochs=6)
    run_until(run, 9, "learning_rate", 0.004)
    file = tmp_path / "record.json"
    file.write_text(run.record().model_dump_json())
    replayed = run_cli("train", "--record", str(file), "--runs", str(tmp_path / "replayed"))
    assert "bit for bit" in replayed.stdout, replayed.stderr
    (again,) = store.listing(tmp_path / "replayed")
    assert status(again) == "stopped" and same_weights(run, again)


def test_a_record_that_is_not_there_gets_one_sentence(tmp_path):
    with pytest.raises(LabError, match="cannot be read: No such file or directory; expected a fi"):
        records.read(tmp_path / "missing.json")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"record_version": 2}', "nonsense"])
def test_what_is_no_record_gets_one_sentence(tmp_path, text):
    file = tmp_path / "record.json"
    file.write_text(text)
    with pytest.raises(LabError, match="is no record of a run"):
        records.read(file)
