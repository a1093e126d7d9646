"""What is said of a training that failed, and of one that did not.

The trainings here are made to fail, each in its own way; the curves that no training gives at will
are planted. All presets with five seeds: `benchmarks/diagnosis.py`.
"""

import json
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from aecore.jobs.work import work
from aecore.models import variant, variants
from aecore.runs.diagnosis import diagnose, finding, finding_so_far
from aecore.runs.evidence import Evidence
from aecore.training.events import EpochEnded, Steps
from aecore.training.loop import Diverged
from tests.helpers import few, made, observed, recommended, small_config, trained

CONSTANT = {"schedule": "constant"}
# The course's denoising preset, smaller: all but two or three of 40 codings die (three seeds).
DYING = CONSTANT | {
    "codings_size": 40, "hidden_sizes": (100,), "learning_rate": 0.01, "noise_level": 1.0,
    "activation": "relu", "codings_activation": "relu", "output": "linear", "first_output": "zero",
    "weight_decay": 0.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "says", "remedies", "name", "values"),
    [
        (
            "collapsed",
            "The network collapsed: its error of ",
            [{"learning_rate": 0.003}],
            "stacked",
            CONSTANT | {"learning_rate": 0.3},
        ),
        (
            "codings_ignored",
            "(posterior collapse): all 8 codings give the same for every input. "
            "Try a latent weight of 10 or a learning rate of 0.0003.",
            [{"latent_weight": 10.0}, {"learning_rate": 0.0003}],
            "variational",
            {"latent_weight": 100},
        ),
        (
            "codings_ignored",
            "of 20 give the same for every input. Try a latent weight of 2.",
            [{"latent_weight": 2.0}],
            "variational",
            {"latent_weight": 20, "codings_size": 20, "epochs": 5},
        ),
        (
            "dead_codings",
            "of 40 codings are dead: they hardly change from input to input. "
            "Try linear codings and a learning rate of 0.001.",
            [{"codings_activation": "linear", "learning_rate": 0.001}],
            "denoising",
            DYING,
        ),
        (
            "hardly_trained",
            "in 130 steps at this learning rate no weight can move by more than about 0.00006. "
            "Try a learning rate of 0.003.",
            [{"learning_rate": 0.003}],
            "stacked",
            {"epochs": 1, "learning_rate": 1e-6},
        ),
        (
            "still_falling",
            "The network was still learning at the end: the last half of the 130 steps took ",
            [{}],
            "denoising",
            {"epochs": 1},
        ),
        (
            "below_pca",
            ": the weight decay makes up ",
            [{"weight_decay": 0.0}],
            "stacked",
            {"weight_decay": 0.001, "first_output": "zero"},
        ),
        (
            "below_pca",
            ": it was still learning at the end. Try a learning rate of 0.003 or 2 epochs",
            [{"learning_rate": 0.003}, {}],
            "stacked",
            CONSTANT | {"learning_rate": 1e-4},
        ),
    ],
)
@pytest.mark.whole
def test_a_training_made_to_fail_is_told_how_and_what_to_try(
    kind, says, remedies, name, values, digits
):
    found = finding(observed(name, digits, small_config(name, **values)))
    assert found and found.kind == kind and says in found.sentence
    assert [remedy.values for remedy in found.remedies] == remedies


def test_a_rate_raised_by_hand_explodes_the_loss_at_the_step_where_it_was_raised(digits):
    config = small_config("stacked", epochs=4)
    evidence = observed("stacked", digits, config, rates={200: 1.0})
    raised = next(each.step for each in evidence.steps if each.step >= 200)
    found = finding(evidence)
    assert found and found.kind == "exploded"
    steps = range(raised + 1, raised + 6)
    said = [step for step in steps if f"at step {step}: at a learning rate of 1 " in found.sentence]
    assert said and not found.remedies  # the settings' own rate was fine


def test_a_run_that_diverged_has_its_message_and_a_smaller_rate(tmp_path):
    run = made(tmp_path, learning_rate=10.0, output="linear", activation="relu",
               hidden_sizes=(500, 500, 500))  # fmt: skip
    with pytest.raises(Diverged):
        work(run)
    found = diagnose(run)
    assert found and found.kind == "exploded" and found.sentence == run.state.message
    assert "stopped being a number at step " in found.sentence
    assert [remedy.values for remedy in found.remedies] == [{"learning_rate": 0.003}]


