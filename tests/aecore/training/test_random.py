"""The noise against probability."""

import numpy as np
import pytest
import tensorflow as tf

from aecore.models import RandomStream


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
