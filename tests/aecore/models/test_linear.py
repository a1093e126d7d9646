"""The linear autoencoder against the exact PCA."""

import numpy as np
import pytest
import tensorflow as tf

from aecore.models import variant
from aecore.training.evaluation import evaluate
from tests.helpers import trained


def test_linear_reaches_the_subspace_and_error_of_the_svd_on_points(points):
    training = trained(
        "linear", points, **variant("linear").presets["course"].values, codings_size=2
    )
    x = points.test.floats()
    train_x = points.train.floats()
    _, _, axes = np.linalg.svd(
        train_x - train_x.mean(axis=0), full_matrices=False
    )  # not the eigenvectors that aecore.pca uses
    projected = (x - train_x.mean(axis=0)) @ axes[:2].T @ axes[:2] + train_x.mean(axis=0)
    error = float(np.mean(np.square(training.model.reconstruct(tf.constant(x)).numpy() - x)))
    assert error == pytest.approx(float(np.mean(np.square(projected - x))), rel=0.02)
    train_error = float(
        np.mean(np.square(training.model.reconstruct(tf.constant(train_x)).numpy() - train_x))
    )
    best = float(np.linalg.norm((train_x - train_x.mean(axis=0)) @ axes[2:].T) ** 2 / train_x.size)
    assert best * 0.999 <= train_error <= best * 1.01
    assert evaluate(training.model, points)["subspace_angle_degrees"] < 5


def test_linear_reaches_the_error_of_pca_on_images(digits):
    training = trained(
        "linear",
        digits,
        **({"batch_size": 150} | dict(variant("linear").presets["recommended"].values)),
    )
    figures = evaluate(training.model, digits)
    assert figures["mse"] == pytest.approx(figures["pca_mse"], rel=0.003)  # as its lesson says
    assert 3 < figures["subspace_angle_degrees"] < 4.5


def test_linear_does_not_find_the_axes_of_pca(points):
    """The same plane, but its codings are mixed: correlated where PCA's are not."""
    training = trained("linear", points, **variant("linear").presets["course"].values)
    codings = training.model.encode(tf.constant(points.train.floats())).numpy()
    principal = points.pca.encode(points.train.floats(), 2)
    assert abs(np.corrcoef(principal.T)[0, 1]) < 1e-3
    assert abs(np.corrcoef(codings.T)[0, 1]) > 0.01


@pytest.mark.whole
def test_nothing_linear_beats_pca_on_the_inputs_both_were_fitted_to(points):
    for seed in range(3):
        figures = evaluate(
            trained(
                "linear",
                points,
                seed,
                codings_size=2,
                learning_rate=0.01,
                batch_size=60_000,
                epochs=1000,
                schedule="constant",
            ).model,
            points,
        )
        assert figures["train_mse"] >= figures["pca_train_mse"] * (1 - 1e-6)
        assert figures["train_mse"] == pytest.approx(figures["pca_train_mse"], rel=0.05)
