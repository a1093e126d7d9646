"""A run's folder: what it records, its names, its ids, and older schemas."""

import json
import shlex

import numpy as np
import pytest

from aecore.cli.parser import _parser
from aecore.cli.training import chosen_settings
from aecore.errors import LabError
from aecore.jobs.work import work
from aecore.models import variant
from aecore.runs import store
from aecore.training.events import Snapshot, Steps
from tests.helpers import RESULT_KEYS, made, small_config


@pytest.fixture
def run(tmp_path):
    return made(tmp_path, seed=3)


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
    kept = "../../etc passwd  " + "x" * 200
    assert run.spec.name == kept[:80]
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


def test_a_newer_schema_is_refused(run):
    spec = json.loads((run.path / "run.json").read_text())
    (run.path / "run.json").write_text(json.dumps(spec | {"schema_version": 99}))
    with pytest.raises(LabError, match="schema 99; this version of the lab reads up to 6"):
        store.open_run(run.path.parent, run.id)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("stacked", "elu"), ("tied", "elu"), ("sparse", "sigmoid"), ("variational", "linear")],
)
def test_a_run_of_the_first_schema_keeps_the_codings_it_was_trained_with(tmp_path, name, expected):
    """Then no run had a setting for them.

    They had the hidden layers' activation, unless the variant said otherwise.
    """
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
    """`train` begins with the recommended preset, so whatever differs from that must stand there.

    Its defaults among others.
    """
    cls = variant(name)
    config = cls.Config() if preset == "defaults" else cls.Config.build(cls.presets[preset].values)
    run = store.create(tmp_path, variant_name=name, dataset="digits", config=config, seed=3)
    _, _, _, *arguments = shlex.split(run.as_command())
    options = _parser().parse_args(arguments)
    assert chosen_settings(cls, options) == (config, "digits") and options.seed == "3"


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
