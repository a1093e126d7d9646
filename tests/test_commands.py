"""What is clicked, in any order and at any speed, ends in what the page says; what is done to a run is recorded and can be done again."""

import json
import os
import random
import subprocess
import sys
import threading
import time

import pytest

from aecore.errors import LabError
from aecore.jobs.pool import Pool
from aecore.jobs.work import work
from aecore.runs import records, store
from aecore.runs.run import Run
from aecore.runs.statuses import NEXT, OutOfTurn, Status, following
from aecore.training.events import Intervened, Steps
from tests.helpers import place, same_weights, small_config
from tests.test_command_line import ROOT, aecore
from tests.test_jobs import GONE, new_run, pool, status, steps_of, wait_for  # noqa: F401 - the pool is a fixture


def made(tmp_path, name: str = "stacked", seed: int = 0, **values) -> Run:
    return store.create(
        tmp_path / "runs",
        variant_name=name,
        dataset="digits",
        config=small_config(name, **values),
        seed=seed,
    )


# Statuses.


def test_every_status_says_what_may_follow_and_nothing_else_is_written(tmp_path):
    assert set(NEXT) == set(Status)
    run = made(tmp_path)
    with pytest.raises(
        OutOfTurn,
        match="A run that is queued cannot become done; expected failed, interrupted, running, stopped",
    ):
        run.move(Status.DONE)
    assert status(run) == "queued"
    for present in Status:
        for wanted in set(Status) - NEXT[present]:
            with pytest.raises(OutOfTurn):
                following(present, wanted)


def test_stopping_is_what_any_page_sees_until_stop_is_obeyed(tmp_path):
    run = made(tmp_path)
    run.move(Status.RUNNING, pid=os.getpid())
    run.command("stop")
    assert Run(run.path).state.status is Status.STOPPING
    with pytest.raises(OutOfTurn):
        run.move(Status.PAUSED)  # a pause that was asked for before does not hide it


def test_a_folder_of_an_earlier_version_opens_and_goes_on(tmp_path):
    """Its state had other fields, its commands no numbers; what was done to it is told as far as it is known."""
    run = made(tmp_path, epochs=2)
    spec = json.loads((run.path / "run.json").read_text())
    (run.path / "run.json").write_text(json.dumps(spec | {"schema_version": 2}))
    (run.path / "state.json").write_text(
        '{"status": "stopped", "message": "", "pid": 0, "extra_epochs": 0, "rate_turned": true, "changed": 1.0}'
    )
    (run.path / "commands.jsonl").write_text('{"command": "stop", "value": null}\n')
    old = store.open_run(run.path.parent, run.id)
    assert not old.keeps_record
    old.queue()
    work(old)
    assert status(old) == "done" and not old.interventions()


# Commands.


def test_numbers_are_given_in_order_by_whoever_clicks(tmp_path):
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
from aecore.runs import Run
run = Run(Path(sys.argv[1]))
for _ in range(20):
    run.command("show")
"""


def test_a_line_that_is_no_command_is_passed_over(tmp_path):
    """Half a line of a killed server, and forged ones; what is asked afterwards is heard."""
    run = made(tmp_path, epochs=400)
    bad = ["nonsense", "[1]", "{}", '{"n": 1}', '{"n": 2, "command": "fly", "value": null}', '{"n": 3, "command": "learning_rate", "value": "x"}',
           '{"n": 4, "command": "learning_rate", "value": 1e9}', '{"n": 5, "command": "learning_rate", "value": NaN}', '{"n": 1, "comm']  # fmt: skip
    (run.path / "commands.jsonl").write_text("\n".join(bad))
    run.command("stop")
    work(run)
    assert status(run) == "stopped" and not steps_of(run)  # obeyed before the first step


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


def test_whatever_is_clicked_the_page_says_what_the_worker_does(tmp_path):
    """200 random sequences of Pause, Step and Resume, at random distances, given to steps of random length.

    The page says what the last command makes of it; and the worker does so: it takes steps, or none, and between Pause and Resume as many as Step was pressed.
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
    for i in range(200):
        slowness = (0.0, 0.01, 0.05)[i % 3]
        for _ in range(clicks.randint(1, 6)):
            last = clicks.choice(["pause", "step", "step", "resume"])
            asked = run.command(last).asked
            time.sleep(clicks.choice([0, 0, 0.005, 0.03]))
        wait_for(lambda asked=asked: run.state.obeyed == asked, 20)
        said = status(run)
        assert said == ("running" if last == "resume" else "paused"), (i, last)
        if i % 10 == 0:
            before = steps_of(run)[-1].step
            if said == "paused":
                time.sleep(0.1)
                assert steps_of(run)[-1].step == before and status(run) == "paused"
            else:
                wait_for(lambda before=before: steps_of(run)[-1].step > before, 20)
    run.command("stop")
    training.join(30)
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
    assert singles == pressed > 100


