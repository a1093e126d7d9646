"""The data sets: exact figures where they are published, no image in two splits."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from aecore.data import sources
from aecore.data.dataset import Dataset, Split
from aecore.errors import LabError


def test_digits_are_the_uci_digits_enlarged(digits):
    """Each original is found again.

    Shrinking the 28x28 image to 8x8 gives back the 8x8 original, nearly.
    """
    source = load_digits()
    order = np.random.default_rng(1998).permutation(len(source.images))
    originals = source.images[order][:200] / 16
    images = digits.train.floats(200).reshape(-1, 28, 28)[:, 3:25, 3:25]
    grid = np.linspace(0, 22, 9).astype(int)
    shrunk = np.stack(
        [images[:, a:b].mean(axis=1) for a, b in zip(grid, grid[1:], strict=False)], axis=1
    )
    shrunk = np.stack(
        [shrunk[:, :, a:b].mean(axis=2) for a, b in zip(grid, grid[1:], strict=False)], axis=2
    )
    correlation = [
        np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(shrunk, originals, strict=True)
    ]
    assert min(correlation) > 0.85 and np.mean(correlation) > 0.95
    assert np.array_equal(digits.train.labels[:200], source.target[order][:200])


def test_digits_repeat_and_their_splits_share_no_image(digits):
    sources.load_cached.cache_clear()
    again = sources.load("digits")
    assert np.array_equal(again.train.x, digits.train.x)
    seen = {image.tobytes() for image in digits.train.x}
    assert not any(image.tobytes() in seen for image in (*digits.valid.x, *digits.test.x))
    assert [len(digits.train), len(digits.valid), len(digits.test)] == [12_970, 250, 250]
    for split in (digits.train, digits.valid, digits.test):
        assert set(split.labels) == set(range(10))


def test_sample_rows_have_one_of_each_class(digits):
    assert list(digits.test.labels[digits.shown_rows()]) == list(range(10))


def test_an_unknown_data_set_gets_a_sentence():
    with pytest.raises(LabError, match="'cifar' is not a data set; expected one of "):
        sources.load("cifar")


def test_a_missing_data_set_says_where_it_looked_and_what_to_do(tmp_path, monkeypatch):
    monkeypatch.delenv("AUTOENCODER_LAB_DATA", raising=False)
    assert not sources.available("mnist")
    with pytest.raises(
        LabError,
        match=r"MNIST is not on this machine.*train-images.*"
        r"python -m aecore fetch mnist.*or take the digits",
    ):
        sources.load("mnist", tmp_path)


def test_points_have_three_coordinates():
    pair = Split(np.zeros((4, 2), np.float32), np.zeros(4, np.uint8))
    with pytest.raises(ValueError, match="have 2 coordinates; expected 3"):
        Dataset("flat", "Flat", pair, pair, pair, None)
