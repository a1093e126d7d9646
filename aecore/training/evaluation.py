"""Measures a trained network on the test split.

Exact PCA of the same width and the training mean are measured with it, as baselines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from aecore.backend import tf
from aecore.data.dataset import Dataset
from aecore.measures import probes
from aecore.models import Autoencoder, StepContext
from aecore.models.declarations import Metric
from aecore.training.corruption import COMMON_NOISE, Corruption

COMMON = f"mse_at_noise_{COMMON_NOISE:g}"
FITTED_ROWS, TESTED_ROWS = 5_000, 2_000  # inputs of the probes: more would take seconds
_ON_LABELS = (
    f"fitted to the codings of at most {FITTED_ROWS:,} training inputs, on at most "
    f"{TESTED_ROWS:,} test inputs. The labels had no part in the training, unless its loss "
    "has them"
)
ON_LABELS = ("linear_probe", "ten_neighbours")  # the figures that use labels
# The figures that every variant has. A variant's own are in its `metrics`.
METRICS = {
    "mse": Metric(
        "squared error of the reconstruction of the clean input, "
        "mean over inputs and their pixels (or coordinates)",
        better="down",
    ),
    "reconstruction_loss": Metric(
        "the fit of clean inputs, as the loss counts it; "
        "if codings are random, from one draw of them"
    ),
    "weight_decay": Metric("half the sum of the squared kernel weights, times its weight"),
    "loss": Metric("the sum of the terms"),
    "pca_mse": Metric("the same error as mse for the exact PCA with as many codings"),
    "mean_mse": Metric(
        "the error of always answering with the training inputs' mean, "
        "as a network does that learned nothing about single inputs"
    ),
    COMMON: Metric(
        "error against the clean image when the input has Gaussian noise of standard deviation "
        f"{COMMON_NOISE:g}, whatever it was trained with",
        better="down",
    ),
    "linear_probe": Metric(
        f"share of right classes by linear regression on the codings, {_ON_LABELS}",
        better="up",
        at_end=True,
        reading="The share of right classes by linear regression on the codings, over at most "
        f"{TESTED_ROWS:,} test inputs; 1 is all.",
    ),
    "ten_neighbours": Metric(
        f"share of right classes by a vote of the ten nearest codings, {_ON_LABELS}",
        better="up",
        at_end=True,
        reading="The share of right classes by a vote of the ten training inputs with the nearest "
        f"codings, over at most {TESTED_ROWS:,} test inputs; 1 is all.",
    ),
}


def as_numbers(figures: Mapping[str, Any]) -> dict[str, float]:
    """A variant's figures as plain numbers; those that are not finite are left out."""
    finite = {name: value for name, value in figures.items() if np.isfinite(value)}
    return {name: v if isinstance(v, int) else float(v) for name, v in finite.items()}


def evaluate(model: Autoencoder, dataset: Dataset) -> dict[str, float]:
    """Returns the figures on the test split, by name.

    `mse`: squared error of the reconstruction of the clean input (from the mean coding if codings
    are random), mean over inputs and their elements.

    Every loss term by its name, in its own unit: mean over the uncorrupted inputs, with codings
    drawn once if they are random. `loss` is their sum.

    `pca_mse`: the `mse` of exact PCA with as many codings, if these are fewer than the inputs'
    elements. `mean_mse`: that of the training mean, given for every input.

    `mse_at_noise_0.4`: the error, against the clean images, of the reconstructions of images with
    Gaussian noise of that standard deviation. The noise is the same for every network.

    `linear_probe` and `ten_neighbours`, if there are classes: how much the codings tell of them.

    Then the variant's own figures.
    """
    x = dataset.test.floats()
    context = StepContext.measuring(
        tf.cast(dataset.test.labels, tf.int32) if model.uses_labels else None
    )
    terms = {
        name: float(value) for name, value in model.loss_terms(tf.constant(x), context).items()
    }
    figures = {
        "mse": float(
            np.mean(np.square(model.reconstruct(tf.constant(x)).numpy() - x, dtype=np.float64))
        ),
        **terms,
        "loss": sum(terms.values()),
    }
    if model.config.codings_size < dataset.n_inputs:
        figures["pca_mse"] = dataset.pca.mse(x, model.config.codings_size)
    figures["mean_mse"] = float(np.mean(np.square(x - dataset.pca.mean, dtype=np.float64)))
    if dataset.image_shape:
        figures[COMMON] = model.cleaning_error(x, Corruption("gaussian", COMMON_NOISE))
    if len(dataset.class_names) > 1:
        figures |= _probes(model, dataset)
    own = model.measure(dataset.test, dataset) | model.measure_at_end(dataset)
    return figures | as_numbers(own)


def _probes(model: Autoencoder, dataset: Dataset) -> dict[str, float]:
    """How well two classifiers tell the classes from the codings."""
    train, test = (
        split.take(slice(rows))
        for split, rows in ((dataset.train, FITTED_ROWS), (dataset.test, TESTED_ROWS))
    )
    z, test_z = (model.encode(tf.constant(split.floats())).numpy() for split in (train, test))
    codings = z, train.labels, test_z, test.labels
    return {
        "linear_probe": probes.probe_accuracy(*codings),
        "ten_neighbours": probes.vote_accuracy(*codings),
    }
