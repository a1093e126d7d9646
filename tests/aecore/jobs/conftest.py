"""One pool with one worker, for all tests of jobs: a worker takes seconds to import TensorFlow."""

import pytest

from aecore.jobs.pool import Pool


@pytest.fixture(scope="package")
def pool(tmp_path_factory):
    shared = Pool(tmp_path_factory.mktemp("runs"), max_concurrent_runs=1)
    shared.start()
    yield shared
    shared.close()