# Putting away.


def test_who_pauses_and_leaves_holds_nobody_up(pool, tmp_path):  # noqa: F811
    """One slot, three visitors; and the paused run ends, when it is resumed, in the weights of one that was left alone."""
    left, second, third = (
        new_run(pool, seed=i, owner=name, epochs=30) for i, name in enumerate("abc")
    )
    pool.submit(left)
    wait_for(lambda: steps_of(left))
    pool.ask(left, "pause")
    wait_for(lambda: status(left) == "paused")
    time.sleep(0.3)
    assert left.state.pid  # nobody waits: it keeps its worker
    pool.submit(second)
    pool.submit(third)
    wait_for(lambda: status(second) == status(third) == "done")
    assert status(left) == "paused" and not left.state.pid and left.results()["epochs"] <= 30
    stepped = left.stored()["step"]
    pool.ask(left, "step")
    wait_for(lambda: left.state.obeyed == left.state.asked)
    assert status(left) == "paused" and steps_of(left)[-1].step == stepped + 1
    pool.ask(left, "resume")
    wait_for(lambda: status(left) == "done")
    alone = store.create(
        tmp_path, variant_name="stacked", dataset="digits", config=left.config, seed=0
    )
    work(alone)
    assert [each.what for each in left.interventions()] == ["pause", "step", "resume"]
    assert same_weights(left, alone) and left.results()["test"] == alone.results()["test"]


def test_a_resumed_run_is_the_first_of_its_owner_and_not_of_all(tmp_path):
    pool = Pool(tmp_path, max_concurrent_runs=0)  # noqa: F811
    theirs, mine, paused = (
        new_run(pool, owner="a"),
        new_run(pool, owner="b"),
        new_run(pool, owner="b"),
    )
    pool.submit(theirs)
    pool.submit(mine)
    paused.move(Status.RUNNING, pid=GONE)
    paused.move(Status.PAUSED)
    pool.ask(paused, "resume")
    assert [place(pool, run.id) for run in (theirs, paused, mine)] == [1, 2, 3] and status(
        paused
    ) == "queued"
    pool.ask(paused, "step")  # a second click gives no second place
    assert place(pool, mine.id) == 3
    pool.ask(paused, "stop")
    assert status(paused) == "stopped" and place(pool, paused.id) is None


def test_a_paused_run_survives_the_server(tmp_path):
    pool = Pool(tmp_path, max_concurrent_runs=1)  # noqa: F811
    pool.start()
    run = new_run(pool, epochs=30)
    pool.submit(run)
    wait_for(lambda: steps_of(run))
    pool.ask(run, "pause")
    wait_for(lambda: status(run) == "paused")
    pool.close()
    assert status(run) == "paused" and not run.state.pid
    later = Pool(tmp_path, max_concurrent_runs=1)
    later.start()
    try:
        assert status(run) == "paused" and place(later, run.id) is None
        later.ask(run, "resume")
        wait_for(lambda: status(run) == "done")
    finally:
        later.close()


def test_a_click_as_a_run_is_put_away_is_not_lost(tmp_path):
    """The worker leaves only where nothing was asked meanwhile; else it obeys that first."""
    run = made(tmp_path, epochs=50)
    wanted = threading.Event()
    training = threading.Thread(
        target=work, args=(run,), kwargs={"wanted": wanted.is_set}, daemon=True
    )
    run.command("pause")
    training.start()
    wait_for(lambda: status(run) == "paused")
    put_away = Run.put_away

    def click_first(self, read):
        if wanted.is_set() and not run.commands(read)[0] and run.state.asked == 1:
            run.command("resume")
        return put_away(self, read)

    Run.put_away = click_first
    try:
        wanted.set()
        training.join(60)
    finally:
        Run.put_away = put_away
    assert status(run) == "done"


