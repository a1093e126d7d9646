"""Trainings side by side: each must be what it would be alone, and none may harm another."""

import pytest

from aecore.jobs import sweep
from aecore.jobs.work import work
from tests.helpers import made, same_weights


@pytest.mark.whole
def test_each_run_of_a_sweep_is_bit_for_bit_what_it_is_alone(tmp_path):
    settings = [
        ("sparse", seed, {"sparsity_weight": weight})
        for weight in (0.05, 0.2)
        for seed in (0, 1, 2)
    ]
    settings += [
        ("stacked", 0, {"learning_rate": rate}) for rate in (0.001, 0.003)
    ]  # one compiled function, lent to one after the other
    settings += [("variational", 1, {}), ("greedy", 1, {})]
    together = [made(tmp_path, name, seed, **values) for name, seed, values in settings]
    sweep.train_all(together)
    assert {run.state.status for run in together} == {"done"}
    for run, (name, seed, values) in zip(together, settings, strict=True):
        alone = made(tmp_path, name, seed, **values)
        work(alone)
        assert same_weights(run, alone), f"{name}, seed {seed}, {values}"
        assert run.results()["test"] == alone.results()["test"]
    assert not same_weights(together[0], together[1])  # other seeds, other weights


@pytest.mark.whole
def test_a_run_that_diverges_leaves_the_others_alone(tmp_path):
    wild = made(tmp_path, "variational", learning_rate=10.0, epochs=20, hidden_sizes=(100, 100))
    calm = made(tmp_path, "stacked")
    sweep.train_all([wild, calm])
    assert (wild.state.status, calm.state.status) == ("diverged", "done")


@pytest.mark.whole
def test_what_waits_in_a_sweep_is_not_taken_for_queued(tmp_path):
    """A server that starts meanwhile trains whatever is queued."""
    trained = [made(tmp_path, "linear", seed, "points3d", epochs=50) for seed in range(6)]
    seen = set()
    sweep.train_all(
        trained, on_event=lambda run, event: seen.update(run.state.status for run in trained)
    )
    assert "queued" not in seen and {run.state.status for run in trained} == {"done"}


def test_combinations_go_through_every_choice_once():
    chosen = list(
        sweep.combinations({"seed": ["0", "1"], "sparsity_weight": ["0.1", "0.2", "0.3"]})
    )
    assert len(chosen) == 6 and chosen[1] == {"seed": "0", "sparsity_weight": "0.2"}
