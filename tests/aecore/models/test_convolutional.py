"""The convolutional autoencoder: what a filter finds moves with the image, and what that saves."""

import numpy as np
import tensorflow as tf

from aecore.models import variant

SHAPE = (28, 28, 1)


def model(**values):
    cls = variant("convolutional")
    return cls(cls.Config.build(values), SHAPE, np.random.default_rng(0))


def test_it_has_a_quarter_of_the_dense_networks_parameters():
    """By hand: 5 x 5 filters, 7 x 7 places of 32 numbers, 30 codings, and the same way back."""
    filters = (25 * 16 + 16) + (25 * 16 * 32 + 32)
    codings = (7 * 7 * 32 * 30 + 30) + (30 * 7 * 7 * 32 + 7 * 7 * 32)
    drawing = (25 * 32 * 16 + 16) + (25 * 16 * 1 + 1)
    assert model().parameters == filters + codings + drawing == 122_143
    dense = variant("stacked")
    assert dense.count_parameters(dense.Config(), SHAPE) == 489_814


def test_what_the_filters_find_moves_with_the_image(digits):
    """By four pixels, which two convolutions of stride 2 make one place; away from the borders."""
    network = model()
    image = np.zeros((1, 28, 28, 1), np.float32)
    image[0, 8:16, 8:16, 0] = digits.valid.floats(1).reshape(28, 28)[10:18, 10:18]
    moved = np.roll(image, (4, 4), axis=(1, 2))

    def found(x):
        flat = tf.constant(x.reshape(1, -1))
        return network.encoder[1](network.encoder[0](flat)).numpy().reshape(7, 7, 32)

    assert found(image).any()
    assert np.allclose(found(moved)[1:, 1:], found(image)[:-1, :-1], atol=1e-6)


def test_filters_of_one_pixel_reach_one_pixel_in_sixteen():
    """The lesson's question: strides of 2, twice. Filters of two pixels reach them all."""
    for size, reached in ((1, 28 * 28 // 16), (2, 28 * 28)):
        network = model(filter_size=size, activation="tanh", first_output="zero", output="linear")
        codings = np.random.default_rng(1).standard_normal((50, 30), dtype=np.float32)
        drawn = network.decode(tf.constant(codings)).numpy()
        assert np.sum(drawn.std(axis=0) > 0) == reached
