"""How references are made of the trainings of several seeds."""

import json
import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import pytest

from aecore import references
from aecore.cli.parser import main
from aecore.errors import LabError
from aecore.jobs import references as making
from aecore.models import variant
from aecore.runs.news import Evaluation
from aecore.runs.statuses import Status


def evaluation(x: int, phase: int = 0, **valid: float) -> Evaluation:
    return Evaluation(x, phase, 1, valid)


def test_the_range_is_of_the_loss_and_of_the_reconstruction_in_each_phase():
    courses = [
        [
            evaluation(10, reconstruction_loss=2.0, price=0.5, mse=9.0),
            evaluation(20, reconstruction_loss=1.0, price=0.25, mse=9.0),
            evaluation(30, 1, reconstruction_loss=7.0, mse=9.0),
        ],
        [
            evaluation(10, reconstruction_loss=2.25, price=0.125, mse=9.0),
            evaluation(20, reconstruction_loss=1.5, price=0.5, mse=9.0),
            evaluation(30, 1, reconstruction_loss=6.0, mse=9.0),
        ],
    ]
    first, second = making.ranges(courses)
    assert first.steps == [10, 20] and second.steps == [30]
    assert first.low == {"loss": [2.375, 1.25], "reconstruction_loss": [2.0, 1.0]}
    assert first.high == {"loss": [2.5, 2.0], "reconstruction_loss": [2.25, 1.5]}
    assert (second.low, second.high) == ({"loss": [6.0]}, {"loss": [7.0]})


def test_runs_that_were_evaluated_at_different_steps_have_no_range():
    with pytest.raises(ValueError, match="different steps"):
        making.ranges([[evaluation(10, a=1.0)], [evaluation(11, a=1.0)]])


@pytest.mark.parametrize("value", [0.0123456, 98.7654321, 1234567.8, 3e-9, 1.0])
def test_ends_are_rounded_outwards(value):
    exact = Decimal(value)
    unit = Decimal(1).scaleb(exact.adjusted() + 1 - making.DIGITS)
    for away, mode in ((math.floor, ROUND_FLOOR), (math.ceil, ROUND_CEILING)):
        expected = float((exact / unit).to_integral_value(mode) * unit)
        assert making.rounded(value, away) == pytest.approx(expected, rel=1e-12)
    assert making.rounded(0.0, math.floor) == 0


@pytest.mark.whole
def test_the_command_makes_what_is_missing_and_repeats_what_was_shipped(tmp_path, capsys):
    command = ["references", "linear", "--dataset", "points3d", "--out", str(tmp_path)]
    assert main(command) == 0 and "1 made, 0 were there" in capsys.readouterr().out
    (made,) = references.read(tmp_path / "points3d.json").presets.values()
    (shipped,) = references.shipped("points3d").presets.values()
    assert made.settings == shipped.settings
    (new,), (old,) = made.phases, shipped.phases
    assert new.steps == old.steps
    # Another kind of processor may round otherwise: see `test_a_training_stays_in_its_band`.
    assert new.low["loss"] == pytest.approx(old.low["loss"], rel=0.03)
    assert new.high["loss"] == pytest.approx(old.high["loss"], rel=0.03)
    assert main(command) == 0 and "0 made, 1 were there" in capsys.readouterr().out


def test_a_reference_of_other_settings_or_of_other_data_is_made_again(
    tmp_path, capsys, monkeypatch
):
    entry = references.Reference(settings="made", phases=[])
    trained = []
    monkeypatch.setattr(making, "train_preset", lambda *chosen: trained.append(chosen[1]) or entry)
    command = ["references", "stacked", "--out", str(tmp_path)]
    path = tmp_path / "digits.json"

    def made_by(*more: str) -> list[str]:
        trained.clear()
        assert main([*command, *more]) == 0
        return list(trained)

    assert made_by() == ["recommended", "course"]
    assert made_by() == ["recommended", "course"]  # "made" is no preset's fingerprint
    monkeypatch.setattr(references, "fingerprint", lambda config: "made")
    assert made_by() == []
    assert made_by("--again") == ["recommended", "course"]
    stored = json.loads(path.read_text())
    stored["inputs"]["train"][1] *= 1.01
    path.write_text(json.dumps(stored))
    assert made_by() == ["recommended", "course"]
    assert list(references.read(path).presets) == ["stacked/course", "stacked/recommended"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["stacked", "--dataset", "points3d"], "No preset of stacked is for the data set"),
        (["--dataset", "my_own"], "'my_own' is none of the lab's own data sets; expected one of"),
        (["no_variant"], "no_variant"),
    ],
)
def test_what_cannot_be_made_is_said_in_a_sentence(arguments, words, tmp_path, capsys):
    assert main(["references", *arguments, "--out", str(tmp_path)]) == 2
    assert words in capsys.readouterr().err
    assert not list(tmp_path.glob("*.json"))


def test_no_reference_is_made_of_a_training_that_failed(monkeypatch):
    def train_all(runs, *_):
        for run in runs:
            run.move(Status.RUNNING)
            run.move(Status.DONE)
        runs[3].queue()
        runs[3].move(Status.RUNNING)
        runs[3].move(Status.DIVERGED, message="The loss stopped being a number.")

    monkeypatch.setattr(making.sweep, "train_all", train_all)
    with pytest.raises(LabError, match="stopped being a number"):
        making.train_preset(variant("stacked"), "recommended", "digits")
