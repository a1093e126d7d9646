"""Trainings side by side: each must be what it would be alone, and none may harm another."""

import signal
import subprocess
import sys
import time

import pytest

from aecore.jobs import sweep
from aecore.jobs.work import work
from aecore.runs import store
from aecore.runs.run import Run
from tests.helpers import same_weights, small_config
from tests.test_command_line import ROOT, aecore


def made(tmp_path, name: str, seed: int = 0, dataset: str = "digits", **values) -> Run:
    return store.create(
        tmp_path / "runs",
        variant_name=name,
        dataset=dataset,
        config=small_config(name, **values),
        seed=seed,
    )


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


def test_a_run_that_diverges_leaves_the_others_alone(tmp_path):
    wild = made(tmp_path, "variational", learning_rate=10.0, epochs=20, hidden_sizes=(100, 100))
    calm = made(tmp_path, "stacked")
    sweep.train_all([wild, calm])
    assert (wild.state.status, calm.state.status) == ("diverged", "done")


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


def test_the_command_trains_every_combination_and_tells_of_each(tmp_path):
    small = [
        "--hidden-sizes",
        "32",
        "--codings-size",
        "8",
        "--epochs",
        "1",
        "--runs",
        str(tmp_path / "runs"),
    ]
    done = aecore(
        "sweep",
        "stacked",
        *small,
        "--over",
        "seed",
        "3",
        "4",
        "--over",
        "activation",
        "relu",
        "tanh",
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 6 and lines[1].split()[:4] == ["seed", "activation", "mse", "loss"]
    assert [line.split()[:2] for line in lines[2:]] == [
        ["3", "relu"],
        ["3", "tanh"],
        ["4", "relu"],
        ["4", "tanh"],
    ]
    assert (
        sorted(run.spec.name.split(" · ")[-1] for run in store.listing(tmp_path / "runs"))[0]
        == "seed 3, activation relu"
    )


def test_the_keyboard_breaks_a_sweep_off_and_every_run_can_go_on(tmp_path):
    command = [
        sys.executable,
        "-m",
        "aecore",
        "sweep",
        "stacked",
        "--epochs",
        "5000",
        "--runs",
        str(tmp_path),
        "--over",
        "seed",
        *"012345",
    ]
    process = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # a shell's background jobs ignore it
    )  # fmt: skip
    try:
        while (
            sum("Steps" in path.read_text() for path in tmp_path.glob("*/events.jsonl"))
            < sweep.AT_ONCE
        ):
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (
        process.returncode == 2
        and "every run keeps its last checkpoint" in said
        and "Traceback" not in said
    )
    broken_off = store.listing(tmp_path)
    assert [run.state.status for run in broken_off] == ["interrupted"] * 6
    assert sum(run.checkpoint() is not None for run in broken_off) == sweep.AT_ONCE


@pytest.mark.parametrize(
    ("over", "said"),
    [
        (["seed"], "--over seed has no values"),
        (["seed", "1", "--over", "seed", "2"], "--over seed is given twice"),
        (["seed", "-3"], "seed is '-3'; expected a whole number from 0"),
        (["depth", "3"], "'depth' is not a hyperparameter here"),
        (["learning-rate", "0.1", "fast"], "Learning rate is 'fast'; expected a number above 0"),
        (["seed", *map(str, range(300))], "That makes 300 runs; expected at most 256"),
    ],
)
def test_a_wrong_sweep_gets_one_sentence_and_writes_nothing(tmp_path, over, said):
    done = aecore("sweep", "stacked", "--runs", str(tmp_path / "runs"), "--over", *over)
    assert done.returncode == 2 and said in done.stderr and len(done.stderr.splitlines()) == 1, (
        done.stderr
    )
    assert not (tmp_path / "runs").exists()
