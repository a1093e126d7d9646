"""A paused run leaves its worker to others, and comes back."""

import os
import threading
import time

import pytest

from aecore.jobs.pool import Pool
from aecore.jobs.work import work
from aecore.runs import processes, store
from aecore.runs.run import Run
from aecore.runs.statuses import Status
from tests.aecore.jobs.helpers import GONE, new_run
from tests.helpers import made, place, same_weights, status, steps_of, wait_for


@pytest.mark.whole
def test_who_pauses_and_leaves_holds_nobody_up(pool, tmp_path):
    """One slot, three visitors.

    And the paused run ends, when it is resumed, in the weights of one that was left alone.
    """
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
    stepped = left.stored().step
    pool.ask(left, "step")
    wait_for(lambda: left.state.carried_out == left.state.asked)
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
    pool = Pool(tmp_path, max_concurrent_runs=0)
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


@pytest.mark.whole
def test_a_paused_run_survives_the_server(tmp_path):
    pool = Pool(tmp_path, max_concurrent_runs=1)
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


@pytest.mark.whole
def test_a_click_as_a_run_is_put_away_is_not_lost(tmp_path):
    """The worker leaves only if there was no command meanwhile; else it carries that out first."""
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


def test_stop_reaches_a_run_that_is_put_away_at_that_moment(tmp_path, monkeypatch):
    """Else it would be "stopping" for good, as no worker reads the command."""
    pool = Pool(tmp_path, max_concurrent_runs=0)
    run = new_run(pool)
    run.move(Status.RUNNING, pid=os.getpid(), born=processes.born(os.getpid()))
    run.move(Status.PAUSED)
    command = run.command

    def after_the_worker_left(*asked):
        assert run.put_away(0)
        return command(*asked)

    monkeypatch.setattr(run, "command", after_the_worker_left)
    assert pool.ask(run, "stop").status is Status.STOPPED
