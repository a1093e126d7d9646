"""The losses against truths that know nothing of their formulas.

Monte Carlo, finite differences, plain NumPy.
"""

import numpy as np
import pytest
import tensorflow as tf

from aecore import losses


@pytest.mark.parametrize("loss", [losses.squared_error, losses.cross_entropy])
def test_gradients_by_target_and_by_output_are_those_of_finite_differences(loss):
    rng, h = np.random.default_rng(5), 1e-6
    given = [
        tf.constant(rng.uniform(0.05, 0.95, (4, 14))),
        tf.constant(rng.standard_normal((4, 14))),
    ]
    with tf.GradientTape() as tape:
        tape.watch(given)
        value = tf.reduce_sum(loss(*given))
    for i, gradient in enumerate(tape.gradient(value, given)):
        direction = rng.standard_normal((4, 14))
        above, below = (
            [*given[:i], given[i] + sign * h * direction, *given[i + 1 :]] for sign in (1, -1)
        )
        slope = float(tf.reduce_sum(loss(*above)) - tf.reduce_sum(loss(*below))) / (2 * h)
        assert slope == pytest.approx(float(np.sum(gradient.numpy() * direction)), rel=1e-6)


def test_gaussian_kl_is_the_mean_log_ratio_of_the_densities():
    rng = np.random.default_rng(0)
    mean, log_var = np.array([[0.7, -1.2, 0.1]]), np.array([[-0.8, 0.4, 0.0]])
    sigma = np.exp(log_var / 2)
    z = mean + sigma * rng.standard_normal((400_000, 3))
    log_q = -0.5 * (((z - mean) / sigma) ** 2 + log_var + np.log(2 * np.pi))
    log_p = -0.5 * (z**2 + np.log(2 * np.pi))
    samples = (log_q - log_p).sum(axis=1)
    closed = float(losses.gaussian_kl(tf.constant(mean), tf.constant(log_var))[0])
    assert abs(closed - samples.mean()) < 5 * samples.std() / np.sqrt(len(samples))


def test_gaussian_kl_is_zero_only_at_the_prior():
    zero = tf.zeros([1, 4])
    assert float(losses.gaussian_kl(zero, zero)[0]) == 0
    for mean, log_var in ((0.3, 0.0), (0.0, 0.5), (0.0, -0.5)):
        assert float(losses.gaussian_kl(zero + mean, zero + log_var)[0]) > 0


def test_sigma_form_equals_the_log_var_form_up_to_its_smoothing():
    rng = np.random.default_rng(1)
    mean, log_var = (tf.constant(rng.standard_normal((5, 7))) for _ in range(2))
    sigma = tf.exp(0.5 * log_var)
    bound = 1e-10 * 0.5 * tf.reduce_sum(1 / tf.square(sigma), axis=1)
    difference = np.abs(losses.gaussian_kl(mean, log_var) - losses.gaussian_kl_sigma(mean, sigma))
    assert np.all(difference <= bound + 1e-12)


def test_bernoulli_kl_is_the_expected_log_ratio_of_two_coins():
    p, q = 0.1, np.array([0.02, 0.1, 0.5, 0.93])
    heads = np.random.default_rng(2).random(1_000_000) < p
    ratio = np.where(heads[:, None], np.log(p / q), np.log((1 - p) / (1 - q)))
    closed = losses.bernoulli_kl(p, tf.constant(q)).numpy()
    assert np.all(np.abs(closed - ratio.mean(axis=0)) < 5 * ratio.std(axis=0) / 1000 + 1e-12)
    assert closed[1] == pytest.approx(0, abs=1e-12) and np.all(np.delete(closed, 1) > 0)


def test_bernoulli_kl_stays_finite_at_the_ends():
    assert np.all(np.isfinite(losses.bernoulli_kl(0.1, tf.constant([0.0, 1.0]))))


@pytest.mark.parametrize(
    "loss",
    [
        "bernoulli",
        "gaussian",
        "gaussian_sigma",
        "cross_entropy",
        "squared_error",
        "half_squared_weights",
    ],
)
def test_gradients_equal_finite_differences(loss):
    rng = np.random.default_rng(3)
    x = tf.constant(rng.random((2, 6)))
    value = {
        "bernoulli": lambda v: tf.reduce_sum(losses.bernoulli_kl(0.1, tf.sigmoid(v[0]))),
        "gaussian": lambda v: tf.reduce_sum(losses.gaussian_kl(v[:, :3], v[:, 3:])),
        "gaussian_sigma": lambda v: tf.reduce_sum(
            losses.gaussian_kl_sigma(v[:, :3], 0.5 + tf.square(v[:, 3:]))
        ),
        "cross_entropy": lambda v: tf.reduce_sum(losses.cross_entropy(x, v)),
        "squared_error": lambda v: tf.reduce_sum(losses.squared_error(x, v)),
        "half_squared_weights": lambda v: losses.half_squared_weights([v]),
    }[loss]
    at = rng.standard_normal((2, 6))
    variable = tf.Variable(at)
    with tf.GradientTape() as tape:
        result = value(variable)
    gradient = tape.gradient(result, variable).numpy()
    step = 1e-5
    for index in np.ndindex(at.shape):
        nudge = np.zeros_like(at)
        nudge[index] = step
        difference = (
            float(value(tf.constant(at + nudge))) - float(value(tf.constant(at - nudge)))
        ) / (2 * step)
        assert gradient[index] == pytest.approx(difference, rel=1e-5, abs=1e-8)


def test_cross_entropy_and_squared_error_in_plain_numpy():
    rng = np.random.default_rng(4)
    x, logits = rng.random((3, 5)), 3 * rng.standard_normal((3, 5))
    s = 1 / (1 + np.exp(-logits))
    expected = -(x * np.log(s) + (1 - x) * np.log(1 - s)).sum(axis=1)
    assert np.allclose(losses.cross_entropy(tf.constant(x), tf.constant(logits)), expected)
    assert np.allclose(
        losses.squared_error(tf.constant(x), tf.constant(logits)), ((x - logits) ** 2).mean(axis=1)
    )
    assert np.all(np.isfinite(losses.cross_entropy(tf.constant(x), tf.constant(logits * 1e4))))


def test_cross_entropy_of_mnist_has_its_published_floor_and_mean_image_score(mnist):
    """45.53 nats: the pixels' own entropy; 205.80.

    The training mean as the answer to every image.
    """
    x = mnist.test.floats().astype(np.float64)
    entropy = -(
        np.where(x > 0, x * np.log(np.maximum(x, 1e-300)), 0)
        + np.where(x < 1, (1 - x) * np.log(np.maximum(1 - x, 1e-300)), 0)
    )
    assert entropy.sum(axis=1).mean() == pytest.approx(45.53, abs=0.005)
    both = np.concatenate([mnist.train.floats(), mnist.valid.floats()]).astype(np.float64)
    mean = np.clip(both.mean(axis=0), 1e-12, 1 - 1e-12)
    logits = np.log(mean / (1 - mean))
    scores = losses.cross_entropy(tf.constant(x), tf.constant(np.broadcast_to(logits, x.shape)))
    assert float(tf.reduce_mean(scores)) == pytest.approx(205.80, abs=0.05)
