"""A run's folder survives kills, refuses what is damaged, and never lets an id become a path."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import fields

import numpy as np
import pytest

from aecore.cli.parser import _parser
from aecore.cli.training import chosen_settings
from aecore.errors import LabError
from aecore.jobs.work import work
from aecore.models import variant
from aecore.network import Network
from aecore.runs import codec, files, store
from aecore.training.events import EpochEnded, Intervened, PhaseStarted, Snapshot, Steps
from aecore.training.loop import Training
from tests.helpers import RESULT_KEYS, same_weights, small_config


@pytest.fixture
def run(tmp_path):
    return store.create(
        tmp_path / "runs",
        variant_name="stacked",
        dataset="digits",
        config=small_config("stacked"),
        seed=3,
    )


def test_a_finished_run_tells_everything(run, digits):
    work(run)
    state, results = run.state, run.results()
    assert state.status == "done" and state.seconds > 0 and not state.pid
    assert list(results) == RESULT_KEYS
    assert results["epochs"] == 2 and results["config"]["seed"] == 3
    assert results["train"]["reconstruction_loss"] > 0
    x = digits.test.floats()
    assert results["test"]["mse"] == pytest.approx(
        float(np.mean(np.square(run.network().reconstruct(x) - x))), rel=1e-4
    )
    steps = [event for event in run.events() if isinstance(event, Steps)]
    assert sum(event.images for event in steps) == 2 * len(digits.train)
    shot = [event for event in run.events() if isinstance(event, Snapshot)][-1]
    assert shot.reconstructions.shape == (10, 784)
    assert not list(run.path.glob(".*.tmp")) and len(list(run.path.glob("checkpoint-*"))) == 1


def test_names_are_labels(run):
    run.rename("  ../../etc\n\x00 ‮passwd  " + "x" * 200)
    assert (
        run.spec.name.startswith("../../etc passwd"[:9])
        and len(run.spec.name) <= 80
        and "\n" not in run.spec.name
    )
    assert store.open_run(run.path.parent, run.id).spec.name == run.spec.name


@pytest.mark.parametrize(
    "run_id",
    ["", "..", "../x", "a" * 33, "A" * 32, "/etc/passwd", "0" * 32, "abc", "%2e%2e", "a\x00b"],
)
def test_only_an_id_opens_a_run(run, run_id):
    with pytest.raises(LabError, match="There is no run"):
        store.open_run(run.path.parent, run_id)


def test_the_beginning_of_an_id_finds_its_run_on_the_command_line_only(run):
    assert store.find_run(run.path.parent, run.id[:8]).id == run.id
    with pytest.raises(LabError, match="There is no run"):
        store.open_run(run.path.parent, run.id[:8])


@pytest.mark.parametrize(
    "file",
    ["run.json", "state.json", "network.safetensors", "HEAD.json", "results.json", "checkpoint"],
)
@pytest.mark.parametrize("damage", ["cut", "flip", "gone"])
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


def test_a_newer_schema_is_refused(run):
    spec = json.loads((run.path / "run.json").read_text())
    (run.path / "run.json").write_text(json.dumps(spec | {"schema_version": 99}))
    with pytest.raises(LabError, match="schema 99; this version of the lab reads up to 4"):
        store.open_run(run.path.parent, run.id)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("stacked", "elu"), ("tied", "elu"), ("sparse", "sigmoid"), ("variational", "linear")],
)
def test_a_run_of_the_first_schema_keeps_the_codings_it_was_trained_with(tmp_path, name, expected):
    """Then no run had a setting for them: they had the hidden layers' activation, unless the variant said otherwise."""
    run = store.create(
        tmp_path, variant_name=name, dataset="digits", config=small_config(name), seed=0
    )
    spec = json.loads((run.path / "run.json").read_text())
    del spec["config"]["codings_activation"]
    (run.path / "run.json").write_text(json.dumps(spec | {"schema_version": 1}))
    assert store.open_run(tmp_path, run.id).config.codings_activation == expected


def test_a_run_of_the_second_schema_began_at_zero(tmp_path):
    run = store.create(
        tmp_path, variant_name="stacked", dataset="digits", config=small_config("stacked"), seed=0
    )
    spec = json.loads((run.path / "run.json").read_text())
    assert spec["config"].pop("first_output") == "mean"  # what it would be now
    (run.path / "run.json").write_text(json.dumps(spec | {"schema_version": 2}))
    assert store.open_run(tmp_path, run.id).config.first_output == "zero"


