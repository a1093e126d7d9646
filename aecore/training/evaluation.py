"""Measures a trained network on the test split.

Exact PCA of the same width and the training mean are measured with it, as baselines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from aecore.backend import tf
from aecore.data.dataset import Dataset
from aecore.models import Autoencoder, StepContext
from aecore.models.declarations import Metric
from aecore.training.corruption import COMMON_NOISE, Corruption

# The share of the mean image's error above which a network has learned next to nothing about single
# inputs. PCA with one coding has .90 on MNIST.
NO_BETTER = 0.95
COMMON = f"mse_at_noise_{COMMON_NOISE:g}"
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
    own = model.measure(dataset.test, dataset) | model.measure_at_end(dataset)
    return figures | as_numbers(own)


def warning(figures: dict[str, float], cls: type[Autoencoder], config: Any) -> str:
    """Returns a sentence for the learner if a trained network did not learn, otherwise "".

    A variant that spares codings switches off those it does not need: dead ones are no fault.
    """
    if figures["mse"] >= NO_BETTER * figures["mean_mse"]:
        above = figures["mse"] >= figures["mean_mse"] / NO_BETTER
        compared = "is above that" if above else "is about that"
        error = (
            f"its error of {figures['mse']:.4f} {compared} of giving the mean image every time "
            f"({figures['mean_mse']:.4f})"
        )
        if not above and (obstacle := cls.obstacle(config)):
            return f"The network shows little more than the mean image: {error}, as {obstacle}."
        *some, last = _remedies(cls, config)
        advice = f"{', '.join(some)} or {last}" if some else last
        return f"The network collapsed: {error}. Try {advice}."
    dead, size = int(figures.get("dead_codings", 0)), config.codings_size
    if dead >= max(1, size // 10) and not cls.spares_codings:
        return f"{dead} of {size} codings are dead: they hardly change from input to input."
    return ""


def _remedies(cls: type[Autoencoder], config: Any) -> list[str]:
    """What can be changed in this config that may help a network that has collapsed."""
    control = config.declared().get("codings_activation")
    bounded = control and "linear" in control.choices and config.codings_activation != "linear"
    return [
        *(["linear codings"] if bounded else []),
        *(["less weight on the loss's other terms"] if len(cls.units(config)) > 1 else []),
        "a smaller learning rate",
    ]
