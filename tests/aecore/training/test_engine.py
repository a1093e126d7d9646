"""The fast path against a plain one that knows nothing of towers, factors or chunks."""

import gc
import weakref

import numpy as np
import pytest
import tensorflow as tf

from aecore.data.dataset import Dataset, Split
from aecore.data.sources import load
from aecore.models import RandomStream, StepContext, variant, variants
from aecore.training import engine, inputs
from aecore.training.batches import Batches
from aecore.training.events import PhaseStarted, Steps
from aecore.training.loop import Training, TrainingControls, train
from tests.helpers import few, small_config

SETTINGS = [
    *((name, {}) for name in variants()),
    ("stacked", {"weight_decay": 0.01}),
    ("tied", {"weight_decay": 0.01}),
    ("denoising", {"corruption": "dropout", "rescale": True}),
    ("sparse", {"reconstruction": "cross_entropy", "weight_decay": 0.01}),
    ("variational", {"schedule": "constant"}),
    ("variational", {"codings_size": 5}),  # no multiple of four: its rows of noise are padded
]


def plainly(name, data, steps, **values):
    """The loss curve of `steps` steps of the first phase.

    One tape over the whole batch, and Adam as at the end of the paper's section 2, in NumPy.
    """
    made = Training.fresh(
        variant(name),
        small_config(name, **({"epochs": 4, "learning_rate": 0.002} | values)),
        data.input_shape,
        0,
    )
    made.model.begin_at(data.mean)
    phase, config = made.phases()[0], made.model.config
    batches = Batches(made, len(data.train))
    m = [np.zeros(v.shape) for v in phase.variables]
    v = [np.zeros(v.shape) for v in phase.variables]
    total, curve = made.epochs_of(0) * batches.per_epoch, []
    for step in range(steps):
        rows = batches.next(1)[0]
        x, labels = tf.constant(data.train.floats()[rows]), tf.constant(data.train.labels[rows])
        with tf.GradientTape() as tape:
            context = StepContext(RandomStream(0, step), True, step, step / total, labels)
            terms = phase.loss_terms(x, context)
            loss = tf.add_n(list(terms.values()))
        curve.append([float(value) for value in terms.values()])
        done, rise = step / total, 1.0
        if config.schedule == "restart":
            second = done >= 1 / 5
            done = (5 * done - 1) / 4 if second else 5 * done
            rise = min(1.0, 20 * done) if second else 1.0
        rate = (
            config.learning_rate
            * rise
            * (1 if config.schedule == "constant" else 0.5 * (1 + np.cos(np.pi * done)))
        )
        for i, (variable, gradient) in enumerate(
            zip(phase.variables, tape.gradient(loss, phase.variables), strict=True)
        ):
            g = gradient.numpy().astype(np.float64)
            m[i], v[i] = 0.9 * m[i] + 0.1 * g, 0.999 * v[i] + 0.001 * g * g
            corrected = np.sqrt(1 - 0.999 ** (step + 1)) / (1 - 0.9 ** (step + 1))
            change = rate * corrected * m[i] / (np.sqrt(v[i]) + 1e-8)
            variable.assign_sub(change.astype(np.float32))
        made.step += 1
    return np.array(curve)


def fast(name, data, steps, **values):
    made = Training.fresh(
        variant(name),
        small_config(name, **({"epochs": 4, "learning_rate": 0.002} | values)),
        data.input_shape,
        0,
    )
    curve: list[np.ndarray] = []
    controls = TrainingControls(most_steps=5)  # a busy machine takes shorter chunks
    for event in train(made, data, controls):
        if isinstance(event, Steps):
            curve += list(np.stack(list(event.terms.values()), axis=1))
            controls.most_steps = min(5, steps - len(curve))
        if len(curve) == steps:
            break
    return np.array(curve), [variable.numpy() for variable in made.model.variables]


@pytest.mark.parametrize(
    ("name", "values"),
    SETTINGS,
    ids=lambda value: value if isinstance(value, str) else ",".join(value) or "default",
)
@pytest.mark.whole
def test_the_fast_path_has_the_plain_path_s_curve(name, values, digits, monkeypatch):
    monkeypatch.setattr(engine, "towers", lambda: 2)
    data = few(digits, 430)  # the last batch of an epoch has 30 rows
    expected = plainly(name, data, 12, **values)
    curve, _ = fast(name, data, 12, **values)
    assert np.allclose(curve[0], expected[0], rtol=1e-5)
    assert np.allclose(
        curve, expected, rtol=2e-3, atol=1e-6
    )  # Adam's first steps blow rounding up: they divide a gradient by its own size


