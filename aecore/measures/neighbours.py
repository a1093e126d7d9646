"""Whether codings tell two classes apart, asked of their nearest neighbours (Cover & Hart 1967)."""

from __future__ import annotations

import numpy as np

Array = np.ndarray
K = 10  # neighbours that vote


def told_apart(codings: Array, labels: Array, pair: tuple[int, int]) -> float:
    """The share of the inputs of two classes whose ten nearest others, among these, are mostly of their own class; a tie counts half.

    codings: [n, codings_size], labels: [n]. Distances are Euclidean. 1 if the classes lie apart, about the larger one's share if they mix.
    """
    rows = np.isin(labels, pair)
    z, first = codings[rows].astype(np.float64), labels[rows] == pair[0]
    squares = np.sum(z * z, axis=1)
    distances = squares[:, None] + squares[None, :] - 2 * z @ z.T
    np.fill_diagonal(distances, np.inf)  # nobody is a neighbour of its own
    k = min(K, len(z) - 1)
    nearest = np.argpartition(distances, k - 1, axis=1)[:, :k]
    own = np.mean(first[nearest] == first[:, None], axis=1)
    return float(np.mean(own > 0.5) + 0.5 * np.mean(own == 0.5))