def test_a_network_that_learns_sixty_images_by_heart_overfits_and_fewer_epochs_cure_it(digits):
    few_images, settings = few(digits, 60), {"hidden_sizes": (128,)}
    evidence = observed("stacked", few_images, small_config("stacked", epochs=500, **settings))
    found = finding(evidence)
    assert found and found.kind == "overfitting" and "has risen to 0.0" in found.sentence
    (remedy,) = found.remedies
    fewer = observed("stacked", few_images, small_config("stacked", **remedy.values, **settings))
    assert fewer.test["mse"] < evidence.test["mse"]
    after = finding(fewer)
    assert after is None or after.kind != "overfitting"


@pytest.mark.parametrize(
    ("name", "values"),
    [("stacked", CONSTANT | {"learning_rate": 0.3}), ("denoising", DYING),
     ("stacked", {"weight_decay": 0.001, "first_output": "zero"})],
)  # fmt: skip
@pytest.mark.whole
def test_the_first_remedy_helps(name, values, digits):
    before = observed(name, digits, small_config(name, **values))
    remedy = finding(before).remedies[0]
    after = observed(name, digits, small_config(name, **values | remedy.values))
    assert after.test["mse"] < before.test["mse"] and kind(after) != kind(before)


@pytest.mark.whole
def test_no_alarm_for_healthy_presets(digits, points):
    assert finding(recommended("linear", digits, 0, epochs=5)) is None
    assert finding(recommended("sparse", digits, 0)) is None
    course = variant("linear").presets["course"].values
    assert finding(observed("linear", points, variant("linear").Config.build(course))) is None


def test_what_is_found_is_in_the_runs_state_and_in_its_results(tmp_path):
    run = made(tmp_path, epochs=2, learning_rate=1e-4)
    work(run)
    found, stored = diagnose(run), run.results()["finding"]
    assert found and run.state.message == found.sentence == stored["sentence"]
    assert stored["kind"] == "below_pca"
    assert [each["values"] for each in stored["remedies"]] == [{"learning_rate": 0.003}, {}]
    assert [each["more_epochs"] for each in stored["remedies"]] == [0, 2]
    healthy = made(tmp_path, epochs=3)
    work(healthy)
    assert diagnose(healthy) is None and not healthy.state.message
    assert json.loads((healthy.path / "results.json").read_bytes())["finding"] is None


def test_dead_codings_are_counted(digits):
    training = trained("stacked", few(digits, 500))
    codings = training.model.encoder[-1]
    kernel = codings.kernel.numpy()
    kernel[:, [1, 4, 5]] = 0  # these give their bias for every image
    codings.kernel.assign(kernel)
    codes = training.model.encode(tf.constant(digits.test.floats())).numpy()
    dead = int(np.sum(~training.model.alive(codes)))
    assert dead == 3
    found = finding(planted([1.0], test={"mse": 0.01, "dead_codings": dead}))
    assert found and "3 of 8 codings are dead" in found.sentence
    assert finding(planted([1.0], "k_sparse", test={"mse": 0.01, "dead_codings": dead})) is None


# Planted curves.


def planted(valid, name="stacked", *, train=None, rate=0.003, test=None, **values):
    """Evidence of a training whose losses were these at its evaluations, 100 steps apart."""
    config = small_config(name, **values)
    train = valid if train is None else train
    evaluations = [
        EpochEnded(0, i, 100 * i, {"reconstruction_loss": t}, {"reconstruction_loss": v, "mse": v})
        for i, (t, v) in enumerate(zip(train, valid, strict=True), 1)
    ]
    steps = [
        Steps(0, i, 100 * i, {"reconstruction_loss": np.full(100, loss)}, 10_000, 1.0, rate)
        for i, loss in enumerate(train, 1)
    ]
    figures = {"mse": 0.01, "mean_mse": 0.06, "pca_mse": 0.02, "loss": 1.0} | (test or {})
    return Evidence(variant(name), config, evaluations, steps, figures, rate)


def kind(evidence):
    found = finding(evidence)
    return found.kind if found else None


