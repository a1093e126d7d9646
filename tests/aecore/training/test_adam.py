"""Adam against the paper, and the schedules of its rate."""

import numpy as np
import pytest

from aecore.data.dataset import Dataset, Split
from aecore.data.sources import load
from aecore.models import variant
from aecore.training.events import Steps
from aecore.training.loop import Training, TrainingControls, train
from tests.helpers import small_config


@pytest.mark.parametrize("schedule", ["cosine", "restart"])
def test_schedules_fall_to_zero(schedule, data):
    """Half a cosine over all steps.

    Or over their first fifth, and again, with a rise over its first twentieth, over the rest.
    """
    training = Training.fresh(
        variant("stacked"),
        small_config("stacked", epochs=5, schedule=schedule, learning_rate=0.002),
        (28, 28, 1),
        0,
    )
    rates = [
        event.learning_rate
        for event in train(training, data, TrainingControls(most_steps=1))
        if isinstance(event, Steps)
    ]
    n = len(rates)  # 30
    parts = [n] if schedule == "cosine" else [n // 5, n - n // 5]
    expected = np.concatenate(
        [0.001 * (1 + np.cos(np.pi * np.arange(part) / part)) for part in parts]
    )
    if schedule == "restart":
        expected[parts[0] :] *= np.minimum(1, 20 * np.arange(parts[1]) / parts[1])
    assert rates == pytest.approx(list(expected), rel=1e-3, abs=1e-7)


def test_adam_equals_the_paper():
    """Kingma & Ba (2015), the epsilon-hat form of section 2, in plain float64, on the weights of a
    real training.
    """
    points = load("points3d")
    moved = Split(
        points.train.x + 1, points.train.labels
    )  # off centre, or the biases' gradients would be rounding noise
    points = Dataset(
        points.name, points.title, moved, points.valid, points.test, None, points.class_names
    )
    config = small_config(
        "linear",
        batch_size=100,
        epochs=7,
        codings_size=2,
        schedule="constant",
        learning_rate=0.01,
        first_output="zero",
    )
    training = Training.fresh(variant("linear"), config, (3,), 0)
    model = training.model
    expected = [variable.numpy().astype(np.float64) for variable in model.variables]
    m, v = ([np.zeros_like(w) for w in expected] for _ in range(2))
    x = points.train.floats().astype(np.float64)
    for t in range(1, 8):
        w1, b1, w2, b2 = expected
        h = x @ w1 + b1
        residual = 2 * (h @ w2 + b2 - x) / x.size
        gradients = [
            x.T @ (residual @ w2.T),
            (residual @ w2.T).sum(axis=0),
            h.T @ residual,
            residual.sum(axis=0),
        ]
        for i, g in enumerate(gradients):
            m[i], v[i] = 0.9 * m[i] + 0.1 * g, 0.999 * v[i] + 0.001 * g * g
            expected[i] = expected[i] - 0.01 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m[i] / (
                np.sqrt(v[i]) + 1e-8
            )
    for _ in train(training, points):
        pass
    for variable, truth in zip(model.variables, expected, strict=True):
        assert np.allclose(variable.numpy(), truth, atol=2e-5)
