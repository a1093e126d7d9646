"""Whatever is clicked, in any order and at any speed, the page says what the worker does."""

import os
import random
import subprocess
import sys
import threading
import time

import pytest

from aecore.errors import LabError
from aecore.jobs.work import work
from aecore.runs.run import Run
from aecore.runs.statuses import InvalidTransition, Status
from aecore.training.events import Intervened, Steps
from tests import ROOT
from tests.helpers import made, status, steps_of, wait_for


def test_stopping_is_what_any_page_sees_until_stop_is_carried_out(tmp_path):
    run = made(tmp_path)
    run.move(Status.RUNNING, pid=os.getpid())
    run.command("stop")
    assert Run(run.path).state.status is Status.STOPPING
    with pytest.raises(InvalidTransition):
        run.move(Status.PAUSED)  # a pause that was asked for before does not hide it


def test_numbers_are_given_in_order_whichever_thread_clicks(tmp_path):
    run = made(tmp_path)
    threads = [
        threading.Thread(target=lambda: [run.command("show") for _ in range(20)], daemon=True)
        for _ in range(5)
    ]
    clicks = [
        subprocess.Popen([sys.executable, "-c", CLICKS, str(run.path)], cwd=ROOT) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(click.wait() == 0 for click in clicks)
    commands, _ = run.commands(0)
    assert [command.n for command in commands] == list(range(1, 141)) and run.state.asked == 140


CLICKS = """
import sys
from pathlib import Path
from aecore.runs.run import Run
run = Run(Path(sys.argv[1]))
for _ in range(20):
    run.command("show")
"""


def test_a_line_that_is_no_command_is_passed_over(tmp_path):
    """Half a line of a killed server, and forged ones; what is asked afterwards is heard."""
    run = made(tmp_path, epochs=400)
    bad = [
        "nonsense",
        "[1]",
        "{}",
        '{"n": 1}',
        '{"n": 2, "command": "fly", "value": null}',
        '{"n": 3, "command": "learning_rate", "value": "x"}',
        '{"n": 4, "command": "learning_rate", "value": 1e9}',
        '{"n": 5, "command": "learning_rate", "value": NaN}',
        '{"n": 1, "comm',
    ]
    (run.path / "commands.jsonl").write_text("\n".join(bad))
    run.command("stop")
    work(run)
    assert status(run) == "stopped" and not steps_of(run)  # carried out before the first step


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learning_rate", None),
        ("learning_rate", -1.0),
        ("learning_rate", float("nan")),
        ("steps_per_second", 0.0),
    ],
)
def test_a_value_that_cannot_be_is_refused_before_it_is_written(tmp_path, name, value):
    run = made(tmp_path)
    with pytest.raises(LabError, match=name):
        run.command(name, value)
    assert not run.commands(0)[0] and run.state.asked == 0


@pytest.mark.whole
def test_whatever_is_clicked_the_page_says_what_the_worker_does(tmp_path):
    """100 random sequences of Pause, Step and Resume, at random times, to steps of random length.

    The page says what the last command makes of it, and the worker does so: it takes steps, or
    none, and between Pause and Resume as many as Step was pressed.
    """
    clicks, run = (
        random.Random(1),
        made(tmp_path, epochs=10_000, hidden_sizes=(16,), batch_size=500),
    )
    slowness = 0.0

    def slowly(event):
        time.sleep(clicks.random() * slowness)

    training = threading.Thread(target=work, args=(run, None, slowly), daemon=True)
    training.start()
    wait_for(lambda: steps_of(run))
    run.command("steps_per_second", 500)
    last = "resume"
    for i in range(100):
        slowness = (0.0, 0.01, 0.05)[i % 3]
        for _ in range(clicks.randint(1, 6)):
            last = clicks.choice(["pause", "step", "step", "resume"])
            asked = run.command(last).asked
            time.sleep(clicks.choice([0, 0, 0.005, 0.03]))
        wait_for(lambda asked=asked: run.state.carried_out == asked)
        said = status(run)
        assert said == ("running" if last == "resume" else "paused"), (i, last)
        if i % 10 == 0:
            before = steps_of(run)[-1].step
            if said == "paused":
                time.sleep(0.1)
                assert steps_of(run)[-1].step == before and status(run) == "paused"
            else:
                wait_for(lambda before=before: steps_of(run)[-1].step > before)
    run.command("stop")
    training.join(120)
    assert status(run) == "stopped"
    paused, due, singles = False, 0, 0
    for event in run.events():
        if isinstance(event, Steps) and paused:
            due, singles = due - 1, singles + 1
            assert (
                due == 0 and len(next(iter(event.terms.values()))) == 1
            )  # one step, and only where one was asked for
        elif isinstance(event, Intervened):
            assert due == 0
            paused = event.what in ("pause", "step")
            due = int(event.what == "step")
    pressed = sum(command.command == "step" for command in run.commands(0)[0])
    assert singles == pressed > 50


def test_the_weights_say_the_moment_they_are_from_and_are_stored_when_asked(tmp_path):
    run = made(tmp_path, epochs=2000)
    training = threading.Thread(target=work, args=(run,), daemon=True)
    training.start()
    wait_for(lambda: steps_of(run))
    for _ in range(3):
        before = steps_of(run)[-1].step
        asked = run.command("show").asked
        wait_for(lambda asked=asked: run.state.carried_out >= asked)
        assert run.network().about["step"] >= before and run.network().about["phase"] == 0
    run.command("stop")
    training.join(120)
    assert run.network().about["step"] == run.stored().step
