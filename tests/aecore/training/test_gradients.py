"""Gradients of losses that use their layers in unusual ways."""

import numpy as np
import pytest
import tensorflow as tf

from aecore import losses
from aecore.errors import LabError
from aecore.models import RandomStream, StepContext, Term
from aecore.models.stacked import Stacked
from aecore.training import engine
from aecore.training.batches import Batches
from aecore.training.events import Steps
from aecore.training.loop import Training, train
from aecore.training.products import take_apart
from tests.helpers import few


def _jacobian(model, x, context):
    """A contractive penalty, by the whole Jacobian (Rifai et al. 2011)."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        codings = model.encode(x)
    return Term(0.1 * tf.reduce_sum(tf.square(tape.batch_jacobian(codings, x)), axis=[1, 2]))


def _one_product(model, x, context):
    """The same penalty, by one product with the Jacobian."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        codings = model.encode(x)
        inner = tf.reduce_sum(codings * context.random.normal(codings))
    return Term(0.1 * tf.reduce_sum(tf.square(tape.gradient(inner, x)), axis=1))


def _kernel_beside_its_layer(model, x, context):
    """A kernel that each image's term uses once more."""
    return Term(tf.reduce_sum(tf.abs(x @ model.encoder[0].kernel), axis=1) * 1e-3)


def _kernel_of_the_mean(model, x, context):
    """A penalty on the weights, added to a batch's mean."""
    return Term(
        tf.reduce_sum(model.encode(x), axis=1),
        lambda mean: 1e-3 * (mean + tf.reduce_sum(tf.abs(model.encoder[0].kernel))),
    )


def _gradient_function(model, x, context, *, on_the_path):
    """A gradient function that differentiates through a layer itself."""
    with tf.GradientTape() as inner:
        inner.watch(x)
        codings = model.encode(x)
        size = tf.reduce_sum(tf.square(codings))
    used = codings if on_the_path else model.encode(x)

    @tf.custom_gradient
    def odd(codings):
        def backward(dy):
            return dy * (1 + tf.reduce_sum(inner.gradient(size, x), axis=1, keepdims=True))

        return codings, backward

    return Term(tf.reduce_sum(odd(used), axis=1) * 1e-3)


PENALTIES = {
    "jacobian": _jacobian,
    "one product": _one_product,
    "kernel beside its layer": _kernel_beside_its_layer,
    "kernel of the mean": _kernel_of_the_mean,
    "gradient function on the path": lambda *of: _gradient_function(*of, on_the_path=True),
    "gradient function beside it": lambda *of: _gradient_function(*of, on_the_path=False),
}


class _Odd(Stacked):
    """The stacked autoencoder with one of the penalties."""

    name = "odd"
    penalty = "jacobian"

    def terms(self, x, context):
        error = losses.squared_error(x, self.decode(self.encode(x)))
        return {
            "reconstruction_loss": Term(error),
            "penalty": PENALTIES[self.penalty](self, x, context),
        }


def _odd_training(data):
    config = _Odd.Config(hidden_sizes=(30,), codings_size=7, activation="tanh")
    return Training.fresh(_Odd, config, data.input_shape, 0)


@pytest.mark.parametrize("penalty", PENALTIES)
def test_whatever_a_loss_does_its_gradients_are_those_of_one_plain_tape(
    penalty, digits, monkeypatch
):
    monkeypatch.setattr(engine, "towers", lambda: 2)
    monkeypatch.setattr(_Odd, "penalty", penalty)
    data = few(digits, 430)
    one, other = _odd_training(data), _odd_training(data)
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


def test_a_gradient_is_the_sum_of_its_products_and_the_rest():
    """And a dense layer's whole gradient is products, or the engine would gain nothing."""
    x = tf.constant(np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32))
    kernel = tf.Variable(np.random.default_rng(1).normal(size=(4, 3)).astype(np.float32))
    counts = []

    @tf.function
    def of(loss):
        with tf.GradientTape() as tape:
            value = loss()
        gradient = tape.gradient(value, kernel)
        products, others = take_apart(gradient)
        counts.append((len(products), len(others)))
        multiplied = [tf.matmul(each.left, each.right, transpose_a=True) for each in products]
        return gradient, tf.add_n(multiplied + others)

    for loss in (
        lambda: tf.reduce_sum(tf.tanh(x @ kernel)),
        lambda: tf.reduce_sum(tf.tanh(tf.tanh(x @ kernel) @ tf.transpose(kernel))),
        lambda: tf.reduce_sum(tf.tanh(tf.matmul(tf.tanh(x @ kernel), kernel, transpose_b=True))),
        lambda: tf.reduce_sum(x @ kernel) + tf.reduce_sum(tf.abs(kernel)),
    ):
        assert np.allclose(*of(loss), atol=1e-5)
    assert counts == [(1, 0), (1, 1), (2, 0), (1, 1)]


@pytest.mark.parametrize("axis", [0, None])
def test_a_term_without_one_value_for_each_image_is_refused(axis, digits, monkeypatch):
    """Its mean over the batch would be taken twice."""
    monkeypatch.setitem(
        PENALTIES, "mean", lambda model, x, _: Term(tf.reduce_mean(model.encode(x), axis=axis))
    )
    monkeypatch.setattr(_Odd, "penalty", "mean")
    data = few(digits, 430)
    with pytest.raises(LabError, match=r"'penalty' have the shape .*; expected one for each image"):
        list(train(_odd_training(data), data))
