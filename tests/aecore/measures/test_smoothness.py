"""Strokes and noise, against pictures whose frequencies are known."""

import numpy as np
import pytest

from aecore.measures.smoothness import correlations, smooth_share

SHAPE = (28, 28, 1)


def wave(across: float, down: float = 0.0) -> np.ndarray:
    """A cosine of so many periods over the picture, [784]."""
    y, x = np.mgrid[:28, :28]
    return np.cos(2 * np.pi * (across * x + down * y) / 28).ravel()


def test_a_long_wave_is_smooth_a_short_one_is_not_and_energies_add():
    long, short = wave(2, 3), wave(5, 1)  # waves of 7.8 and of 5.5 pixels
    pictures = np.stack([long, short, 2 * long + short, 5 + long, np.ones(784)])
    np.testing.assert_allclose(smooth_share(pictures, SHAPE), [1, 0, 0.8, 1, 0], atol=1e-12)


def test_the_channels_of_a_picture_share_one_energy():
    both = np.stack([wave(1), 3 * wave(9)], axis=1).ravel()  # [784 * 2], channels last
    assert smooth_share(both[None], (28, 28, 2)) == pytest.approx([0.1])


def test_white_noise_has_the_share_that_the_docstring_says():
    noise = np.random.default_rng(0).standard_normal((2000, 784))
    assert smooth_share(noise, SHAPE).mean() == pytest.approx(0.087, abs=0.001)


def test_correlations_are_pearson_s():
    one, other = np.random.default_rng(1).standard_normal((2, 5, 784))
    expected = [np.corrcoef(a, b)[0, 1] for a, b in zip(one, other, strict=True)]
    np.testing.assert_allclose(correlations(one, other), expected)
    assert correlations(np.ones((1, 784)), one[:1]) == 0
