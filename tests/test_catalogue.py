"""One contract over every variant: whatever is put into the catalogue must keep it."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from aecore.data.dataset import Dataset, Split
from aecore.data.sources import load
from aecore.layers.activations import activate
from aecore.models import RandomStream, StepContext, variant, variants
from aecore.network import Network
from aecore.training.evaluation import METRICS, evaluate
from aecore.training.events import EpochEnded, PhaseStarted, Snapshot, Steps
from aecore.training.loop import Diverged, Training, TrainingControls, train
from aecore.training.probe import SampleProbe
from tests.helpers import few, small_config, trained

NAMES = list(variants())


@pytest.fixture(scope="module")
def data(digits):
    return few(
        digits, 520
    )  # no multiple of the batch of 100: the last batch of an epoch is smaller


def weights(training: Training) -> list[np.ndarray]:
    return [variable.numpy() for variable in training.model.variables]


def same(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_the_course_is_complete():
    course = ["linear", "stacked", "tied", "greedy", "denoising", "sparse", "variational"]
    assert [name for name in NAMES if "course" in vars(variant(name)).get("presets", {})] == course


@pytest.mark.parametrize("name", NAMES)
def test_describes_itself(name):
    cls = variant(name)
    assert cls.name.isidentifier() and cls.name not in {
        "home",
        "lab",
        "generate",
        "compare",
        "runs",
    }, "it is in the address of its lesson"
    assert cls.title and cls.sentence.endswith(".")
    assert "recommended" in cls.presets
    for preset in cls.presets.values():
        assert cls.Config.build(preset.values) and preset.about.endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_the_formula_is_that_of_the_run_as_set(name):
    """Decay's term where there is decay and nowhere else; no symbol is explained that does not stand in it; a unit is given."""
    cls = variant(name)
    choices = [
        {field: choice}
        for field, control in cls.Config.declared().items()
        if control.kind == "choice"
        for choice in control.choices
    ]
    decays = [{}, {"weight_decay": 0.01}] if "weight_decay" in cls.Config.declared() else [{}]
    for values in choices or [{}]:
        for decay in decays:
            formula = cls.formula(cls.Config.build(values | decay))
            assert (r"\lambda" in formula.latex) == bool(decay) and formula.unit
            plain = re.sub(r"[{}\s]", "", formula.latex)
            for symbols, words in formula.symbols.items():
                for symbol in re.sub(r"[{}\s]", "", symbols).replace(",\\", ",").split(","):
                    assert symbol.split("_")[0] in plain and words, symbol


@pytest.mark.parametrize("name", NAMES)
def test_every_hyperparameter_changes_something(name, data):
    """No control that does nothing: another value gives other weights."""
    cls = variant(name)
    reference = weights(_three_steps(name, data))
    for field, control in cls.Config.declared().items():
        values = (
            {control.when[0]: control.when[1]} if control.when and control.when[1] != "any" else {}
        )
        here = weights(_three_steps(name, data, **values)) if values else reference
        other = {
            "int": lambda c=control: max(1, int(getattr(small_config(name), c.name)) - 1), "sizes": lambda: (20,), "bool": lambda: True,
            "float": lambda c=control: 0.5 * (c.default or 0.02), "choice": lambda c=control: next((x for x in c.choices if x != c.default), None),
        }[control.kind]()  # fmt: skip
        if other is None:
            continue  # a single choice
        if field == "epochs":
            other = 5  # the schedule sees it at once
        if field == "fine_tune_epochs":
            assert (
                len(
                    cls(
                        small_config(name, fine_tune_epochs=0),
                        (28, 28, 1),
                        np.random.default_rng(0),
                    ).phases()
                )
                == 2
            )
            continue
        changed = weights(_three_steps(name, data, **values, **{field: other}))
        assert len(changed) != len(here) or any(
            a.shape != b.shape or not np.array_equal(a, b)
            for a, b in zip(changed, here, strict=True)
        ), field


def _three_steps(name, data, **values):
    training = Training.fresh(variant(name), small_config(name, **values), data.input_shape, 0)
    for event in train(training, data, TrainingControls(most_steps=1)):
        if isinstance(event, Steps) and event.step >= 3:
            break
    return training


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_counted_without_building(name):
    cls = variant(name)
    for preset in cls.presets.values():
        config = cls.Config.build(preset.values)
        assert cls(
            config, (28, 28, 1), np.random.default_rng(0)
        ).parameters == cls.count_parameters(config, (28, 28, 1))


