"""The pool with its real worker process: queue, pause, step, resume, stop, a changed rate, a killed worker, a restarted server."""

import errno
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from aecore.errors import LabError
from aecore.jobs.pool import Pool
from aecore.jobs.work import work
from aecore.runs import store
from aecore.runs.run import Run
from aecore.runs.statuses import Status
from aecore.training.events import Steps
from tests.helpers import place, same_weights, small_config

GONE = 2**22 + 12345  # no process has this number


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    shared = Pool(tmp_path_factory.mktemp("runs"), max_concurrent_runs=1)
    shared.start()
    yield shared
    shared.close()


def new_run(pool: Pool, seed: int = 0, owner: str = "", **values) -> Run:
    config = small_config("stacked", **({"epochs": 2000, "hidden_sizes": (32,)} | values))
    return store.create(
        pool.root, variant_name="stacked", dataset="digits", config=config, seed=seed, owner=owner
    )


def wait_for(condition, seconds: float = 60.0) -> float:
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < seconds, "waited too long"
        time.sleep(0.02)
    return time.monotonic() - begin


def status(run: Run) -> str:
    return run.state.status


def steps_of(run: Run) -> list[dict]:
    return [event for event in run.events() if isinstance(event, Steps)]


def begun(pool: Pool, **values) -> Run:
    """A new run that has taken some steps."""
    run = new_run(pool, **values)
    pool.submit(run)
    wait_for(lambda: len(steps_of(run)) > 2)
    return run


def test_pause_step_rate_resume_and_stop(pool):
    run = begun(pool, schedule="constant")
    assert status(run) == "running"
    with pytest.raises(LabError, match="already training"):
        pool.submit(run)
    pool.ask(run, "pause")
    wait_for(lambda: status(run) == "paused", 5)
    paused_at = steps_of(run)[-1].step
    time.sleep(0.5)
    assert steps_of(run)[-1].step == paused_at
    run.command("step")
    wait_for(lambda: steps_of(run)[-1].step == paused_at + 1, 5)
    wait_for(lambda: status(run) == "paused", 5)
    time.sleep(0.3)
    assert steps_of(run)[-1].step == paused_at + 1
    run.command("step")
    run.command("step")  # two clicks are two steps, however quick
    wait_for(lambda: steps_of(run)[-1].step == paused_at + 3, 5)
    time.sleep(0.3)
    assert steps_of(run)[-1].step == paused_at + 3 and status(run) == "paused"
    run.command("learning_rate", 1e-4)
    run.command("resume")
    wait_for(lambda: steps_of(run)[-1].step > paused_at + 5, 5)
    assert steps_of(run)[-1].learning_rate == pytest.approx(1e-4)
    pool.ask(run, "stop")
    wait_for(lambda: status(run) == "stopped", 5)
    wait_for(lambda: run.results() is not None, 5)
    assert (
        run.results()["test"]["mse"] > 0 and run.checkpoint()[1]["step"] == steps_of(run)[-1].step
    )
    (turned,) = [each for each in run.interventions() if each.what == "learning_rate"]
    assert (turned.step, turned.value) == (paused_at + 3, 1e-4)


def test_resume_that_is_read_during_a_step_is_shown(tmp_path):
    """The page said "paused" for good where Resume came while a single step was being taken."""
    run = store.create(
        tmp_path,
        variant_name="stacked",
        dataset="digits",
        config=small_config("stacked", epochs=20),
        seed=0,
    )
    run.command("pause")
    after: list[str] = []
    resumed = threading.Event()

    def listen(event):
        if not isinstance(event, Steps):
            return
        if resumed.is_set():
            after.append(status(run))
        elif status(run) == "paused":  # this is the single step
            run.command("resume")
            resumed.set()

    training = threading.Thread(target=work, args=(run, None, listen), daemon=True)
    training.start()
    wait_for(lambda: status(run) == "paused")
    run.command("step")
    training.join(60)
    assert after and set(after) == {"running"} and status(run) == "done"


def test_a_disk_that_takes_nothing_ends_no_worker_and_no_slot(tmp_path, monkeypatch, capsys):
    """Not even that it failed can be written then: the worker waits for the next run, and the slot's thread for the next worker."""
    run = store.create(
        tmp_path, variant_name="stacked", dataset="digits", config=small_config("stacked"), seed=0
    )

    def full(self, state, **changes):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Run, "_write", full)
    work.serve(run.path)
    (run.path / "state.json").write_text(
        (run.path / "state.json").read_text().replace("queued", "running")
    )
    Pool(tmp_path, max_concurrent_runs=0)._interrupted(run)
    assert "No space left" in capsys.readouterr().err
    monkeypatch.undo()
    work.serve(run.path)  # there is room again
    assert status(run) == "done"


def test_slow_motion_takes_the_steps_it_was_asked_to(pool):
    run = new_run(pool)
    pool.submit(run)
    run.command("steps_per_second", 40)
    wait_for(lambda: len(steps_of(run)) > 3)
    before = steps_of(run)[-1].step
    time.sleep(2)
    assert 50 <= steps_of(run)[-1].step - before <= 100
    pool.ask(run, "stop")
    wait_for(lambda: status(run) == "stopped", 5)


def test_resume_at_once_finds_the_last_checkpoint(pool):
    run = new_run(pool, hidden_sizes=(1000, 1000))  # 43 MB, stored after "stopped" is said
    pool.submit(run)
    wait_for(lambda: len(steps_of(run)) > 3)
    pool.ask(run, "stop")
    wait_for(lambda: status(run) == "stopped", 5)
    pool.submit(run)
    assert run.checkpoint()[1]["step"] >= steps_of(run)[-1].step
    pool.ask(run, "stop")


