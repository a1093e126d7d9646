"""Runs for a pool."""

from typing import Any

from aecore.jobs.pool import Pool
from aecore.runs import store
from aecore.runs.run import Run
from tests.helpers import small_config, steps_of, wait_for

GONE = 2**22 + 12345  # no process has this number


def new_run(pool: Pool, seed: int = 0, owner: str = "", **values: Any) -> Run:
    """A run among the pool's, not submitted; by default it trains for long."""
    config = small_config("stacked", **({"epochs": 2000, "hidden_sizes": (32,)} | values))
    return store.create(
        pool.root, variant_name="stacked", dataset="digits", config=config, seed=seed, owner=owner
    )


def begun(pool: Pool, **values: Any) -> Run:
    """A new run that has taken some steps."""
    run = new_run(pool, **values)
    pool.submit(run)
    wait_for(lambda: len(steps_of(run)) > 2)
    return run
