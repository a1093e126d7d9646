"""The k-sparse autoencoder: k codings, how they fall to k, and what all of them would be."""

import numpy as np
import pytest
import tensorflow as tf

from aecore.errors import LabError
from aecore.models import RandomStream, StepContext, variant

SHAPE = (28, 28, 1)


def model(**values):
    cls = variant("k_sparse")
    config = cls.Config.build({"codings_size": 40, "k": 5, "first_k": 20} | values)
    return cls(config, SHAPE, np.random.default_rng(0))


def test_each_image_keeps_its_own_k_largest_codings(digits):
    network, x = model(), tf.constant(digits.valid.floats(60))
    before, codings = network.encoder[0](x).numpy(), network.encode(x).numpy()
    assert (np.sum(codings != 0, axis=1) == 5).all()
    for row, kept in zip(before, codings, strict=True):
        assert set(np.flatnonzero(kept)) == set(np.argsort(row)[-5:])
        assert np.array_equal(kept[kept != 0], row[kept != 0])
    assert len({tuple(np.flatnonzero(kept)) for kept in codings}) > 10, "not the same for all"


@pytest.mark.parametrize(
    ("progress", "kept"), [(0.0, 20), (0.1, 17), (0.25, 13), (0.4, 8), (0.5, 5), (0.9, 5)]
)
def test_the_codings_that_are_kept_fall_to_k_over_the_first_half(progress, kept, digits):
    """A straight line from 20 to 5."""
    codings = model().annealed(tf.constant(digits.valid.floats(60)), tf.constant(progress))
    assert (np.sum(codings.numpy() != 0, axis=1) == kept).all()


def test_only_training_keeps_more_than_k(digits):
    network, x = model(), tf.constant(digits.valid.floats(60))
    error = float(tf.reduce_mean(tf.square(network.reconstruct(x) - x)))

    def loss(training):
        context = StepContext(RandomStream(0, 0), training, 0, 0.0)
        return float(network.loss_terms(x, context)["reconstruction_loss"])

    assert loss(False) == pytest.approx(error, rel=1e-5)
    assert loss(True) != pytest.approx(error, rel=1e-3)


def test_with_all_codings_it_is_a_linear_encoder(digits):
    """h = x W + c, and back by W transposed through a sigmoid."""
    network = model(k=40)
    x, layer = digits.valid.floats(20), network.encoder[0]
    h = x @ layer.kernel.numpy() + layer.bias.numpy()
    back = 1 / (1 + np.exp(-(h @ layer.kernel.numpy().T + network.decoder[0].bias.numpy())))
    assert np.allclose(network.reconstruct(tf.constant(x)).numpy(), back, atol=1e-5)


def test_more_codings_cannot_be_kept_than_there_are():
    with pytest.raises(LabError, match=r"Kept codings \(k\) is 41; expected at most the 40"):
        model(k=41)
