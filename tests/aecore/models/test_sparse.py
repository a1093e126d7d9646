"""The sparse autoencoder: its target, and what sparse means."""

import pytest
import tensorflow as tf

from aecore.errors import LabError
from aecore.models import variant
from aecore.training.evaluation import evaluate
from tests.helpers import few, trained


def test_cross_entropy_asks_for_outputs_that_can_be_chances():
    with pytest.raises(LabError, match="Output is linear; expected sigmoid"):
        variant("sparse").Config.build({"reconstruction": "cross_entropy", "output": "linear"})


@pytest.mark.parametrize("reconstruction", ["squared_error", "cross_entropy"])
@pytest.mark.whole
def test_sparse_mean_activation_comes_within_ten_per_cent_of_its_target(digits, reconstruction):
    training = trained(
        "sparse",
        digits,
        hidden_sizes=(),
        codings_size=100,
        epochs=5,
        reconstruction=reconstruction,
        sparsity_weight=0.2,
    )
    assert evaluate(training.model, digits)["mean_activation"] == pytest.approx(0.1, rel=0.1)


@pytest.mark.whole
def test_a_small_weight_makes_codes_sparse_and_a_large_one_makes_them_hum(digits):
    """Both hold the mean.

    Only the small one leaves some activations near 1 and most near 0 (Treves-Rolls well below 1).
    """
    small, large = (
        evaluate(
            trained(
                "sparse",
                digits,
                hidden_sizes=(),
                codings_size=1000,
                epochs=8,
                batch_size=150,
                sparsity_weight=weight,
            ).model,
            digits,
        )
        for weight in (0.001, 0.2)
    )
    for figures in (small, large):
        assert figures["mean_activation"] == pytest.approx(0.1, rel=0.1)
    assert small["population_sparseness"] < 0.55 < 0.9 < large["population_sparseness"]
    assert small["share_above_half"] > 0.01 and large["share_above_half"] < 0.001
    assert small["mse"] < 0.5 * large["mse"]


def test_sparse_codings_are_activities(digits):
    codings = (
        trained("sparse", few(digits, 300)).model.encode(tf.constant(digits.test.floats())).numpy()
    )
    assert codings.min() >= 0 and codings.max() <= 1
