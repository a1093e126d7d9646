"""On a GPU the whole chunk is compiled by XLA: for few lengths, so that few programs are made.

The path is forced here on the CPU, which XLA compiles for as well.
"""

import numpy as np
import pytest

from aecore.models import variant
from aecore.training import engine
from aecore.training.events import Steps
from aecore.training.loop import Training, TrainingControls, train
from tests.helpers import few, small_config


def losses(name, data, most_steps):
    """The loss of every step, and the lengths for which programs were asked."""
    config = small_config(name, epochs=3)
    training = Training.fresh(variant(name), config, data.input_shape, 0)
    curve: list[float] = []
    for event in train(training, data, TrainingControls(most_steps=most_steps)):
        if isinstance(event, Steps):
            curve += sum(event.terms.values()).tolist()
    return np.array(curve), training.compiled[0].steps.lengths


@pytest.mark.parametrize("name", ["stacked", "k_sparse", "convolutional"])
@pytest.mark.whole
def test_padded_chunks_take_the_same_steps(name, digits, monkeypatch):
    data = few(digits, 430)  # the last batch of an epoch has 30 rows
    expected, lengths = losses(name, data, None)
    assert lengths == ()
    monkeypatch.setattr(engine, "on_gpu", lambda: True)
    monkeypatch.setattr(engine, "GPU_LENGTHS", (2, 8))
    asked: list[int] = []
    call = engine.CompiledSteps.__call__

    def spied(self, data, rows, *rest):
        feed = data.feed
        data.feed = lambda rows: (asked.append(len(rows)), feed(rows))[1]
        try:
            return call(self, data, rows, *rest)
        finally:
            del data.feed

    monkeypatch.setattr(engine.CompiledSteps, "__call__", spied)
    curve, lengths = losses(name, data, None)
    assert lengths == (2, 8) and set(asked) <= {2, 8} and len(curve) == len(expected) == 15
    assert np.allclose(curve, expected, rtol=2e-3)
