"""The fast path against a plain one that knows nothing of towers, factors or chunks; its noise against probability; its feeding against itself."""

import gc
import weakref

import numpy as np
import pytest
import tensorflow as tf

from aecore import losses
from aecore.data.dataset import Dataset, Split
from aecore.data.sources import load
from aecore.layers.products import DeferredProducts
from aecore.models import RandomStream, StepContext, Term, variant, variants
from aecore.models.stacked import Stacked
from aecore.training import devices, engine, inputs
from aecore.training.adam import share_of_rate
from aecore.training.batches import Batches
from aecore.training.events import Steps
from aecore.training.loop import Training, TrainingControls, train
from tests.helpers import few, small_config

SETTINGS = [
    *((name, {}) for name in variants() if name not in ("contractive", "sparse")),
    (
        "contractive",
        {"contraction_weight": 0.1},
    ),  # at 0.0003 the term is a hundredth of the loss, and rounding (below) shows in it
    ("sparse", {"sparsity_weight": 0.2}),  # so it does at 0.001
    ("stacked", {"weight_decay": 0.01}),
    ("tied", {"weight_decay": 0.01}),
    ("denoising", {"corruption": "dropout", "rescale": True}),
    ("sparse", {"reconstruction": "cross_entropy", "weight_decay": 0.01}),
    ("variational", {"schedule": "constant"}),
    ("variational", {"codings_size": 5}),  # no multiple of four: its rows of noise are padded
]


def plainly(name, data, steps, **values):
    """The loss curve of `steps` steps of the first phase: one tape over the whole batch, and Adam as the paper has it, in NumPy."""
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
        x = tf.constant(data.train.floats()[batches.next(1)[0]])
        with tf.GradientTape() as tape:
            context = StepContext(RandomStream(0, step), True, step, step / total)
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
            change = (
                rate
                * (m[i] / (1 - 0.9 ** (step + 1)))
                / (np.sqrt(v[i] / (1 - 0.999 ** (step + 1))) + 1e-8)
            )
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
    for event in train(made, data, TrainingControls(most_steps=5)):
        if isinstance(event, Steps):
            curve += list(np.stack(list(event.terms.values()), axis=1))
        if len(curve) >= steps:
            break
    return np.array(curve[:steps]), [variable.numpy() for variable in made.model.variables]


@pytest.mark.parametrize(
    ("name", "values"),
    SETTINGS,
    ids=lambda value: value if isinstance(value, str) else ",".join(value) or "default",
)
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
def test_the_towers_gradient_is_that_of_one_tape_over_the_batch(name, values, digits, monkeypatch):
    """After one step Adam's first moment is a tenth of the gradient; three towers of a batch of 100 are of unequal size."""
    monkeypatch.setattr(engine, "towers", lambda: 3)
    data = few(digits, 430)
    one, other = (
        Training.fresh(variant(name), small_config(name, **values), data.input_shape, 0)
        for _ in range(2)
    )
    one.model.begin_at(data.mean)
    phase = one.phases()[0]
    x = tf.constant(data.train.floats()[Batches(one, 430).next(1)[0]])
    context = StepContext(RandomStream(0, 0), True, 0, 0.0)
    with tf.GradientTape() as tape:
        loss = tf.add_n(list(phase.loss_terms(x, context).values()))
    for event in train(other, data):
        if isinstance(event, Steps):
            break
    for gradient, (m, _) in zip(tape.gradient(loss, phase.variables), other.moments, strict=True):
        assert np.allclose(
            10 * m, gradient, rtol=1e-3, atol=1e-6 * float(tf.reduce_max(tf.abs(gradient)))
        )


@pytest.mark.parametrize("name", ["stacked", "sparse", "variational"])
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


