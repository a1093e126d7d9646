"""The classifiers on codings, against scikit-learn's."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from aecore.measures.probes import RIDGE, probe_accuracy, vote_accuracy


@pytest.fixture
def split(digits):
    """Codings of PCA with 6, of which one is dead, and the labels."""

    def of(split, n):
        z = digits.pca.encode(split.floats(n), 6)
        z[:, 2] = 0.5
        return z, split.labels[:n]

    return *of(digits.train, 900), *of(digits.test, 250)


def test_the_linear_probe_is_ridge_regression(split):
    z, labels, test_z, test_labels = split
    scaler = StandardScaler().fit(z.astype(np.float64))
    oracle = RidgeClassifier(alpha=RIDGE).fit(scaler.transform(z), labels)
    expected = oracle.score(scaler.transform(test_z), test_labels)
    assert 0.5 < expected < 1
    assert probe_accuracy(z, labels, test_z, test_labels) == pytest.approx(expected, abs=1e-9)


def test_the_vote_is_that_of_the_ten_nearest_neighbours(split):
    z, labels, test_z, test_labels = split
    oracle = KNeighborsClassifier(10).fit(z.astype(np.float64), labels)
    expected = oracle.score(test_z.astype(np.float64), test_labels)
    assert 0.5 < expected < 1
    assert vote_accuracy(z, labels, test_z, test_labels) == pytest.approx(expected, abs=1e-9)


def test_codings_that_tell_nothing_are_at_chance(split):
    _, labels, _, test_labels = split
    rng = np.random.default_rng(0)
    z, test_z = rng.standard_normal((len(labels), 4)), rng.standard_normal((250, 4))
    for accuracy in (probe_accuracy, vote_accuracy):
        assert accuracy(z, labels, test_z, test_labels) < 0.25
