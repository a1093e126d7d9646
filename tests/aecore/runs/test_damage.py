"""Damaged files, full disks and kills: one sentence, and nothing lost that was stored."""

import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from aecore.errors import LabError
from aecore.jobs.work import work
from aecore.models import variant
from aecore.network import Network
from aecore.runs import files, store
from aecore.training.events import Steps
from aecore.training.loop import Training
from tests import ROOT
from tests.helpers import made, same_weights, small_config


@pytest.fixture
def run(tmp_path):
    return made(tmp_path, seed=3)


@pytest.mark.parametrize(
    "file",
    ["run.json", "state.json", "network.safetensors", "HEAD.json", "results.json", "checkpoint"],
)
@pytest.mark.parametrize("damage", ["cut", "flip", "gone"])
@pytest.mark.whole
def test_a_damaged_file_gets_one_sentence_and_hides_no_other_run(run, file, damage):
    work(run)
    other = store.create(
        run.path.parent,
        variant_name="linear",
        dataset="digits",
        config=small_config("linear"),
        seed=0,
    )
    path = next(run.path.glob("checkpoint-*")) if file == "checkpoint" else run.path / file
    blob = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(blob[: len(blob) // 2] if damage == "cut" else b"\xff" + blob[1:])
    use = {
        "run.json": lambda: store.open_run(run.path.parent, run.id),
        "state.json": lambda: run.state,
        "network.safetensors": run.network,
        "HEAD.json": run.checkpoint,
        "results.json": run.results,
        "checkpoint": run.checkpoint,
    }[file]
    if damage == "gone" and file in ("HEAD.json", "results.json"):
        assert use() is None  # not there yet
    else:
        with pytest.raises(LabError) as error:
            use()
        assert "\n" not in str(error.value)
    assert (
        other.id in [entry.id for entry in store.listing(run.path.parent)]
        and len(store.listing(run.path.parent)) == 2
    )


def test_weights_that_are_not_a_network_are_refused():
    for blob in (
        b"",
        b"hello",
        b"\xff" * 100,
        (2**40).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"{}",
    ):
        with pytest.raises(LabError, match="damaged or not the lab's own"):
            Network.from_bytes(blob)


KILLED = """
import sys
from pathlib import Path
from aecore.jobs import session
from aecore.jobs.work import work
from aecore.runs.run import Run

session.COMMIT_SECONDS = 0.05
work(Run(Path(sys.argv[1])))
"""


@pytest.mark.whole
def test_kill_nine_loses_nothing_that_was_committed_and_resuming_gives_the_same_weights(tmp_path):
    """Kill a training at random moments, go on each time, and end with the weights of a training
    that was left alone.
    """
    config = small_config("stacked", epochs=60, hidden_sizes=(64,))
    root = tmp_path / "runs"
    alone = store.create(root, variant_name="stacked", dataset="digits", config=config, seed=7)
    work(alone)
    killed = store.create(root, variant_name="stacked", dataset="digits", config=config, seed=7)
    rng, steps = np.random.default_rng(0), -1
    for _ in range(4):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(killed.path)], cwd=ROOT)
        while process.poll() is None:
            if (head := killed.stored()) and head.step > max(steps, 0):
                break
            time.sleep(0.02)
        time.sleep(float(rng.random() * 0.3))
        process.send_signal(signal.SIGKILL)
        process.wait()
        stored = killed.checkpoint()
        assert stored is not None and stored[1].step >= steps
        steps = stored[1].step
    work(killed)
    assert killed.state.status == "done"
    assert same_weights(killed, alone)
    taken = [event.step for event in killed.events() if isinstance(event, Steps)]
    assert taken == sorted(taken) and len(set(taken)) == len(taken)  # no step is reported twice
    assert killed.results()["test"] == alone.results()["test"]


def test_stored_weights_of_another_network_are_refused(digits):
    training = Training.fresh(variant("stacked"), small_config("stacked"), (28, 28, 1), 0)
    other = Training.fresh(
        variant("stacked"), small_config("stacked", codings_size=9), (28, 28, 1), 0
    )
    with pytest.raises(LabError, match="do not fit"):
        training.restore(other.tensors(), 0, 0)


def test_a_full_disk_ends_the_session_with_one_sentence_and_the_last_checkpoint(run, monkeypatch):
    """As a fault: the disk fills up after the first checkpoint.

    With room again the run goes on to its end.
    """
    work(run)
    run.queue(extra_epochs=2)
    real = files.write_atomically

    def full(path, data):
        if path.suffix == ".safetensors":
            raise OSError(28, "No space left on device")
        real(path, data)

    monkeypatch.setattr("aecore.runs.run.write_atomically", full)
    with pytest.raises(LabError, match=r"cannot be written \(No space left on device\)"):
        work(run)
    assert run.state.status == "interrupted" and run.checkpoint() is not None
    monkeypatch.setattr("aecore.runs.run.write_atomically", real)
    work(run)
    assert run.state.status == "done" and run.results()["epochs"] == 4
