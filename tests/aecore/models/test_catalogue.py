"""One contract over every variant: whatever is in the catalogue must keep it."""

import re

import numpy as np
import pytest
import tensorflow as tf

from aecore.models import RandomStream, StepContext, variant, variants
from aecore.network import Network
from aecore.training.events import Steps
from aecore.training.loop import Training, TrainingControls, train
from tests.helpers import few, small_config, trained, weights

NAMES = list(variants())


@pytest.fixture(scope="module")
def data(digits):
    return few(
        digits, 520
    )  # no multiple of the batch of 100: the last batch of an epoch is smaller


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
