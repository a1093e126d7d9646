"""Corruption: what the denoising variant trains with, and what the pages show of it."""

import numpy as np
import pytest
import tensorflow as tf

from aecore.models import RandomStream, variant
from aecore.training.corruption import Corruption, DrawsOfRows
from tests.helpers import small_config


def test_gaussian_noise_has_its_declared_deviation_and_no_mean():
    model = variant("denoising")(
        small_config("denoising", noise_level=0.4), (28, 28, 1), np.random.default_rng(0)
    )
    added = model.corrupt(tf.zeros([500, 784]), RandomStream(3, 7)).numpy()
    assert added.std() == pytest.approx(0.4, rel=0.01) and abs(added.mean()) < 0.003
    again, other = (
        model.corrupt(tf.zeros([500, 784]), RandomStream(3, step)).numpy() for step in (7, 8)
    )
    assert np.array_equal(added, again) and not np.array_equal(added, other)


@pytest.mark.parametrize("rescale", [False, True])
def test_dropout_keeps_its_declared_share(rescale):
    config = small_config("denoising", corruption="dropout", keep_prob=0.7, rescale=rescale)
    model = variant("denoising")(config, (28, 28, 1), np.random.default_rng(0))
    seen = model.corrupt(tf.ones([500, 784]), RandomStream(0, 0)).numpy()
    assert np.mean(seen > 0) == pytest.approx(0.7, abs=0.005)
    assert seen.max() == pytest.approx(1 / 0.7 if rescale else 1)


@pytest.mark.parametrize("preset", ["course", "course_dropout", "recommended"])
def test_the_pages_corruption_is_the_models_own(digits, preset):
    """Its levels, its rescaling.

    The mean error of what PCA makes of either is the same to the draws' own scatter.
    """
    cls = variant("denoising")
    config = cls.Config.build(
        dict(cls.presets[preset].values) | {"hidden_sizes": (8,), "codings_size": 4}
    )
    x, corruption = digits.test.floats(), cls.corruption(config)
    in_training = (
        cls(config, (28, 28, 1), np.random.default_rng(0))
        .corrupt(tf.constant(x), RandomStream(0, 0))
        .numpy()
    )
    on_page = corruption(x, DrawsOfRows(range(len(x))))
    assert on_page.dtype == np.float32 and np.array_equal(
        on_page[5:7], corruption(x[5:7], DrawsOfRows([5, 6]))
    )
    errors = [
        np.mean(np.square(digits.pca.reconstruct(seen, 20) - x)) for seen in (in_training, on_page)
    ]
    assert errors[0] == pytest.approx(errors[1], rel=0.03)


def test_no_two_draws_share_their_random_numbers():
    like = tf.zeros([1, 64])
    seen = set()
    for seed in (0, 1, 2, 3):
        noise = RandomStream(seed, 5)
        seen |= {noise.normal(like).numpy().tobytes() for _ in range(130)}
    assert len(seen) == 4 * 130


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="'blur' is not a corruption; expected one of gaussian, d"):
        Corruption("blur", 0.5)
