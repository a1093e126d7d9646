"""Nearest neighbours among codings, and whether they separate two classes (Cover & Hart 1967)."""

from __future__ import annotations

import numpy as np

Array = np.ndarray
K = 10  # neighbours that vote


def nearest_of(z: Array, k: int = K) -> Array:
    """Returns the rows of each row's k nearest others by Euclidean distance, [n, k].

    z: [n, D]. In no order; k is at most n - 1.
    """
    z = z.astype(np.float64)
    squares = np.sum(z * z, axis=1)
    distances = squares[:, None] + squares[None, :] - 2 * z @ z.T
    np.fill_diagonal(distances, np.inf)  # no input is its own neighbour
    k = min(k, len(z) - 1)
    nearest: Array = np.argpartition(distances, k - 1, axis=1)[:, :k]
    return nearest


def neighbour_accuracy(codings: Array, labels: Array, pair: tuple[int, int]) -> float:
    """Returns the share of two classes' inputs whose ten nearest neighbours share their class.

    Neighbours are among the inputs of the two classes, by Euclidean distance. Most of the ten must
    share the class; a tie counts half. The result is 1 if the classes are separate, and about the
    larger class's share of the inputs if they mix.

    codings: [n, codings_size], labels: [n].
    """
    rows = np.isin(labels, pair)
    first = labels[rows] == pair[0]
    nearest = nearest_of(codings[rows])
    own = np.mean(first[nearest] == first[:, None], axis=1)
    return float(np.mean(own > 0.5) + 0.5 * np.mean(own == 0.5))
