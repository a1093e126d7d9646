"""The measures of single units, against scikit-learn, NumPy and finite differences."""

import numpy as np
import pytest
from sklearn.feature_selection import f_classif

from aecore.layers.activations import ACTIVATIONS
from aecore.measures import units


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_selectivity_is_the_share_of_variance_of_an_analysis_of_variance(rng):
    labels = rng.integers(0, 4, 200)
    a = rng.standard_normal((200, 5)) + np.outer(labels, [0, 0.2, 1, 5, -3])
    f, _ = f_classif(a, labels)  # (between / 3) / (within / 196)
    np.testing.assert_allclose(units.selectivity(a, labels), f * 3 / (f * 3 + 196), rtol=1e-9)
    fixed = np.stack([labels.astype(float), np.full(200, 0.3)], axis=1)
    np.testing.assert_allclose(units.selectivity(fixed, labels), [1, 0], atol=1e-12)


@pytest.mark.parametrize("name", [each for each in ACTIVATIONS if each != "exponential"])
def test_slopes_are_the_activations_derivatives_as_a_share_of_the_steepest(name, rng):
    z = rng.standard_normal((500, 2)) * 3
    z, f, h = z[np.abs(z).min(axis=1) > 1e-3], ACTIVATIONS[name], 1e-5
    derivative = (f(z + h) - f(z - h)) / (2 * h)
    everywhere = np.linspace(-8, 8, 160_001)
    steepest = np.max(np.diff(f(everywhere)) / np.diff(everywhere))
    np.testing.assert_allclose(units.slopes(f(z), name), derivative / steepest, atol=2e-4)


def test_a_unit_is_saturated_if_no_gradient_passes(rng):
    z = rng.standard_normal((300, 1))
    stuck = np.concatenate([z, z + 12, z - 12], axis=1)
    for name, expected in {
        "sigmoid": [0, 1, 1], "tanh": [0, 1, 1], "relu": [0, 0, 1], "elu": [0, 0, 1],
        "selu": [0, 0, 1], "linear": [0, 0, 0],
    }.items():  # fmt: skip
        a = ACTIVATIONS[name](stuck)
        assert units.saturated(a, name).tolist() == [bool(each) for each in expected], name


def test_correlations_are_numpys_and_a_constant_unit_has_none(rng):
    a = rng.standard_normal((100, 4)).astype(np.float32)
    a[:, 1] += 2 * a[:, 0]
    np.testing.assert_allclose(units.correlations(a, 0), np.corrcoef(a.T)[0], atol=1e-6)
    a[:, 2] = 5
    found = units.correlations(a, 0)
    assert found[2] == 0 and not units.correlations(a, 2).any()


def test_class_means_and_bands():
    values = np.arange(100, dtype=np.float32)[:, None]
    labels = np.repeat([0, 2], 50)
    means = units.class_means(values, labels, 3)[:, 0]
    assert means[0] == 24.5 and np.isnan(means[1]) and means[2] == 74.5
    found = {name: values[rows, 0].tolist() for name, rows in units.bands(values[:, 0], 4).items()}
    assert found == {
        "highest": [99, 98, 97, 96],
        "upper quarter": [76, 75, 74, 73],
        "middle": [51, 50, 49, 48],
        "lowest": [3, 2, 1, 0],
    }
    few = units.bands(np.array([2.0, 1.0]), 8)
    assert all(rows.tolist() == [0, 1] for rows in few.values())