FALLEN = np.geomspace(1, 0.1, 10)


# Told before the end.


@pytest.mark.whole
def test_healthy_presets_are_not_warned_while_they_train(digits):
    for name in ("sparse", "greedy", "variational"):
        for known in recommended(name, digits, 0).prefixes():
            assert finding_so_far(known) is None, (name, known.evaluations[-1])


RISEN = [*FALLEN, *np.linspace(0.1, 0.14, 20)]
FLAT = np.full(9, 0.06) + np.resize([1e-5, -1e-5], 9)


@pytest.mark.parametrize(
    ("kind", "valid", "values"),
    [
        ("collapsed", FLAT, {}),
        (None, FLAT[:5], {}),  # too early to tell
        (None, np.geomspace(0.06, 0.058, 9), {"name": "stacked"}),  # it still falls
        (None, FLAT / 3, {}),  # it has stalled, but at a good error
        ("exploded", [*FALLEN, 2, 3], {}),
        ("overfitting", RISEN, {"train": np.geomspace(1, 0.01, len(RISEN))}),
        ("codings_ignored", FLAT, {"name": "variational", "test": {"dead_codings": 8}}),
        (None, FLAT, {"name": "greedy"}),  # in its first phase
    ],
)
def test_what_can_be_told_before_the_end(kind, valid, values):
    found = finding_so_far(planted(valid, **values))
    assert (found and found.kind) == kind


@pytest.mark.parametrize("name", ["digits", "mnist"])
def test_one_coding_of_pca_is_no_collapse(name, request):
    data = request.getfixturevalue(name)
    x = data.test.floats()
    mean = float(np.mean(np.square(x - data.pca.mean)))
    test = {"mse": data.pca.mse(x, 1), "pca_mse": data.pca.mse(x, 1), "mean_mse": mean}
    assert kind(planted([1.0], test=test)) is None
    found = finding(planted([1.0], test={"mse": mean, "mean_mse": mean}))
    assert "is about that" in found.sentence
    assert "is above that" in finding(planted([1.0], test={"mse": 25.0})).sentence


def test_the_mean_image_has_its_published_error_on_mnist(mnist):
    """.06747: what a network that learned nothing about single images gets."""
    x = mnist.test.floats()
    assert float(np.mean(np.square(x - mnist.pca.mean))) == pytest.approx(0.06747, abs=2e-5)


def test_a_loss_that_comes_back_has_not_exploded():
    peak = [*FALLEN, 0.5, 0.5, 0.12]
    assert kind(planted(peak)) is None
    assert kind(planted([*FALLEN, 0.5, 0.5])) == "exploded"
    assert kind(planted([*FALLEN, 0.28, 0.28], train=[*FALLEN, 0.1, 0.1])) is None  # 2.8 times
    found = finding(planted([*FALLEN, 0.5, 0.5]))
    assert "exploded at step 1,001: " in found.sentence and "from 0.1 to 0.5" in found.sentence


def test_a_loss_without_a_lower_end_is_no_reason_for_an_alarm():
    assert kind(planted(np.linspace(-1, -9, 10))) is None
    assert kind(planted(np.linspace(5, -4, 10))) is None


def test_a_rise_within_the_noise_or_of_the_training_too_is_no_overfitting():
    rng = np.random.default_rng(0)
    falling = np.geomspace(0.1, 0.05, 30)
    up = np.concatenate([np.full(10, 0.1), np.linspace(0.1, 0.12, 20)])
    assert kind(planted(up, train=falling)) == "overfitting"
    assert kind(planted(up, train=up)) is None
    noisy = 0.11 + 0.02 * rng.uniform(-1, 1, 30)
    assert kind(planted(noisy, train=falling)) is None
    little = np.concatenate([np.full(10, 0.1), np.linspace(0.1, 0.104, 20)])
    assert kind(planted(little, train=falling)) is None


def test_longer_training_is_advised_by_the_slope_only_while_the_rate_holds():
    steep, flat = np.geomspace(1, 0.2, 10), np.geomspace(1, 0.7, 10)
    assert kind(planted(steep)) == "still_falling"
    assert kind(planted(flat)) is None
    annealed = planted(steep)
    rates = 0.003 * (1 + np.cos(np.linspace(0, np.pi, 10))) / 2
    chunks = zip(annealed.steps, rates, strict=True)
    annealed = replace(annealed, steps=[replace(step, learning_rate=r) for step, r in chunks])
    assert kind(annealed) is None
    # So small a rate moves no weight by more than .1: any schedule ends too early.
    assert kind(planted(flat, rate=1e-4)) == "still_falling"


