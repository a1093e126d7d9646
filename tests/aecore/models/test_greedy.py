"""Greedy training, phase by phase."""

import numpy as np
import pytest
import tensorflow as tf

from aecore.models import RandomStream, StepContext, variant
from aecore.training.evaluation import evaluate
from aecore.training.loop import Training, train
from tests.helpers import few, small_config, trained


def test_greedy_phase_two_leaves_the_outer_layers_bit_for_bit(digits):
    data = few(digits, 500)
    config = small_config("greedy", fine_tune_epochs=0)
    training = Training.fresh(variant("greedy"), config, (28, 28, 1), 0)
    model = training.model
    outer_before = None
    inner_at_start = [
        variable.numpy() for variable in (*model.encoder[1].variables, *model.decoder[0].variables)
    ]
    for _ in train(training, data):
        outer = [
            variable.numpy()
            for variable in (*model.encoder[0].variables, *model.decoder[1].variables)
        ]
        inner = [
            variable.numpy()
            for variable in (*model.encoder[1].variables, *model.decoder[0].variables)
        ]
        if training.phase == 0:
            assert all(np.array_equal(a, b) for a, b in zip(inner, inner_at_start, strict=True))
        elif outer_before is None:
            outer_before = outer
        else:
            assert all(np.array_equal(a, b) for a, b in zip(outer, outer_before, strict=True))
    assert outer_before is not None
    assert not all(np.array_equal(a, b) for a, b in zip(inner, inner_at_start, strict=True))


def test_greedy_phase_two_trains_on_the_first_codings(digits):
    """Its loss is the error of the inner pair on enc1(x), computed here by hand."""
    model = variant("greedy")(small_config("greedy"), (28, 28, 1), np.random.default_rng(0))
    phase = model.phases()[1]
    x = tf.constant(digits.valid.floats(64))
    h = model.encoder[0](x)
    by_hand = float(np.mean(np.square(model.decoder[0](model.encoder[1](h)).numpy() - h.numpy())))
    assert float(
        phase.loss_terms(phase.features(x), StepContext(RandomStream(0, 0), True))[
            "reconstruction_loss"
        ]
    ) == pytest.approx(by_hand, rel=1e-5)


def test_without_fine_tuning_there_are_two_phases():
    def phases(epochs: int) -> list[str]:
        config = small_config("greedy", fine_tune_epochs=epochs)
        model = variant("greedy")(config, (28, 28, 1), np.random.default_rng(0))
        return [phase.name for phase in model.phases()]

    assert len(phases(1)) == 3 and phases(0) == phases(1)[:2]


@pytest.mark.whole
def test_greedy_joint_phase_improves_the_whole(digits):
    before = trained("greedy", digits, fine_tune_epochs=0)
    after = trained("greedy", digits, fine_tune_epochs=2)
    assert evaluate(after.model, digits)["mse"] < evaluate(before.model, digits)["mse"]
