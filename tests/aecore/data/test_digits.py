"""The embedded digits' enlargement and copies, against their definitions in float64."""

import numpy as np
from scipy.ndimage import affine_transform

from aecore.data.digits import enlarge, jitter


def keys(t: np.ndarray) -> np.ndarray:
    """The cubic convolution kernel of Keys (1981), a = -1/2."""
    t = np.abs(t)
    near, far = 1.5 * t**3 - 2.5 * t**2 + 1, -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2
    return np.where(t <= 1, near, np.where(t < 2, far, 0))


def test_an_original_is_enlarged_by_keys_cubic_a_logistic_and_a_mean():
    small = np.random.default_rng(0).integers(0, 17, (3, 8, 8)).astype(np.uint8)
    places = (np.arange(154) + 0.5) * 8 / 154 - 0.5  # of the fine pixels, among the original's
    taps = np.arange(-2, 10)  # two beyond each edge, which repeat it
    weights = keys(places[:, None] - taps)  # [154, 12]
    edged = np.pad(small / 16, ((0, 0), (2, 2), (2, 2)), mode="edge")
    inked = 1 / (1 + np.exp(-12 * (weights @ edged @ weights.T - 0.5)))
    expected = np.zeros((3, 28, 28))
    expected[:, 3:25, 3:25] = inked.reshape(3, 22, 7, 22, 7).mean(axis=(2, 4))
    assert np.abs(enlarge(small) - expected).max() < 1e-5


def test_a_copy_is_shifted_rotated_and_scaled_as_its_draw_says():
    images = np.zeros((20, 28, 28), np.float32)
    images[:, 3:25, 3:25] = np.random.default_rng(1).random((20, 22, 22))
    moved = jitter(images, np.random.default_rng(2))
    rng = np.random.default_rng(2)  # the same draws: angles, scales, shifts down, shifts right
    angles, scales = np.radians(rng.uniform(-12, 12, 20)), rng.uniform(0.9, 1.1, 20)
    shifts = rng.uniform(-2, 2, (2, 20))
    for image, copy, angle, scale, shift in zip(
        images, moved, angles, scales, shifts.T, strict=True
    ):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / scale
        looked_up = affine_transform(image, turn, 13.5 + shift - turn @ [13.5, 13.5], order=1)
        assert np.abs(copy - looked_up).max() < 1e-4


def test_copies_keep_their_ink_and_stay_in_range(digits):
    """They are mean images' size, not cut off, and no copy is its original."""
    originals, copies = digits.train.floats(1297), digits.train.floats()[1297 : 2 * 1297]
    assert copies.min() >= 0 and copies.max() <= 1
    ratio = copies.sum(axis=1) / originals.sum(axis=1)  # scaled by 0.9 to 1.1 each way
    assert ratio.min() > 0.75 and ratio.max() < 1.3 and abs(ratio.mean() - 1) < 0.02
    assert np.abs(copies - originals).max(axis=1).min() > 0.05