def test_pca_is_no_measure_of_those_that_have_another_aim():
    above = {"mse": 0.03, "loss": 1.0}
    high = {"learning_rate": 0.1}
    restless = [0.03 + 0.004 * (-1) ** i for i in range(10)]
    found = finding(planted(restless, rate=0.1, test=above, **high))
    assert found.kind == "below_pca" and "keeps it from settling" in found.sentence
    assert found.remedies[0].values == {"learning_rate": 0.003}
    for name in ("denoising", "variational", "sparse", "k_sparse", "contractive"):
        assert kind(planted(restless, name, rate=0.1, test=above, **high)) is None
    assert kind(planted([0.03] * 10, test=above)) is None  # nothing tells why


@pytest.mark.parametrize(
    ("name", "values", "test", "advice"),
    [
        ("stacked", {}, {}, "Try a learning rate of 0.0003."),
        (
            "stacked",
            {"codings_activation": "relu", "weight_decay": 0.1},
            {"weight_decay": 0.5},
            "Try linear codings, no weight decay or a learning rate of 0.0003.",
        ),
        ("convolutional", {}, {}, "Try a learning rate of 0.0003."),
        ("convolutional", {"filter_size": 1}, {}, "Try a filter size of 2."),
        ("sparse", {}, {}, "Try a sparsity weight of 0.0001 or a learning rate of 0.0003."),
    ],
)
def test_the_advice_fits_the_settings(name, values, test, advice):
    figures = {"mse": 0.06, "mean_mse": 0.06} | test
    assert finding(planted([1.0], name, test=figures, **values)).sentence.endswith(advice)


def test_filters_of_one_pixel_are_blamed_only_for_an_error_about_the_mean_images():
    said = {
        mse: finding(planted([1.0], "convolutional", test={"mse": mse}, filter_size=1)).sentence
        for mse in (0.06, 5.0)
    }
    assert "filters of 1 pixel" in said[0.06]
    assert "collapsed" in said[5.0] and "filters of 1 pixel" not in said[5.0]


FAILURES = [
    {"mse": 0.06}, {"mse": 5.0}, {"mse": 0.06, "dead_codings": 8}, {"dead_codings": 6},
    {"mse": 0.03, "weight_decay": 0.5},
]  # fmt: skip


@pytest.mark.parametrize("name", list(variants()))
def test_whatever_is_advised_the_variant_accepts_and_has_not_yet(name):
    cls = variant(name)
    declared = cls.Config.declared()
    decay = [{}, {"weight_decay": 0.1}] if "weight_decay" in declared else [{}]
    activation = declared.get("codings_activation")
    choices = [{"codings_activation": each} for each in activation.choices] if activation else [{}]
    curves = [[1.0], [*FALLEN, 0.5, 0.5], np.geomspace(1, 0.2, 10)]
    advised = 0
    for values in [one | other for one in decay for other in choices]:
        for rate in (1e-5, 0.003, 0.5):
            config = {"learning_rate": rate} | values
            for test in FAILURES:
                for curve in curves:
                    evidence = planted(curve, name, rate=rate, test=test, **config)
                    found = finding(evidence)
                    for remedy in found.remedies if found else ():
                        advised += 1
                        assert remedy.words in found.sentence and remedy.label
                        assert bool(remedy.values) != bool(remedy.more_epochs)
                        present = evidence.config.model_dump()
                        assert all(present[field] != v for field, v in remedy.values.items())
                        cls.Config.build(present | remedy.values)
    assert advised


@pytest.mark.parametrize("name", list(variants()))
def test_a_weight_names_the_term_that_it_weighs(name):
    cls = variant(name)
    weighing = {c.weighs: field for field, c in cls.Config.declared().items() if c.weighs}
    on = small_config(name, **{field: 0.01 for field in weighing.values()})
    assert set(weighing) | {"reconstruction_loss"} == set(cls.units(on))
