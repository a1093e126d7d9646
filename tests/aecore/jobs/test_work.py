"""What ends a training, and what must not end its worker."""

import errno

from aecore.jobs.pool import Pool
from aecore.jobs.work import serve
from aecore.runs import store
from aecore.runs.run import Run
from tests.aecore.jobs.helpers import new_run
from tests.helpers import small_config, status, wait_for


def test_a_disk_that_takes_nothing_ends_no_worker_and_no_slot(tmp_path, monkeypatch, capsys):
    """Not even that it failed can be written then.

    The worker waits for the next run, and the slot's thread for the next worker.
    """
    run = store.create(
        tmp_path, variant_name="stacked", dataset="digits", config=small_config("stacked"), seed=0
    )

    def full(self, state, **changes):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Run, "_write", full)
    serve(run.path)
    (run.path / "state.json").write_text(
        (run.path / "state.json").read_text().replace("queued", "running")
    )
    Pool(tmp_path, max_concurrent_runs=0)._interrupted(run)
    assert "No space left" in capsys.readouterr().err
    monkeypatch.undo()
    serve(run.path)  # there is room again
    assert status(run) == "done"


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
    assert status(run) == "diverged" and "Try 0.003." in run.state.message