def test_waits_are_estimated_from_the_trainings_ahead(tmp_path):
    pool = Pool(tmp_path, max_concurrent_runs=1)  # noqa: F811
    busy, first, second = (new_run(pool, seed=i) for i in range(3))
    pool._serving[0] = busy
    busy.move(Status.RUNNING, pid=os.getpid())
    pool.submit(first)
    pool.submit(second)
    assert not pool.wait_of(first.id).known  # nothing is known of its speed yet
    busy.update(seconds=10.0, images=1000, images_wanted=5000, counted=time.time())
    pool._waits_from = 0
    first_waits, second_waits = pool.wait_of(first.id), pool.wait_of(second.id)
    assert (
        first_waits.known
        and first_waits.seconds == pytest.approx(40, abs=1)
        and (first_waits.place, first_waits.of) == (1, 2)
    )
    assert not second_waits.known and second_waits.seconds == pytest.approx(
        40, abs=1
    )  # at least: how long the first will take is not known
    busy.update(images=5000)
    busy.move(Status.DONE, pid=0)
    pool._over(0)
    pool._serving[0] = new_run(pool)
    pool._waits_from = 0
    assert (
        pool.wait_of(second.id).seconds == pytest.approx(20, abs=1)
        and pool.wait_of(second.id).known
    )  # each as long as the one that is over
    pool._serving[0].update(steps_per_second=120.0)
    pool._waits_from = 0
    assert not pool.wait_of(first.id).known


# The record.


def test_a_turned_rate_holds_after_a_resume_and_is_recorded_where_it_took_effect(tmp_path):
    run = made(tmp_path, epochs=4, schedule="constant")
    at = run_until(run, 7, "learning_rate", 0.0003)
    turned, stopped = run.interventions()
    assert (turned.what, turned.step, turned.value, stopped.what) == (
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
    """Train to `step` or a little further, ask, go on for a few steps, stop; the step at which it was asked."""
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
    return asked[0]


REPLAYED = [
    ("stacked", {"schedule": "cosine"}),
    ("variational", {"schedule": "constant"}),
    ("greedy", {"schedule": "restart"}),
]


@pytest.mark.parametrize(("name", "values"), REPLAYED)
def test_a_replay_of_the_record_ends_in_the_same_weights(tmp_path, name, values):
    """Turned, paused, stepped, stopped, resumed and trained more through the worker's real door; replayed by the command line."""
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
    replayed = aecore(
        "train", "--record", str(file), "--runs", str(tmp_path / "replayed"), "--json"
    )
    assert replayed.returncode == 0, replayed.stderr
    results = json.loads(replayed.stdout)
    again = store.open_run(tmp_path / "replayed", results["run_id"])
    assert same_weights(run, again) and results["test"] == run.results()["test"]
    turned = lambda one: [
        (each.place, each.value) for each in one.interventions() if each.what == "learning_rate"
    ]  # noqa: E731
    assert turned(again) == turned(run)
    plain = made(tmp_path, name, seed=5, epochs=6, batch_size=200, **values)
    work(plain)
    assert not same_weights(run, plain)  # its settings alone do not give it


def test_a_replay_ends_where_a_stopped_run_does(tmp_path):
    run = made(tmp_path, epochs=6)
    run_until(run, 9, "learning_rate", 0.004)
    file = tmp_path / "record.json"
    file.write_text(run.record().model_dump_json())
    replayed = aecore("train", "--record", str(file), "--runs", str(tmp_path / "replayed"))
    assert "bit for bit" in replayed.stdout, replayed.stderr
    (again,) = store.listing(tmp_path / "replayed")
    assert status(again) == "stopped" and same_weights(run, again)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"record_version": 2}', "nonsense"])
def test_what_is_no_record_gets_one_sentence(tmp_path, text):
    file = tmp_path / "record.json"
    file.write_text(text)
    with pytest.raises(LabError, match="is no record of a run"):
        records.read(file)


def test_the_weights_say_the_moment_they_are_from_and_are_stored_when_asked(tmp_path):
    run = made(tmp_path, epochs=2000)
    training = threading.Thread(target=work, args=(run,), daemon=True)
    training.start()
    wait_for(lambda: steps_of(run))
    for _ in range(3):
        before = steps_of(run)[-1].step
        asked = run.command("show").asked
        wait_for(lambda asked=asked: run.state.obeyed >= asked, 20)
        assert run.network().about["step"] >= before and run.network().about["phase"] == 0
    run.command("stop")
    training.join(30)
    assert run.network().about["step"] == run.stored()["step"]
