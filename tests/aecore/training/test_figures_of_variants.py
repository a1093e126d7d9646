"""What a variant measures, and what its validation curve is of."""

import numpy as np
import pytest

from aecore.models import variant, variants
from aecore.training.evaluation import as_numbers
from aecore.training.events import EpochEnded
from aecore.training.loop import Training, train
from tests.helpers import few, small_config


@pytest.mark.parametrize("name", list(variants()))
@pytest.mark.whole
def test_the_validation_error_is_that_of_the_network_as_it_is_shown(name, digits):
    """In the middle of a training, too: whatever a loss does while it warms up."""
    data = few(digits, 430)
    training = Training.fresh(variant(name), small_config(name, epochs=8), data.input_shape, 0)
    ended = next(event for event in train(training, data) if isinstance(event, EpochEnded))
    x = data.watched.floats()
    phase = training.phases()[0]
    if phase.name == training.model.title:  # else other layers are not trained yet
        made = training.model.network().reconstruct(x)
        assert ended.valid["mse"] == pytest.approx(float(np.mean((made - x) ** 2)), rel=1e-4)


def test_figures_become_plain_numbers_and_those_that_are_none_are_left_out():
    figures = {"a": np.float32(0.5), "b": 3, "c": float("nan"), "d": np.float64("inf")}
    assert as_numbers(figures) == {"a": 0.5, "b": 3}
    assert [type(value) for value in as_numbers(figures).values()] == [float, int]
