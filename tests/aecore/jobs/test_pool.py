"""The pool with its real worker process: the queue, killed workers, restarted servers."""

import os
import signal
import time
from pathlib import Path

import pytest

from aecore.errors import LabError
from aecore.jobs.pool import Pool
from aecore.runs.statuses import Status
from tests.aecore.jobs.helpers import GONE, begun, new_run
from tests.helpers import place, status, steps_of, wait_for


@pytest.mark.whole
def test_who_waits_knows_its_place_and_can_leave(pool):
    first, second, third = (new_run(pool, seed=seed) for seed in range(3))
    for run in (first, second, third):
        pool.submit(run)
    wait_for(lambda: status(first) == "running")
    assert [place(pool, run.id) for run in (first, second, third)] == [None, 1, 2]
    pool.ask(second, "stop")
    assert status(second) == "stopped" and place(pool, third.id) == 1
    pool.ask(first, "stop")
    wait_for(lambda: status(third) == "running")
    pool.ask(third, "stop")
    wait_for(lambda: status(third) == "stopped")


@pytest.mark.whole
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
    wait_for(lambda: status(blocker) == "stopped")


def test_a_killed_worker_is_noticed_and_the_next_one_goes_on(pool):
    run = begun(pool)
    os.kill(run.state.pid, signal.SIGKILL)
    wait_for(lambda: status(run) == "interrupted")
    assert "resume it" in run.state.message
    pool.submit(run)
    wait_for(lambda: status(run) == "running" and len(steps_of(run)) > 2)
    pool.ask(run, "stop")
    wait_for(lambda: status(run) == "stopped")


@pytest.mark.whole
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


def test_who_waits_behind_more_epochs_does_not_read_that_they_are_over(pool):
    run = new_run(pool, epochs=1)
    pool.submit(run)
    wait_for(lambda: status(run) == "done" and not pool._serving)
    run.queue(extra_epochs=5)
    seconds, known = pool._seconds_left(run)
    assert known and seconds > 0


@pytest.mark.whole
def test_a_training_that_is_held_does_nothing_until_it_is_released_or_its_server_is_gone(tmp_path):
    pool = Pool(tmp_path, max_concurrent_runs=1)
    pool.start()
    run = begun(pool)

    def does_nothing() -> bool:
        before = len(steps_of(run))
        time.sleep(0.5)
        return len(steps_of(run)) == before

    def goes_on() -> None:
        before = len(steps_of(run))
        wait_for(lambda: len(steps_of(run)) > before)

    pool.hold()
    wait_for(does_nothing)
    pool.release()
    goes_on()
    pool.hold()
    Pool(tmp_path, max_concurrent_runs=0).start()  # the next server
    goes_on()
    pool.hold()
    pool.close()
    assert status(run) == "interrupted" and run.checkpoint() is not None


@pytest.mark.whole
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


@pytest.mark.whole
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