def test_a_stopped_run_goes_on_and_ends_like_one_left_alone(pool, tmp_path):
    run = new_run(pool, seed=4, epochs=30)
    pool.submit(run)
    wait_for(lambda: len(steps_of(run)) > 3)
    pool.ask(run, "stop")
    wait_for(lambda: status(run) in ("stopped", "done"), 5)
    pool.submit(run)
    wait_for(lambda: status(run) == "done")
    alone = store.create(
        tmp_path, variant_name="stacked", dataset="digits", config=run.config, seed=4
    )
    work(alone)
    assert same_weights(run, alone)
    assert run.results()["test"] == alone.results()["test"]


def test_train_more_adds_epochs(pool):
    run = new_run(pool, epochs=2)
    pool.submit(run)
    wait_for(lambda: status(run) == "done")
    pool.submit(run, extra_epochs=3)
    wait_for(lambda: status(run) == "done" and run.results()["epochs"] == 5)


def test_who_waits_knows_its_place_and_can_leave(pool):
    first, second, third = (new_run(pool, seed=seed) for seed in range(3))
    for run in (first, second, third):
        pool.submit(run)
    wait_for(lambda: status(first) == "running")
    assert [place(pool, run.id) for run in (first, second, third)] == [None, 1, 2]
    pool.ask(second, "stop")
    assert status(second) == "stopped" and place(pool, third.id) == 1
    pool.ask(first, "stop")
    wait_for(lambda: status(third) == "running", 10)
    pool.ask(third, "stop")
    wait_for(lambda: status(third) == "stopped", 5)


def test_one_visitor_cannot_fill_the_queue(pool):
    blocker = new_run(pool)
    pool.submit(blocker)
    wait_for(lambda: status(blocker) == "running")
    mine = [new_run(pool, owner="me") for _ in range(4)]
    for run in mine[:3]:
        pool.submit(run)
    with pytest.raises(LabError, match="3 of your runs"):
        pool.submit(mine[3])
    other = new_run(pool, owner="somebody else")
    pool.submit(other)
    for run in (*mine[:3], other, blocker):
        pool.ask(run, "stop")
    wait_for(lambda: status(blocker) == "stopped", 5)


def test_a_killed_worker_is_noticed_and_the_next_one_goes_on(pool):
    run = begun(pool)
    os.kill(run.state.pid, signal.SIGKILL)
    wait_for(lambda: status(run) == "interrupted", 15)
    assert "resume it" in run.state.message
    pool.submit(run)
    wait_for(lambda: status(run) == "running" and len(steps_of(run)) > 2)
    pool.ask(run, "stop")
    wait_for(lambda: status(run) == "stopped", 5)


def test_a_diverged_run_says_why(pool):
    run = new_run(
        pool,
        learning_rate=10.0,
        output="linear",
        activation="relu",
        hidden_sizes=(500, 500, 500, 500),
    )
    pool.submit(run)
    wait_for(lambda: status(run) not in ("queued", "running"))
    assert status(run) == "diverged" and "Try a tenth" in run.state.message


def test_a_worker_that_died_while_nothing_was_to_do_costs_nobody_a_run(pool):
    first = new_run(pool, epochs=1)
    pool.submit(first)
    wait_for(lambda: status(first) == "done" and not first.state.pid)
    (worker,) = pool._workers.values()
    worker.kill()
    worker.wait()
    run = new_run(pool, epochs=1)
    pool.submit(run)
    wait_for(lambda: status(run) == "done")
    assert not run.state.message


def test_who_waits_behind_more_epochs_is_not_told_that_they_are_over(pool):
    run = new_run(pool, epochs=1)
    pool.submit(run)
    wait_for(lambda: status(run) == "done" and not pool._serving)
    run.queue(extra_epochs=5)
    seconds, known = pool._seconds_left(run)
    assert known and seconds > 0


def test_a_training_that_is_held_stands_still_until_it_is_released_or_its_server_is_gone(tmp_path):
    pool = Pool(tmp_path, max_concurrent_runs=1)
    pool.start()
    run = begun(pool)

    def stands_still() -> bool:
        before = len(steps_of(run))
        time.sleep(0.5)
        return len(steps_of(run)) == before

    pool.hold()
    time.sleep(0.1)
    assert stands_still()
    pool.release()
    assert not stands_still()
    pool.hold()
    Pool(tmp_path, max_concurrent_runs=0).start()  # the next server
    assert not stands_still()
    pool.hold()
    pool.close()
    assert status(run) == "interrupted" and run.checkpoint() is not None


def test_a_restarted_server_takes_up_what_waits_and_names_what_broke_off(tmp_path):
    pool = Pool(tmp_path, max_concurrent_runs=1)
    waiting, broken = new_run(pool, epochs=1), new_run(pool)
    broken.move(Status.RUNNING, pid=GONE)
    pool.start()
    try:
        assert status(broken) == "interrupted"
        wait_for(lambda: status(waiting) == "done")
    finally:
        pool.close()


def test_closing_the_pool_leaves_a_resumable_run_and_no_process(tmp_path):
    pool = Pool(tmp_path, max_concurrent_runs=1)
    pool.start()
    run = begun(pool)
    pid = run.state.pid
    pool.close()
    assert status(run) == "interrupted" and run.checkpoint() is not None
    assert (
        not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2]
    )
