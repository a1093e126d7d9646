"""The figures on the test split, and the warnings that follow from them."""

import numpy as np
import pytest
import tensorflow as tf

from aecore.models import RandomStream, StepContext, variants
from aecore.training.evaluation import evaluate
from tests.helpers import trained

NAMES = list(variants())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.whole
def test_evaluation_counts_terms_and_the_pca_of_the_same_width(name, data):
    model = trained(name, data).model
    figures = evaluate(model, data)
    x = data.test.floats()
    assert figures["mse"] == pytest.approx(
        float(np.mean(np.square(model.reconstruct(tf.constant(x)).numpy() - x))), rel=1e-4
    )
    assert figures["pca_mse"] == pytest.approx(data.pca.mse(x, 8))
    assert figures["mean_mse"] == pytest.approx(
        float(np.mean(np.square(x - x.mean(axis=0)))), rel=0.02
    )
    assert 0 <= figures["dead_codings"] <= 8
    assert figures["loss"] == pytest.approx(
        sum(
            figures[term]
            for term in model.loss_terms(tf.constant(x[:2]), StepContext(RandomStream(0, 0)))
        )
    )
