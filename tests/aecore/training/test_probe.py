"""How often a training shows pictures."""

from types import SimpleNamespace

import pytest

from aecore.models import variant
from aecore.training.loop import Training
from aecore.training.probe import SampleProbe
from tests.helpers import small_config


def test_pictures_come_once_a_second_or_as_seldom_as_they_cost_whatever_the_first_did(
    data, monkeypatch
):
    """By a clock of the test's own.

    Figures of half a second at first, of .02 after that, and in between as much as nothing.
    """
    clock = SimpleNamespace(now=100.0, monotonic=lambda: clock.now)
    monkeypatch.setattr("aecore.training.probe.time", clock)
    training = Training.fresh(variant("stacked"), small_config("stacked"), data.input_shape, 0)
    costs = iter([0.5, 0.02, 0.001])
    monkeypatch.setattr(
        training.model,
        "measure",
        lambda split, dataset: setattr(clock, "now", clock.now + next(costs)) or {},
    )
    shown, waits = SampleProbe(training, data), []
    for _ in range(3):
        shown.snapshot(training, training.phases()[0], 6)
        began = shown.last
        while not shown.due():
            clock.now += 0.01
        waits.append(clock.now - began)
    assert waits == pytest.approx([1, 150 * 0.02, 1], abs=0.02)
