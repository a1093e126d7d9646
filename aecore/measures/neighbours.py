"""Measures whether codings separate two classes, by nearest neighbours (Cover & Hart 1967)."""

from __future__ import annotations

import numpy as np

Array = np.ndarray
K = 10  # neighbours that vote


def neighbour_accuracy(codings: Array, labels: Array, pair: tuple[int, int]) -> float:
    """Returns the share of two classes' inputs whose ten nearest neighbours share their class.

    Neighbours are among the inputs of the two classes, by Euclidean distance. Most of the ten must
    share the class; a tie counts half. The result is 1 if the classes are separate, and about the
    larger class's share of the inputs if they mix.

    codings: [n, codings_size], labels: [n].
    """
    rows = np.isin(labels, pair)
    z, first = codings[rows].astype(np.float64), labels[rows] == pair[0]
    squares = np.sum(z * z, axis=1)
    distances = squares[:, None] + squares[None, :] - 2 * z @ z.T
    np.fill_diagonal(distances, np.inf)  # no input is its own neighbour
    k = min(K, len(z) - 1)
    nearest = np.argpartition(distances, k - 1, axis=1)[:, :k]
    own = np.mean(first[nearest] == first[:, None], axis=1)
    return float(np.mean(own > 0.5) + 0.5 * np.mean(own == 0.5))
