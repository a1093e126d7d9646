"""The measures of sparse and separable codings, against cases whose answer is known and against
scikit-learn.
"""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from aecore.measures import sparseness
from aecore.measures.neighbours import neighbour_accuracy


@pytest.mark.parametrize("active", [1, 3, 25, 100])
def test_sparseness_is_the_share_of_equal_active_units(active):
    codings = np.zeros((40, 100), np.float32)
    rng = np.random.default_rng(0)
    for row in codings:
        row[rng.choice(100, active, replace=False)] = 0.7
    assert sparseness.population(codings) == pytest.approx(active / 100)
    assert sparseness.lifetime(codings.T) == pytest.approx(active / 100)


def test_a_hum_that_has_the_right_mean_is_dense():
    """What a histogram of means cannot show.

    Every unit at 0.1 for every image has the mean that a tenth at 1 has.
    """
    hum, sparse = np.full((50, 200), 0.1), np.zeros((50, 200))
    sparse[:, ::10] = 1
    assert hum.mean() == pytest.approx(sparse.mean())
    assert sparseness.population(hum) == pytest.approx(1) and sparseness.population(
        sparse
    ) == pytest.approx(0.1)


def test_exponential_activations_have_one_half():
    """E[r]^2 / E[r^2] = 1/2 for any exponential distribution: Treves & Rolls's own example."""
    r = np.random.default_rng(1).exponential(3.0, (2000, 500))
    assert sparseness.population(r) == pytest.approx(0.5, abs=0.005) and sparseness.lifetime(
        r
    ) == pytest.approx(0.5, abs=0.005)


def test_neighbours_recognise_classes_as_scikit_learns_do(digits):
    z, labels = digits.pca.encode(digits.test.floats(), 2), digits.test.labels
    rows = np.isin(labels, (4, 9))
    nearest = (
        NearestNeighbors(n_neighbors=10).fit(z[rows]).kneighbors(return_distance=False)
    )  # of the fitted points, without themselves
    own = (labels[rows][nearest] == labels[rows][:, None]).mean(axis=1)
    assert neighbour_accuracy(z, labels, (4, 9)) == pytest.approx(
        np.mean(own > 0.5) + 0.5 * np.mean(own == 0.5)
    )


def test_classes_that_lie_apart_are_recognised_and_those_that_mix_are_not():
    rng = np.random.default_rng(2)
    labels = np.repeat([3, 5, 8], 100)
    z = rng.standard_normal((300, 4))
    assert neighbour_accuracy(z, labels, (3, 8)) == pytest.approx(0.5, abs=0.08)
    z[labels == 8] += 20
    assert (
        neighbour_accuracy(z, labels, (3, 8)) == 1 and neighbour_accuracy(z, labels, (3, 5)) < 0.6
    )
