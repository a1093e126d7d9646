"""Tied weights: the decoder's kernels are the encoder's, transposed."""

import numpy as np
import pytest
import tensorflow as tf

from aecore.models import variant
from tests.helpers import few, small_config, trained


def test_tied_kernels_are_transposes_and_the_parameters_are_about_half(digits):
    cls = variant("tied")
    model = cls(cls.Config(codings_size=150), (28, 28, 1), np.random.default_rng(0))
    for encoder, decoder in zip(model.encoder, reversed(model.decoder), strict=True):
        assert np.array_equal(decoder.kernel, np.transpose(encoder.kernel))
    assert model.parameters == 784 * 300 + 300 * 150 + 300 + 150 + 300 + 784 == 281_734
    stacked = variant("stacked")
    assert (
        stacked(stacked.Config(codings_size=150), (28, 28, 1), np.random.default_rng(0)).parameters
        == 561_934
    )
    training = trained("tied", few(digits, 500))
    for encoder, decoder in zip(
        training.model.encoder, reversed(training.model.decoder), strict=True
    ):
        assert np.array_equal(decoder.kernel, np.transpose(encoder.kernel))


def test_tied_decays_each_shared_kernel_once_and_no_bias():
    config = small_config("tied", weight_decay=0.5)
    model = variant("tied")(config, (28, 28, 1), np.random.default_rng(0))
    for layer in model.layers:
        layer.bias.assign_add(tf.ones_like(layer.bias))
    expected = 0.5 * sum(
        0.5 * float(np.sum(np.square(layer.kernel.numpy()))) for layer in model.encoder
    )
    assert float(model.phases()[0].decay()["weight_decay"]) == pytest.approx(expected, rel=1e-5)