def in_double_precision(model):
    """The same network with float64 in place of its float32 variables."""
    for layer in model.layers:
        for name, value in vars(layer).items():
            if isinstance(value, tf.Variable):
                setattr(layer, name, tf.Variable(tf.cast(value, tf.float64)))
    return model


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_those_of_finite_differences(name, data):
    """Central differences in float64, along a random direction for each variable of each phase; the fast path's gradients against one tape's are in test_engine."""
    model = in_double_precision(
        variant(name)(small_config(name), (28, 28, 1), np.random.default_rng(0))
    )
    for variable in model.variables:  # black pixels must not lie on a rectifier's kink
        if len(variable.shape) == 1:
            variable.assign_add(0.1 * np.random.default_rng(2).standard_normal(variable.shape))
    x, rng, h = tf.constant(data.valid.floats(20), tf.float64), np.random.default_rng(1), 1e-5
    for phase in model.phases():
        inputs = phase.features(x) if phase.features else x

        def loss(phase=phase, inputs=inputs):
            return tf.add_n(
                list(phase.loss_terms(inputs, StepContext(RandomStream(0, 3), True)).values())
            )

        with tf.GradientTape() as tape:
            value = loss()
        for variable, gradient in zip(
            phase.variables, tape.gradient(value, phase.variables), strict=True
        ):
            direction = rng.standard_normal(variable.shape)
            direction /= np.linalg.norm(direction)
            variable.assign_add(h * direction)
            above = float(loss())
            variable.assign_sub(2 * h * direction)
            slope = (above - float(loss())) / (2 * h)
            variable.assign_add(h * direction)
            assert slope == pytest.approx(
                float(np.sum(gradient.numpy() * direction)), rel=1e-5, abs=1e-9
            )


@pytest.mark.parametrize("name", NAMES)
def test_loss_is_the_sum_of_named_terms_and_decay_is_one(name, data):
    plain = variant(name)(small_config(name), (28, 28, 1), np.random.default_rng(0))
    x = tf.constant(data.valid.floats(32))
    terms = plain.loss_terms(x, StepContext(RandomStream(0, 0), True))
    assert "reconstruction_loss" in terms and all(
        np.isfinite(float(value)) for value in terms.values()
    )
    if "weight_decay" in plain.config.declared():
        decayed = variant(name)(
            small_config(name, weight_decay=0.1), (28, 28, 1), np.random.default_rng(0)
        )
        with_decay = decayed.loss_terms(x, StepContext(RandomStream(0, 0), True))
        assert (
            set(with_decay) == set(terms) | {"weight_decay"}
            and float(with_decay["weight_decay"]) > 0
        )


def test_pictures_come_once_a_second_or_as_seldom_as_they_cost_whatever_the_first_did(
    data, monkeypatch
):
    """By a clock of the test's own: figures of half a second at first, of .02 after that, and in between as much as nothing."""
    clock = SimpleNamespace(now=100.0, monotonic=lambda: clock.now)
    monkeypatch.setattr("aecore.training.probe.time", clock)
    training = Training.fresh(variant("stacked"), small_config("stacked"), data.input_shape, 0)
    costs = iter([0.5, 0.02, 0.001])
    monkeypatch.setattr(
        training.model,
        "measure",
        lambda split, dataset: setattr(clock, "now", clock.now + next(costs)) or {},
    )
    shown, waits = SampleProbe(training, data), []
    for _ in range(3):
        shown.snapshot(training, training.phases()[0], 6)
        began = shown.last
        while not shown.due():
            clock.now += 0.01
        waits.append(clock.now - began)
    assert waits == pytest.approx([1, 2, 1], abs=0.02)


