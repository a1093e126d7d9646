"""Measures how much codings tell of the class, by two classifiers on top of them.

They alone use the labels. What a linear one finds is laid out plainly (Alain & Bengio 2016); what
nearest neighbours find is at least near by (Cover & Hart 1967).
"""

from __future__ import annotations

import numpy as np

Array = np.ndarray
K = 10  # neighbours that vote
RIDGE = 1.0  # the penalty on the squared weights of standardised codings


def probe_accuracy(z: Array, labels: Array, test_z: Array, test_labels: Array) -> float:
    """Returns the share of test inputs that ridge regression on the classes classifies rightly.

    One target a class, 1 for its inputs and -1 for the others; the largest output wins. Codings
    are standardised by those it is fitted to.

    z: [n, codings_size], labels: [n], of the inputs that it is fitted to; then the same of those
    that it is tested on.
    """
    mean, deviation = z.mean(axis=0, dtype=np.float64), z.std(axis=0, dtype=np.float64)
    scale = np.where(deviation > 1e-12, deviation, 1)
    x, test_x = (z - mean) / scale, (test_z - mean) / scale
    classes = np.unique(labels)
    targets = np.where(labels[:, None] == classes, 1.0, -1.0)
    products = x.T @ x + RIDGE * np.eye(x.shape[1])
    weights = np.linalg.solve(products, x.T @ (targets - targets.mean(axis=0)))
    found = classes[np.argmax(test_x @ weights + targets.mean(axis=0), axis=1)]
    return float(np.mean(found == test_labels))


def vote_accuracy(z: Array, labels: Array, test_z: Array, test_labels: Array) -> float:
    """Returns the share of test inputs whose class most of their ten nearest neighbours have.

    Neighbours are among the inputs of z, by Euclidean distance; of equally many votes the smaller
    label wins. The arguments are those of `probe_accuracy`.
    """
    z, test_z = z.astype(np.float64), test_z.astype(np.float64)
    distances = np.square(z).sum(axis=1) - 2 * test_z @ z.T  # less the test input's own square
    k = min(K, len(z))
    nearest = np.argpartition(distances, k - 1, axis=1)[:, :k]
    votes = np.stack([np.sum(labels[nearest] == label, axis=1) for label in np.unique(labels)])
    return float(np.mean(np.unique(labels)[votes.argmax(axis=0)] == test_labels))
