"""The divergence of each coding from the prior."""

import numpy as np
import pytest

from aecore.measures.divergence import kl_of_codings
from aecore.training.evaluation import evaluate
from tests.helpers import few, trained


def test_it_is_the_monte_carlo_mean_of_the_log_ratio():
    rng = np.random.default_rng(0)
    mean, deviation = rng.normal(size=(3, 4)), rng.uniform(0.3, 2, size=(3, 4))
    z = mean + deviation * rng.standard_normal((200_000, 3, 4))
    ratio = (z**2 - ((z - mean) / deviation) ** 2) / 2 - np.log(deviation)
    np.testing.assert_allclose(kl_of_codings(mean, deviation), ratio.mean(axis=(0, 1)), atol=0.02)
    assert kl_of_codings(np.zeros((5, 2)), np.ones((5, 2))) == pytest.approx([0, 0])


def test_the_codings_together_have_the_kl_of_the_results(digits):
    training = trained("variational", few(digits, 1000))
    network, x = training.model.network(), digits.test.floats()
    kl = kl_of_codings(network.encode(x), network.deviations(x))
    assert kl.sum() == pytest.approx(evaluate(training.model, digits)["kl"], rel=1e-4)
