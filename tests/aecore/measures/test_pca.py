"""PCA against scikit-learn and against published figures."""

import numpy as np
import pytest
from sklearn.decomposition import PCA as ReferencePCA

from aecore.measures.pca import PCA, subspace_angle

# numbers every implementation must reproduce: PCA fitted on MNIST's 60,000, mean squared error on
# its 10,000
PUBLISHED_MSE = {
    1: 0.06073,
    2: 0.05567,
    3: 0.05161,
    5: 0.04453,
    10: 0.03407,
    16: 0.02686,
    20: 0.02354,
    30: 0.01769,
    32: 0.01683,
    50: 0.01149,
    64: 0.00905,
    100: 0.00562,
    150: 0.00342,
    154: 0.00330,
    300: 0.00091,
}


def test_mnist_has_its_splits_and_its_pca_table(mnist):
    assert [len(split) for split in (mnist.train, mnist.valid, mnist.test)] == [
        55_000,
        5_000,
        10_000,
    ]
    pixels = np.concatenate([mnist.train.x, mnist.valid.x])
    assert pixels.mean() / 255 == pytest.approx(
        0.1307, abs=5e-5
    ) and pixels.std() / 255 == pytest.approx(0.3081, abs=5e-5)
    pca, x = PCA.fit(pixels, 255), mnist.test.floats()
    assert np.mean(np.square(x - pca.mean)) == pytest.approx(0.06747, abs=5e-6)
    for size, mse in PUBLISHED_MSE.items():
        assert pca.mse(x, size) == pytest.approx(mse, abs=6e-6), size
    assert 784 * pca.mse(x, 30) == pytest.approx(
        13.87, abs=0.01
    )  # as Hinton & Salakhutdinov printed it in 2006
    assert pca.variances[:154].sum() / pca.variances.sum() == pytest.approx(0.950, abs=5e-4)


def test_pca_equals_scikit_learn(digits):
    x = digits.train.floats()
    reference = ReferencePCA(20, svd_solver="full").fit(x[:3000])
    ours = PCA.fit(digits.train.x[:3000], 255)
    assert np.allclose(ours.variances[:20], reference.explained_variance_ * 2999 / 3000, rtol=1e-4)
    assert subspace_angle(ours.components[:20], reference.components_) < 0.1
    test = digits.test.floats()
    expected = np.mean(np.square(reference.inverse_transform(reference.transform(test)) - test))
    assert ours.mse(test, 20) == pytest.approx(float(expected), rel=1e-4)


def test_subspace_angle_is_the_angle():
    axes = np.eye(3)[:2]
    for degrees in (0, 0.01, 30, 90):
        a = np.radians(degrees)
        rotated = np.array([[1, 0, 0], [0, np.cos(a), np.sin(a)]])
        mixed = np.array([[2, 1], [0.5, -3]]) @ rotated  # other axes of the same plane
        assert subspace_angle(mixed, axes) == pytest.approx(degrees, abs=1e-4)


@pytest.mark.whole
def test_the_errors_of_every_size_are_those_of_scikit_learns_pca(digits):
    train, x = digits.train.floats(2000), digits.test.floats(300)
    pca = PCA.fit(train)
    errors = pca.errors(x, 60)
    assert errors.shape == (61,) and (np.diff(errors) <= 1e-12).all()
    for k in (1, 7, 60):
        oracle = ReferencePCA(k, svd_solver="full").fit(train.astype(np.float64))
        rebuilt = oracle.inverse_transform(oracle.transform(x.astype(np.float64)))
        assert errors[k] == pytest.approx(float(np.mean((rebuilt - x) ** 2)), rel=2e-3)
        assert errors[k] == pytest.approx(pca.mse(x, k), rel=1e-5)
    assert errors[0] == pytest.approx(float(np.mean((x - pca.mean) ** 2)), rel=1e-5)