@pytest.mark.parametrize("name", NAMES)
def test_training_lowers_the_loss_and_tells_about_it(name, data):
    training = Training.fresh(variant(name), small_config(name, epochs=4), data.input_shape, 0)
    events = list(train(training, data))
    steps = [event for event in events if isinstance(event, Steps)]
    phases = [event for event in events if isinstance(event, PhaseStarted)]
    ended = [event for event in events if isinstance(event, EpochEnded)]
    assert isinstance(events[0], PhaseStarted) and any(
        isinstance(event, Snapshot) for event in events
    )
    assert [phase.phase for phase in phases] == list(range(phases[0].phases))
    for phase in phases:
        mine = [event for event in steps if event.phase == phase.phase]
        taken = sum(len(next(iter(event.terms.values()))) for event in mine)
        assert taken == mine[-1].step == phase.epochs * phase.steps_per_epoch
        assert sum(event.images for event in mine) == phase.epochs * len(
            data.train
        )  # every image once an epoch
    x = data.watched.floats()
    assert ended[-1].train.keys() == steps[-1].terms.keys()
    assert ended[-1].valid["mse"] == pytest.approx(
        float(np.mean(np.square(training.model.network().reconstruct(x) - x))), rel=1e-4
    )
    untrained = Training.fresh(variant(name), small_config(name), data.input_shape, 0)
    figures = evaluate(training.model, data)
    assert figures["mse"] < evaluate(untrained.model, data)["mse"]
    assert figures.keys() <= (METRICS | training.model.metrics).keys(), (
        "the Figures tab says of each what it is"
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_repeats_exactly_however_the_steps_are_cut(name, data):
    whole = trained(name, data, seed=5)
    single = Training.fresh(variant(name), small_config(name), data.input_shape, 5)
    for _ in train(single, data, TrainingControls(most_steps=1)):
        pass
    assert same(weights(whole), weights(single))
    assert not same(weights(whole), weights(trained(name, data, seed=6)))


@pytest.mark.parametrize("name", NAMES)
def test_stored_and_taken_up_again_equals_uninterrupted(name, data):
    whole = trained(name, data, seed=2)
    first = Training.fresh(variant(name), small_config(name), data.input_shape, 2)
    for event in train(first, data, TrainingControls(most_steps=1)):
        if isinstance(event, Steps) and event.step == 4:
            break
    second = Training.fresh(variant(name), small_config(name), data.input_shape, 2)
    second.restore(first.tensors(), first.phase, first.step)
    for _ in train(second, data):
        pass
    assert same(weights(whole), weights(second))


@pytest.mark.parametrize("name", NAMES)
def test_train_more_goes_on_from_where_it_stands(name, data):
    training = trained(name, data)
    before = weights(training)
    training.extra_epochs = 2
    events = list(train(training, data))
    assert sum(event.images for event in events if isinstance(event, Steps)) == 2 * len(data.train)
    assert not same(before, weights(training))


@pytest.mark.parametrize("name", NAMES)
def test_the_network_alone_computes_the_same(name, data):
    """NumPy's forward pass, and its float32 and float16 files, against TensorFlow's."""
    model = trained(name, data).model
    x = data.test.floats(100)
    made = model.reconstruct(tf.constant(x)).numpy()
    assert np.allclose(model.network().reconstruct(x), made, atol=1e-5)
    assert np.allclose(
        Network.from_bytes(model.network().to_bytes()).reconstruct(x), made, atol=1e-5
    )
    assert np.allclose(
        Network.from_bytes(model.network().to_bytes(np.float16)).reconstruct(x), made, atol=1e-2
    )


@pytest.mark.parametrize("name", NAMES)
def test_evaluation_counts_terms_and_the_pca_of_the_same_width(name, data):
    model = trained(name, data).model
    figures = evaluate(model, data)
    x = data.test.floats()
    assert figures["mse"] == pytest.approx(
        float(np.mean(np.square(model.reconstruct(tf.constant(x)).numpy() - x))), rel=1e-4
    )
    assert figures["pca_mse"] == pytest.approx(data.pca.mse(x, 8))
    assert figures["mean_mse"] == pytest.approx(
        float(np.mean(np.square(x - x.mean(axis=0)))), rel=0.02
    )
    assert 0 <= figures["dead_codings"] <= 8
    assert figures["loss"] == pytest.approx(
        sum(
            figures[term]
            for term in model.loss_terms(tf.constant(x[:2]), StepContext(RandomStream(0, 0)))
        )
    )


@pytest.mark.parametrize("name", ["stacked", "variational"])
def test_a_loss_that_stops_being_a_number_ends_in_one_sentence(name, data):
    training = Training.fresh(
        variant(name),
        small_config(name, learning_rate=10.0, output="linear" if name == "stacked" else "sigmoid"),
        (28, 28, 1),
        0,
    )
    training.model.encoder[0].kernel.assign(training.model.encoder[0].kernel * 1e30)
    with pytest.raises(Diverged, match=r"stopped being a number at step \d+.*a tenth"):
        list(train(training, data))


@pytest.mark.parametrize("name", ["denoising", "variational"])
def test_the_largest_seed_works(name, data):
    trained(name, few(data, 100), seed=2**31 - 1, epochs=1)


def test_the_learning_rate_can_be_turned_while_it_trains(data):
    dial = TrainingControls(most_steps=1)
    training = Training.fresh(
        variant("stacked"), small_config("stacked", schedule="constant"), (28, 28, 1), 0
    )
    rates = []
    for event in train(training, data, dial):
        if isinstance(event, Steps):
            rates.append(event.learning_rate)
            dial.learning_rate = 1e-4
    assert rates[0] == pytest.approx(0.003) and rates[1:] == pytest.approx(
        [1e-4] * (len(rates) - 1)
    )


@pytest.mark.parametrize("schedule", ["cosine", "restart"])
def test_schedules_fall_to_zero(schedule, data):
    """Half a cosine over all steps; or over their first fifth, and again, with a rise over its first twentieth, over the rest."""
    training = Training.fresh(
        variant("stacked"),
        small_config("stacked", epochs=5, schedule=schedule, learning_rate=0.002),
        (28, 28, 1),
        0,
    )
    rates = [
        event.learning_rate
        for event in train(training, data, TrainingControls(most_steps=1))
        if isinstance(event, Steps)
    ]
    n = len(rates)  # 30
    parts = [n] if schedule == "cosine" else [n // 5, n - n // 5]
    expected = np.concatenate(
        [0.001 * (1 + np.cos(np.pi * np.arange(part) / part)) for part in parts]
    )
    if schedule == "restart":
        expected[parts[0] :] *= np.minimum(1, 20 * np.arange(parts[1]) / parts[1])
    assert rates == pytest.approx(list(expected), rel=1e-3, abs=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_begins_at_the_training_mean(name, data):
    """With codings that say nothing (all kernels of the decoder at zero) an untrained network gives the training inputs' mean, or, if asked, its zero biases'."""
    for first_output, expected in (("mean", data.train.floats().mean(axis=0)), ("zero", None)):
        training = Training.fresh(
            variant(name), small_config(name, first_output=first_output), data.input_shape, 0
        )
        next(event for event in train(training, data))  # before the first step
        last = training.model.decoder[-1]
        silent = activate(last.activation, last.bias).numpy()
        if expected is None:
            assert not last.bias.numpy().any()
        else:
            expected = expected.reshape(-1, len(silent)).mean(
                axis=0
            )  # of the pixels that share a bias
            assert silent == pytest.approx(
                np.clip(expected, 1 / 255, 1 - 1 / 255)
                if last.activation == "sigmoid"
                else expected,
                abs=1e-5,
            )


def test_adam_equals_the_paper():
    """Kingma & Ba (2015), the epsilon-hat form of section 2, in plain float64, on the weights of a real training."""
    points = load("points3d")
    moved = Split(
        points.train.x + 1, points.train.labels
    )  # off centre, or the biases' gradients would be rounding noise
    points = Dataset(
        points.name, points.title, moved, points.valid, points.test, None, points.class_names
    )
    config = small_config(
        "linear",
        batch_size=100,
        epochs=7,
        codings_size=2,
        schedule="constant",
        learning_rate=0.01,
        first_output="zero",
    )
    training = Training.fresh(variant("linear"), config, 3, 0)
    model = training.model
    expected = [variable.numpy().astype(np.float64) for variable in model.variables]
    m, v = ([np.zeros_like(w) for w in expected] for _ in range(2))
    x = points.train.floats().astype(np.float64)
    for t in range(1, 8):
        w1, b1, w2, b2 = expected
        h = x @ w1 + b1
        residual = 2 * (h @ w2 + b2 - x) / x.size
        gradients = [
            x.T @ (residual @ w2.T),
            (residual @ w2.T).sum(axis=0),
            h.T @ residual,
            residual.sum(axis=0),
        ]
        for i, g in enumerate(gradients):
            m[i], v[i] = 0.9 * m[i] + 0.1 * g, 0.999 * v[i] + 0.001 * g * g
            expected[i] = expected[i] - 0.01 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m[i] / (
                np.sqrt(v[i]) + 1e-8
            )
    for _ in train(training, points):
        pass
    for variable, truth in zip(model.variables, expected, strict=True):
        assert np.allclose(variable.numpy(), truth, atol=2e-5)
