"""A pool without workers, and finished runs that are trained once and copied for each test."""

import gc
import shutil
import uuid
from pathlib import Path

import pytest

from aecore.jobs.pool import Pool
from aecore.jobs.work import work
from aecore.runs import store
from aecore.runs.run import Run
from tests.helpers import made


@pytest.fixture(scope="package", autouse=True)
def frozen_heap():
    """Only the pages' own garbage is collected: earlier tests left millions of objects."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def own_pool(own_home, monkeypatch):
    """A pool over the test's own folder.

    Pages are looked at here, trainings in tests/aecore/jobs.
    """
    from ui import session

    pool = Pool(store.default_root(), max_concurrent_runs=0)
    monkeypatch.setattr(session, "pool", lambda: pool)
    monkeypatch.setattr("ui.server.live_socket.pool", lambda: pool)
    monkeypatch.setattr("ui.waiting.pool_if_started", lambda: pool)
    return pool


@pytest.fixture(scope="session")
def finished_once(tmp_path_factory):
    """finished_once(variant): the folder of a finished small run, trained at the first call."""
    runs: dict[str, Run] = {}

    def finished(name: str) -> Path:
        if name not in runs:
            runs[name] = made(tmp_path_factory.mktemp("finished"), name, epochs=1)
            work(runs[name])
        return runs[name].path

    return finished


@pytest.fixture
def run(request, own_pool, finished_once):
    """A finished small run of the variant that the test names, as one of the pool's."""
    finished = finished_once(getattr(request, "param", "variational"))
    copy = own_pool.root / uuid.uuid4().hex  # an id of its own, since pages cache by it
    shutil.copytree(finished, copy)
    spec = copy / "run.json"
    spec.write_text(spec.read_text().replace(finished.name, copy.name))
    return store.open_run(own_pool.root, copy.name)