@pytest.mark.parametrize(
    ("name", "values"),
    SETTINGS,
    ids=lambda value: value if isinstance(value, str) else ",".join(value) or "default",
)
@pytest.mark.whole
def test_the_towers_gradient_is_that_of_one_tape_over_the_batch(name, values, digits, monkeypatch):
    """After a phase's first step Adam's first moment is a tenth of the gradient.

    Three towers of a batch of 100 are of unequal size.
    """
    monkeypatch.setattr(engine, "towers", lambda: 3)
    data = few(digits, 430)
    plain, fast = (
        Training.fresh(variant(name), small_config(name, **values), data.input_shape, 0)
        for _ in range(2)
    )
    compared, gradients = [], []
    for event in train(fast, data, TrainingControls(most_steps=1)):
        if isinstance(event, PhaseStarted):
            plain.phase = event.phase
            gradients = gradients_of_one_tape(plain, fast, data)
        elif isinstance(event, Steps) and event.step == 1:
            for gradient, (m, _) in zip(gradients, fast.moments, strict=True):
                most = float(tf.reduce_max(tf.abs(gradient)))
                assert np.allclose(10 * m, gradient, rtol=1e-3, atol=1e-6 * most)
            compared.append(event.phase)
    assert compared == list(range(len(fast.phases())))


def gradients_of_one_tape(plain, fast, data):
    """Of the first batch of the phase that begins, at the fast path's weights."""
    phase = plain.phases()[plain.phase]
    for variable, value in zip(plain.model.variables, fast.model.variables, strict=True):
        variable.assign(value)
    rows = Batches(plain, len(data.train)).next(1)[0]
    x = tf.constant(data.train.floats()[rows])
    if phase.features:
        x = phase.features(x)
    labels = tf.constant(data.train.labels[rows])
    with tf.GradientTape() as tape:
        context = StepContext(RandomStream(0, 0), True, 0, 0.0, labels)
        loss = tf.add_n(list(phase.loss_terms(x, context).values()))
    return tape.gradient(loss, phase.variables)


@pytest.mark.parametrize("name", ["stacked", "sparse", "variational"])
@pytest.mark.whole
def test_two_towers_repeat_exactly(name, digits, monkeypatch):
    monkeypatch.setattr(engine, "towers", lambda: 2)
    (one, weights), (other, again) = (fast(name, few(digits, 430), 15) for _ in range(2))
    assert np.array_equal(one, other) and all(
        np.array_equal(a, b) for a, b in zip(weights, again, strict=True)
    )


def test_a_tiny_network_goes_through_xla_with_the_same_curve(points):
    values = {"codings_size": 2, "batch_size": 60_000, "epochs": 40}
    made = Training.fresh(variant("linear"), small_config("linear", **values), (3,), 0)
    made.begin_moments()
    steps = made.compile(inputs.Resident(points.train.x, points.train.labels), 100).steps
    assert steps.tiny
    expected = plainly("linear", points, 12, **values)
    assert np.allclose(fast("linear", points, 12, **values)[0], expected, rtol=1e-4)


def test_weights_go_with_the_training_that_is_let_go(digits):
    """A worker keeps the last few compiled trainings and lets the others go.

    What TensorFlow registers of them for good must not hold them.
    """
    made = Training.fresh(variant("tied"), small_config("tied"), digits.input_shape, 0)
    next(event for event in train(made, few(digits, 430)) if isinstance(event, Steps))
    kernels = [weakref.ref(layer.kernel) for layer in made.model.encoder]
    del made
    gc.collect()
    assert [kernel() for kernel in kernels] == [None, None]


def test_images_streamed_from_the_disk_train_the_same_network(digits, tmp_path, monkeypatch):
    np.save(tmp_path / "mine.npy", digits.train.x[:1000].reshape(-1, 28, 28))
    monkeypatch.setenv("AUTOENCODER_LAB_DATA", str(tmp_path))
    resident = load("mine")
    streamed = Dataset(
        "mine",
        "mine",
        Split(
            np.load(tmp_path / "mine.npy", mmap_mode="r").reshape(1000, 784)[:900],
            resident.train.labels,
        ),
        resident.valid,
        resident.test,
        (28, 28, 1),
    )
    assert isinstance(streamed.train.x, np.memmap) and not isinstance(resident.train.x, np.memmap)
    for name in ("stacked", "greedy"):
        (one, weights), (other, again) = (fast(name, data, 18) for data in (resident, streamed))
        assert np.allclose(one, other, rtol=1e-5) and all(
            np.allclose(a, b, atol=1e-5) for a, b in zip(weights, again, strict=True)
        )


@pytest.mark.parametrize("name", list(variants()))
@pytest.mark.whole
def test_what_was_compiled_for_one_training_serves_the_next_exactly(name, digits):
    """The worker keeps compiled networks.

    A later run with another seed, rate and length must not notice.
    """
    data = few(digits, 430)
    used = Training.fresh(variant(name), small_config(name), (28, 28, 1), 3)
    for _ in train(used, data):
        pass
    config = small_config(name, learning_rate=0.004, epochs=3)
    alone = Training.fresh(variant(name), config, (28, 28, 1), 9)
    used.reset(config, 9)
    for made in (alone, used):
        for _ in train(made, data):
            pass
    for variable, expected in zip(used.model.variables, alone.model.variables, strict=True):
        assert np.array_equal(variable, expected)
