"""What the Reconstructions tab does to images is what the denoising variant trains with.

The page corrupts arrays, with a draw for each image; training corrupts tensors.
"""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from aecore.models import RandomStream, variant
from aecore.training.corruption import DrawsOfRows
from tests.helpers import small_config

KINDS = {
    "gaussian": {"corruption": "gaussian", "noise_level": 0.3},
    "masked": {"corruption": "dropout", "keep_prob": 0.7},
    "rescaled": {"corruption": "dropout", "keep_prob": 0.6, "rescale": True},
}


class GivenDraws:
    """The draws of a `RandomStream`, as arrays."""

    def __init__(self, stream: RandomStream):
        self.stream = stream

    def normal(self, like):
        return self.stream.normal(tf.constant(like)).numpy()

    def keep_mask(self, like, keep_prob):
        return self.stream.keep_mask(tf.constant(like), keep_prob).numpy()


def both(digits, kind: str):
    """250 test images, the page's corruption, and what training and the page make of the images."""
    cls, config = variant("denoising"), small_config("denoising", **KINDS[kind])
    model = cls(config, (28, 28, 1), np.random.default_rng(0))
    x = digits.test.floats()
    trained = model.corrupt(tf.constant(x), RandomStream(5, 0)).numpy()
    corruption = cls.corruption(config)
    return x, corruption, trained, corruption(x, DrawsOfRows(range(len(x))))


@pytest.mark.parametrize("kind", KINDS)
def test_the_formula_is_the_models(digits, kind):
    """The page's corruption, given the numbers that the model drew, gives the model's images."""
    x, corruption, trained, _ = both(digits, kind)
    by_numpy = corruption(x, GivenDraws(RandomStream(5, 0)))
    assert np.allclose(by_numpy, trained, atol=1e-6)


def test_gaussian_noise_is_normal_in_training_and_on_the_page(digits):
    x, _, trained, shown = both(digits, "gaussian")
    for seen in (trained, shown):
        noise = (seen - x).ravel() / 0.3
        assert abs(noise.mean()) < 5 / np.sqrt(noise.size)
        assert noise.std() == pytest.approx(1, abs=5 / np.sqrt(2 * noise.size))
        assert stats.kstest(noise[::7], "norm").pvalue > 1e-3
    same = stats.ks_2samp((trained - x).ravel()[::7], (shown - x).ravel()[::7])
    assert same.pvalue > 1e-3


@pytest.mark.parametrize(("kind", "keep_prob"), [("masked", 0.7), ("rescaled", 0.6)])
def test_as_many_pixels_survive_in_training_and_on_the_page(digits, kind, keep_prob):
    x, _, trained, shown = both(digits, kind)
    ink = x > 0
    spread = np.sqrt(keep_prob * (1 - keep_prob) / ink.sum())
    for seen in (trained, shown):
        kept = seen[ink] > 0
        assert kept.mean() == pytest.approx(keep_prob, abs=5 * spread)
        scale = 1 / keep_prob if kind == "rescaled" else 1
        assert np.allclose(seen[ink][kept], scale * x[ink][kept], rtol=1e-6)
        assert not seen[~ink].any() and (seen[ink][~kept] == 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_has_its_own_draw_and_the_same_one_every_time(digits, kind):
    x, corruption, _, shown = both(digits, kind)
    rows = np.array([17, 3, 200])
    assert np.array_equal(corruption(x[rows], DrawsOfRows(rows)), shown[rows])
    twins = np.repeat(x[:1], 2, axis=0)
    one, other = corruption(twins, DrawsOfRows([0, 1]))
    assert np.array_equal(one, shown[0]) and not np.array_equal(one, other)
