"""One contract over every variant: whatever is in the catalogue must keep it."""

import re

import numpy as np
import pytest
import tensorflow as tf

from aecore.models import RandomStream, StepContext, variant, variants
from aecore.models.base import register
from aecore.models.declarations import Formula, LossTerm
from aecore.network import Network
from aecore.training.events import Steps
from aecore.training.loop import Training, TrainingControls, train
from tests.helpers import same, small_config, trained, weights

NAMES = list(variants())


def test_the_course_is_complete():
    course = ["linear", "stacked", "tied", "greedy", "denoising", "sparse", "variational"]
    assert [name for name in NAMES if "course" in vars(variant(name)).get("presets", {})] == course


@pytest.mark.parametrize("name", NAMES)
def test_says_how_long_each_of_its_phases_takes(name, digits):
    cls = variant(name)
    configs = [cls.Config.build(preset.values) for preset in cls.presets.values()]
    for config in [*configs, small_config(name)]:
        model = cls(config, digits.input_shape, np.random.default_rng(0))
        assert [phase.epochs for phase in model.phases()] == cls.phase_epochs(config)


@pytest.mark.parametrize("name", NAMES)
def test_a_loss_of_its_own_has_a_formula_of_its_own(name):
    def where(hook):
        return next(i for i, each in enumerate(variant(name).mro()) if hook in vars(each))

    assert where("formula") <= where("terms")


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
    """Decay's term where there is decay and nowhere else.

    No symbol is explained that does not stand in it; a unit is given.
    """
    cls = variant(name)
    choices = [
        {field: choice}
        for field, control in cls.Config.declared().items()
        if control.kind == "choice"
        for choice in control.choices
    ]
    decays = [{}]
    if "weight_decay" in cls.Config.declared():
        decays = [{"weight_decay": 0.0}, {"weight_decay": 0.01}]
    for values in choices or [{}]:
        for decay in decays:
            formula = cls.formula(cls.Config.build(values | decay))
            on = bool(decay.get("weight_decay"))
            assert (r"\lambda" in formula.latex) == on and formula.unit
            plain = re.sub(r"[{}\s]", "", formula.latex)
            for symbols, words in formula.symbols.items():
                for symbol in re.sub(r"[{}\s]", "", symbols).replace(",\\", ",").split(","):
                    assert symbol.split("_")[0] in plain and words, symbol


def another(control, value):
    """A value beside `value`; None if there is only one."""
    return {
        "int": lambda: max(1, int(value) - 1),
        "sizes": lambda: (20,) * len(value),
        "bool": lambda: not value,
        "float": lambda: 0.5 * (value or 0.02),
        "choice": lambda: next((other for other in control.choices if other != value), None),
    }[control.kind]()


def context_of(data, n, kind=tf.float32):
    """Of a step after a quarter of them, with the labels of the first n validation images."""
    labels = tf.constant(data.valid.labels[:n])
    return StepContext(RandomStream(0, 0), True, 25, tf.constant(0.25, kind), labels)


def eight_steps(name, data, **values):
    training = Training.fresh(variant(name), small_config(name, **values), data.input_shape, 0)
    for event in train(training, data, TrainingControls(most_steps=1)):
        if isinstance(event, Steps) and event.step >= 8:
            break
    return weights(training)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.whole
def test_every_hyperparameter_changes_something(name, data):
    """No control that does nothing: another value gives other weights."""
    reference = eight_steps(name, data)
    for field, control in variant(name).Config.declared().items():
        if field == "fine_tune_epochs":
            continue  # beyond the first steps: in test_greedy
        values = {}
        if control.when and control.when[1] != "any":
            values = {control.when[0]: control.when[1]}
        here = eight_steps(name, data, **values) if values else reference
        other = another(control, getattr(small_config(name, **values), field))
        if other is None:
            continue  # a single choice
        changed = eight_steps(name, data, **values, **{field: other})
        assert [a.shape for a in changed] != [a.shape for a in here] or not same(changed, here), (
            field
        )


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
    """Central differences in float64, along a random direction for each variable of each phase.

    That the fast path has one tape's gradients is in training/test_engine.py.
    """
    model = in_double_precision(
        variant(name)(small_config(name), (28, 28, 1), np.random.default_rng(0))
    )
    x, rng, h = tf.constant(data.valid.floats(20), tf.float64), np.random.default_rng(1), 1e-6
    for variable in model.variables:  # away from ReLU's kink, where zero biases meet blank pixels
        variable.assign_add(0.01 * rng.standard_normal(variable.shape))
    for phase in model.phases():
        inputs = phase.features(x) if phase.features else x

        def loss(phase=phase, inputs=inputs):
            return tf.add_n(
                list(phase.loss_terms(inputs, context_of(data, 20, tf.float64)).values())
            )

        with tf.GradientTape() as tape:
            value = loss()
        gradients = tape.gradient(value, phase.variables)
        for variable, gradient in zip(phase.variables, gradients, strict=True):
            direction = rng.standard_normal(variable.shape)
            direction /= np.linalg.norm(direction)
            variable.assign_add(h * direction)
            above = float(loss())
            variable.assign_sub(2 * h * direction)
            slope = (above - float(loss())) / (2 * h)
            variable.assign_add(h * direction)
            expected = float(np.sum(gradient.numpy() * direction))
            assert slope == pytest.approx(expected, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_loss_is_the_sum_of_named_terms_and_decay_is_one(name, data):
    plain = variant(name)(small_config(name), (28, 28, 1), np.random.default_rng(0))
    x = tf.constant(data.valid.floats(32))
    terms = plain.loss_terms(x, context_of(data, 32))
    assert "reconstruction_loss" in terms and all(
        np.isfinite(float(value)) for value in terms.values()
    )
    if "weight_decay" in plain.config.declared():
        decayed = variant(name)(
            small_config(name, weight_decay=0.1), (28, 28, 1), np.random.default_rng(0)
        )
        with_decay = decayed.loss_terms(x, context_of(data, 32))
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


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.whole
def test_each_phase_gives_the_network_that_it_shows(name, data):
    """What is kept of a phase is drawn as its snapshots are."""
    model = trained(name, data).model
    x = data.test.floats()[:20]
    for phase in model.phases():
        own = phase.network().reconstruct(x)
        assert np.allclose(own, phase.reconstruct(tf.constant(x)).numpy(), atol=1e-4), phase.name


def test_a_variant_without_a_reconstruction_loss_is_refused():
    class Nameless(variant("stacked")):
        name = "nameless"

        @classmethod
        def formula(cls, config):
            return Formula({"error": LossTerm("E", "squared pixels", "a sum")}, {})

    with pytest.raises(TypeError, match="'nameless' has no 'reconstruction_loss'"):
        register(Nameless)
    assert "nameless" not in variants()
