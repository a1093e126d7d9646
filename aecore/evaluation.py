"""What a trained network is worth on a split it never saw, beside the exact PCA of the same width."""

from __future__ import annotations

import numpy as np

from aecore.backend import tf
from aecore.datasets import Dataset
from aecore.models import Autoencoder, Noise


def evaluate(model: Autoencoder, dataset: Dataset, seed: int) -> dict[str, float]:
    """Figures on the test split.

    `mse`: squared error of the reconstruction of the clean input (from the mean coding, where codings are random), mean over inputs
    and their elements. Every loss term by its name, in its own unit, mean over the inputs, uncorrupted, codings drawn once where they
    are random; `loss` is their sum. `pca_mse`: the `mse` of the exact PCA with as many codings. Then the variant's own meters.
    """
    x = dataset.test.floats()
    terms = {name: float(value) for name, value in model.loss_terms(tf.constant(x), Noise(seed, -2), False).items()}
    error = float(np.mean(np.square(model.reconstruct(tf.constant(x)).numpy() - x, dtype=np.float64)))
    baseline = dataset.pca.mse(x, min(model.config.codings_size, dataset.n_inputs))
    return {"mse": error, **terms, "loss": sum(terms.values()), "pca_mse": baseline, **model.meters(dataset.test, dataset)}
