"""A training under a person's hands: pause, step, another rate, resume, stop, more epochs."""

import threading
import time

import numpy as np
import pytest

from aecore.data.dataset import as_bytes
from aecore.errors import LabError
from aecore.jobs.work import work
from aecore.runs import store
from aecore.training.events import Snapshot, Steps
from tests.aecore.jobs.helpers import begun, new_run
from tests.helpers import same_weights, small_config, status, steps_of, wait_for


def test_pause_step_rate_resume_and_stop(pool):
    run = begun(pool, schedule="constant")
    assert status(run) == "running"
    with pytest.raises(LabError, match="already training"):
        pool.submit(run)
    pool.ask(run, "pause")
    wait_for(lambda: status(run) == "paused")
    paused_at = steps_of(run)[-1].step
    time.sleep(0.5)
    assert steps_of(run)[-1].step == paused_at
    run.command("step")
    wait_for(lambda: steps_of(run)[-1].step == paused_at + 1)
    wait_for(lambda: status(run) == "paused")
    time.sleep(0.3)
    assert steps_of(run)[-1].step == paused_at + 1
    run.command("step")
    run.command("step")  # two clicks are two steps, however quick
    wait_for(lambda: steps_of(run)[-1].step == paused_at + 3)
    time.sleep(0.3)
    assert steps_of(run)[-1].step == paused_at + 3 and status(run) == "paused"
    run.command("learning_rate", 1e-4)
    run.command("resume")
    wait_for(lambda: steps_of(run)[-1].step > paused_at + 5)
    assert steps_of(run)[-1].learning_rate == pytest.approx(1e-4)
    pool.ask(run, "stop")
    wait_for(lambda: status(run) == "stopped")
    wait_for(lambda: run.results() is not None)
    assert run.results()["test"]["mse"] > 0 and run.checkpoint()[1].step == steps_of(run)[-1].step
    (changed,) = [each for each in run.interventions() if each.what == "learning_rate"]
    assert (changed.step, changed.value) == (paused_at + 3, 1e-4)


@pytest.mark.whole
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


def test_slow_motion_takes_the_steps_it_was_asked_to(pool):
    run = new_run(pool)
    pool.submit(run)
    run.command("steps_per_second", 40)
    wait_for(lambda: len(steps_of(run)) > 3)
    begin, before = time.monotonic(), steps_of(run)[-1].step
    wait_for(lambda: steps_of(run)[-1].step >= before + 60)
    taken, seconds = steps_of(run)[-1].step - before, time.monotonic() - begin
    assert taken <= 2 * 40 * seconds  # unslowed it takes hundreds in a second
    pool.ask(run, "stop")
    wait_for(lambda: status(run) == "stopped")


def test_resume_at_once_finds_the_last_checkpoint(pool):
    run = new_run(pool, hidden_sizes=(1000, 1000))  # 43 MB, stored after "stopped" is said
    pool.submit(run)
    wait_for(lambda: len(steps_of(run)) > 3)
    pool.ask(run, "stop")
    wait_for(lambda: status(run) == "stopped")
    pool.submit(run)
    assert run.checkpoint()[1].step >= steps_of(run)[-1].step
    pool.ask(run, "stop")


@pytest.mark.whole
def test_a_stopped_run_goes_on_and_ends_like_one_left_alone(pool, tmp_path):
    run = new_run(pool, seed=4, epochs=30)
    pool.submit(run)
    wait_for(lambda: len(steps_of(run)) > 3)
    pool.ask(run, "stop")
    wait_for(lambda: status(run) in ("stopped", "done"))
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


def test_the_pictures_that_stay_are_those_of_the_network_that_stays(pool, digits):
    """After Pause, each Step and Stop: not those of a second ago."""
    run = begun(pool)

    def last_snapshot():
        return [each for each in run.events() if isinstance(each, Snapshot)][-1]

    x = digits.test.floats()[digits.shown_rows()]
    for command, then in (("pause", "paused"), ("step", "paused"), ("stop", "stopped")):
        taken = steps_of(run)[-1].step
        pool.ask(run, command)
        wait_for(lambda then=then: status(run) == then)
        if command == "step":
            wait_for(lambda taken=taken: steps_of(run)[-1].step == taken + 1)
        wait_for(lambda: run.stored() and run.stored().step == steps_of(run)[-1].step)
        wait_for(lambda: last_snapshot().step == steps_of(run)[-1].step)
        snapshot = last_snapshot()
        expected = as_bytes(run.network().reconstruct(x))
        differs = np.abs(snapshot.reconstructions.astype(int) - expected)
        assert differs.max() <= 1, command  # the last digits of TensorFlow and NumPy differ