class _OwnTape(Stacked):
    """A loss that differentiates through its own layers, as a contractive penalty does (Rifai et al. 2011): by a Jacobian, or by one product with it."""

    name = "own tape"
    whole = True

    def terms(self, x, context):
        codings = self.encode(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            inner = (
                self.encode(x)
                if self.whole
                else tf.reduce_sum(self.encode(x) * context.random.normal(codings))
            )
        jacobian = tape.batch_jacobian(inner, x) if self.whole else tape.gradient(inner, x)[:, None]
        return {
            "reconstruction_loss": Term(losses.squared_error(x, self.decode(codings))),
            "penalty": Term(0.1 * tf.reduce_sum(tf.square(jacobian), axis=[1, 2])),
        }


def test_weights_go_with_the_training_that_is_let_go(digits):
    """A worker keeps the last few compiled trainings and lets the others go; what TensorFlow registers of them for good must not hold them."""
    made = Training.fresh(variant("tied"), small_config("tied"), digits.input_shape, 0)
    next(event for event in train(made, few(digits, 430)) if isinstance(event, Steps))
    kernels = [weakref.ref(layer.kernel) for layer in made.model.encoder]
    del made
    gc.collect()
    assert [kernel() for kernel in kernels] == [None, None]


@pytest.mark.parametrize("whole", [True, False])
def test_a_loss_that_differentiates_through_its_layers_has_the_right_gradients(
    whole, digits, monkeypatch
):
    monkeypatch.setattr(engine, "towers", lambda: 2)
    monkeypatch.setattr(_OwnTape, "whole", whole)
    data, config = (
        few(digits, 430),
        _OwnTape.Config(hidden_sizes=(30,), codings_size=7, activation="tanh"),
    )
    one, other = (Training.fresh(_OwnTape, config, data.input_shape, 0) for _ in range(2))
    one.model.begin_at(data.mean)
    x = tf.constant(data.train.floats()[Batches(one, 430).next(1)[0]])
    with tf.GradientTape() as tape:
        loss = tf.add_n(
            list(one.model.loss_terms(x, StepContext(RandomStream(0, 0), True)).values())
        )
    next(event for event in train(other, data) if isinstance(event, Steps))
    for gradient, (m, _) in zip(
        tape.gradient(loss, one.model.variables), other.moments, strict=True
    ):
        assert np.allclose(
            10 * m, gradient, rtol=1e-3, atol=1e-6 * float(tf.reduce_max(tf.abs(gradient)))
        )


def test_a_kernel_used_outside_of_its_layer_still_gets_its_whole_gradient(digits):
    """The towers hand over products; whatever else a future variant does with a kernel must not be lost."""
    model = variant("stacked")(small_config("stacked"), (28, 28, 1), np.random.default_rng(0))
    x, kernel = tf.constant(digits.valid.floats(40)), model.encoder[0].kernel

    def loss():
        return tf.reduce_mean(tf.square(model.reconstruct(x) - x)) + 0.1 * tf.reduce_sum(
            tf.abs(kernel)
        )

    with tf.GradientTape() as tape:
        value = loss()
    expected = tape.gradient(value, kernel).numpy()
    deferred = DeferredProducts([kernel])
    with tf.GradientTape() as tape, deferred.recording():
        value = loss()
    with deferred.collecting():
        direct = tape.gradient(value, kernel)
    (use,) = deferred.uses
    assert np.allclose(
        direct + tf.matmul(use.left, use.right, transpose_a=True), expected, atol=1e-6
    )


@pytest.mark.parametrize("columns", [784, 20, 5, 3])
def test_a_share_of_the_noise_is_those_rows_of_the_whole(columns):
    x = tf.zeros([50, columns])
    for draw in (
        lambda noise, part: noise.normal(part),
        lambda noise, part: noise.keep_mask(part, 0.7),
    ):
        whole = draw(RandomStream(3, 9), x).numpy()
        assert whole.shape == (50, columns)
        for a, b in ((0, 17), (17, 50), (49, 50)):
            assert np.allclose(
                whole[a:b], draw(RandomStream(3, 9, a), x[a:b]), atol=1e-6
            )  # a vector's last elements may round otherwise


def test_normal_noise_is_normal_and_independent():
    from scipy import stats

    noise = RandomStream(1, 2)
    draws = noise.normal(tf.zeros([2000, 784])).numpy()
    assert stats.kstest(draws.ravel()[::7], "norm").pvalue > 1e-3
    assert abs(draws.mean()) < 5 / np.sqrt(draws.size) and draws.var() == pytest.approx(
        1, abs=5 * np.sqrt(2 / draws.size)
    )
    assert (
        abs(np.corrcoef(draws[:, :392].ravel(), draws[:, 392:].ravel())[0, 1]) < 0.005
    )  # cosine and sine of one angle
    assert abs(np.corrcoef(draws[:-1].ravel(), draws[1:].ravel())[0, 1]) < 0.005
    second = noise.normal(tf.zeros([2000, 784])).numpy()
    assert abs(np.corrcoef(draws.ravel(), second.ravel())[0, 1]) < 0.005


@pytest.mark.parametrize("keep_prob", [0.001, 0.3, 0.5, 0.7, 0.999, 1.0])
def test_pixels_are_kept_with_their_chance(keep_prob):
    kept = RandomStream(0, 0).keep_mask(tf.zeros([3000, 784]), keep_prob).numpy()
    assert set(np.unique(kept)) <= {0.0, 1.0}
    for half in (kept[:, :392], kept[:, 392:]):
        assert half.mean() == pytest.approx(keep_prob, abs=5 * np.sqrt(0.25 / half.size) + 2**-16)


def test_images_streamed_from_the_disk_train_the_same_network(digits, tmp_path, monkeypatch):
    np.save(tmp_path / "mine.npy", digits.train.x[:1000].reshape(-1, 28, 28))
    monkeypatch.setenv("AUTOENCODER_LAB_DATA", str(tmp_path))
    resident = load("mine")
    streamed = Dataset(
        "mine", "mine", Split(np.load(tmp_path / "mine.npy", mmap_mode="r").reshape(1000, 784)[:900], resident.train.labels),
        resident.valid, resident.test, (28, 28, 1),
    )  # fmt: skip
    assert isinstance(streamed.train.x, np.memmap) and not isinstance(resident.train.x, np.memmap)
    for name in ("stacked", "greedy"):
        (one, weights), (other, again) = (fast(name, data, 18) for data in (resident, streamed))
        assert np.allclose(one, other, rtol=1e-5) and all(
            np.allclose(a, b, atol=1e-5) for a, b in zip(weights, again, strict=True)
        )


def test_many_rows_are_shuffled_within_windows_and_each_comes_once_an_epoch(digits, monkeypatch):
    monkeypatch.setattr("aecore.training.batches.WINDOW", 64)
    made = Training.fresh(
        variant("stacked"), small_config("stacked", batch_size=50), (28, 28, 1), 0
    )
    batches = Batches(made, 430)
    rows: list[int] = []
    while made.step < 2 * batches.per_epoch:
        block = batches.next(7)
        made.step += len(block)
        rows += list(block.ravel())
    first, second = rows[:430], rows[430:]
    assert sorted(first) == sorted(second) == list(range(430)) and first != second
    assert (
        sum(a // 64 != b // 64 for a, b in zip(first, first[1:], strict=False)) == 6
    )  # seven windows, one after another


def test_the_worker_says_on_what_it_trains():
    assert devices.device().startswith(("CPU, ", "NVIDIA", "GPU"))


@pytest.mark.parametrize("name", list(variants()))
def test_what_was_compiled_for_one_training_serves_the_next_exactly(name, digits):
    """The worker keeps compiled networks: a later run with another seed, rate and length must not notice."""
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


def test_a_restarted_rate_rises_again_and_falls_to_zero_twice():
    share = lambda *done: share_of_rate("restart", tf.constant(done)).numpy()  # noqa: E731
    assert np.allclose(
        share(0.0, 0.1, 0.2, 0.22, 0.24, 0.6, 1.0),
        [1, 0.5, 0, 0.5 * 0.998459, 0.993844, 0.5, 0],
        atol=1e-5,
    )
    assert share(0.1999)[0] < 1e-4 and share(0.2001)[0] < 0.01
