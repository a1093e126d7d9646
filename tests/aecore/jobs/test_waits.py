"""How long a run has to wait."""

import os
import time

import pytest

from aecore.jobs.pool import Pool
from aecore.runs.statuses import Status
from tests.aecore.jobs.helpers import new_run


def test_waits_are_estimated_from_the_trainings_ahead(tmp_path):
    pool = Pool(tmp_path, max_concurrent_runs=1)
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