@pytest.mark.parametrize("name", ["linear", "stacked", "variational", "sparse"])
@pytest.mark.parametrize("preset", ["course", "recommended", "defaults"])
def test_the_command_line_of_a_run_spells_its_settings(tmp_path, name, preset):
    """`train` begins with the recommended preset, so whatever differs from that must stand there: its defaults among others."""
    cls = variant(name)
    config = cls.Config() if preset == "defaults" else cls.Config.build(cls.presets[preset].values)
    run = store.create(tmp_path, variant_name=name, dataset="digits", config=config, seed=3)
    _, _, _, *arguments = shlex.split(run.as_command())
    options = _parser().parse_args(arguments)
    assert chosen_settings(cls, options) == (config, "digits") and options.seed == "3"


def test_a_torn_last_line_waits(tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b'{"a": 1}\n{"a": 2')
    assert files.whole_lines(path, 0) == ([b'{"a": 1}'], 9)
    path.write_bytes(b'{"a": 1}\n{"a": 2}\n')
    assert files.whole_lines(path, 9)[0] == [b'{"a": 2}']


EVENTS = [
    PhaseStarted(0, "Tied weights", 1, 20, 130, 1234),
    Steps(
        0,
        1,
        3,
        {
            "reconstruction_loss": np.array([0.25, 0.125, 0.1]),
            "weight_decay": np.array([1e-9, 2.5, 1234.5]),
        },
        300,
        0.5,
        0.003,
    ),
    EpochEnded(1, 2, 260, {"reconstruction_loss": 0.1}, {"reconstruction_loss": 0.2, "mse": 0.3}),
    Snapshot(0, 1, 3, np.arange(20, dtype=np.uint8).reshape(2, 10), None, {"dead_codings": 0}),
    Snapshot(0, 1, 3, np.float32([[0.1, -7, 3]]), np.float32([[1e-8, 2, 3]]), {}),
    Intervened(0, 3, "learning_rate", 0.1 + 0.2),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_read_as_it_was_written(event):
    again = codec.from_json(codec.to_json(event))
    assert type(again) is type(event)
    for field in fields(event):
        written, read = getattr(event, field.name), getattr(again, field.name)
        if isinstance(written, np.ndarray):
            assert written.dtype == read.dtype and np.array_equal(written, read)
        elif field.name == "terms":
            assert written.keys() == read.keys() and all(
                np.array_equal(written[name], read[name]) for name in written
            )
        else:
            assert written == read


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b"7",
        b'{"event": "Steps"}',
        b'{"event": "Nothing"}',
        b"\xff\xff",
        b'{"event": "Steps", "terms": 3}',
    ],
)
def test_a_line_that_is_no_event_is_passed_over(line):
    good = codec.to_json(EVENTS[0]).encode()
    assert [type(event) for event in codec.read_events([good, line, good])] == [
        PhaseStarted,
        PhaseStarted,
    ]


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


def test_creating_fails_whole_where_the_data_does_not_fit(tmp_path):
    with pytest.raises(LabError, match="'points3d' has points in space"):
        store.create(
            tmp_path,
            variant_name="stacked",
            dataset="points3d",
            config=small_config("stacked"),
            seed=0,
        )
    assert not list(tmp_path.iterdir())


KILLED = """
import sys
from pathlib import Path
from aecore import worker
from aecore.runs import Run
from aecore.training.events import EpochEnded, Intervened, PhaseStarted, Snapshot, Steps
worker.COMMIT_SECONDS = 0.05
worker.work(Run(Path(sys.argv[1])))
"""


def test_kill_nine_loses_nothing_that_was_committed_and_resuming_gives_the_same_weights(tmp_path):
    """Kill a training at random moments, go on each time, and end with the weights of a training that was left alone."""
    config = small_config("stacked", epochs=60, hidden_sizes=(64,))
    root = tmp_path / "runs"
    alone = store.create(root, variant_name="stacked", dataset="digits", config=config, seed=7)
    work(alone)
    killed = store.create(root, variant_name="stacked", dataset="digits", config=config, seed=7)
    rng, steps = np.random.default_rng(0), -1
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(killed.path)], stderr=subprocess.DEVNULL
        )
        while (killed.stored() or {"step": 0})["step"] <= max(steps, 0) and process.poll() is None:
            time.sleep(0.02)
        time.sleep(float(rng.random() * 0.3))
        process.send_signal(signal.SIGKILL)
        process.wait()
        stored = killed.checkpoint()
        assert stored is not None and stored[1]["step"] >= steps
        steps = stored[1]["step"]
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


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    """A full disk, as a fault: the file that was there stays whole, and no half-written one is left."""
    path = tmp_path / "state.json"
    files.write_atomically(path, b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.write_atomically(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_a_full_disk_ends_the_sitting_with_one_sentence_and_the_last_checkpoint(run, monkeypatch):
    """As a fault: the disk fills up after the first checkpoint; with room again the run goes on to its end."""
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
