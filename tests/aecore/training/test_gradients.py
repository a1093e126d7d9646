"""Gradients of losses that use their layers in unusual ways."""

import numpy as np
import pytest
import tensorflow as tf

from aecore import losses
from aecore.layers.products import DeferredProducts
from aecore.models import RandomStream, StepContext, Term, variant
from aecore.models.stacked import Stacked
from aecore.training import engine
from aecore.training.batches import Batches
from aecore.training.events import Steps
from aecore.training.loop import Training, train
from tests.helpers import few, small_config


class _OwnTape(Stacked):
    """A loss that differentiates through its own layers, as a contractive penalty does (Rifai et
    al. 2011): by a Jacobian, or by one product with it.
    """

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
    """The towers hand over products.

    Whatever else a future variant does with a kernel must not be lost.
    """
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


def test_a_gradient_function_that_differentiates_through_a_layer_is_refused(digits):
    """Its factors would be counted twice; the loss gets a sentence, not a wrong gradient."""
    model = variant("stacked")(small_config("stacked"), (28, 28, 1), np.random.default_rng(0))
    x, kernels = tf.constant(digits.valid.floats(4)), [model.encoder[0].kernel]
    deferred = DeferredProducts(kernels)
    with tf.GradientTape() as outer, deferred.recording():
        with tf.GradientTape() as inner:
            inner.watch(x)
            codings = model.encode(x)
            size = tf.reduce_sum(codings)

        @tf.custom_gradient
        def odd(codings):
            return codings, lambda dy: dy + tf.reduce_sum(inner.gradient(size, x))

        loss = tf.reduce_sum(odd(codings))
    with deferred.collecting(), pytest.raises(NotImplementedError, match="Take a tape within"):
        outer.gradient(loss, kernels)
