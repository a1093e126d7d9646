"""The command line's sweeps."""

import signal
import subprocess
import sys
import time

import pytest

from aecore.jobs import sweep
from aecore.runs import store
from tests import ROOT
from tests.helpers import run_cli


@pytest.mark.whole
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
    done = run_cli(
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


@pytest.mark.whole
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
        command,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        # a shell's background jobs ignore it
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
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
@pytest.mark.whole
def test_a_wrong_sweep_gets_one_sentence_and_writes_nothing(tmp_path, over, said):
    done = run_cli("sweep", "stacked", "--runs", str(tmp_path / "runs"), "--over", *over)
    assert done.returncode == 2 and said in done.stderr and len(done.stderr.splitlines()) == 1, (
        done.stderr
    )
    assert not (tmp_path / "runs").exists()
