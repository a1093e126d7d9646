"""The course's 3-D example: points near a plane."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from aecore.data.dataset import Dataset, Split


def points3d(data_dir: Path | None) -> Dataset:
    """Returns 250 points near a plane in space, the course's 3-D example.

    An arc of an ellipse, tilted, with noise of 0.1. The training mean is 0.
    """
    rng = np.random.default_rng(4)
    n = 250
    angle = rng.random(n) * 3 * np.pi / 2 - 0.5
    across = np.cos(angle) + np.sin(angle) / 2 + 0.1 * rng.standard_normal(n) / 2
    along = np.sin(angle) * 0.7 + 0.1 * rng.standard_normal(n) / 2
    x = np.stack(
        [across, along, 0.1 * across + 0.3 * along + 0.1 * rng.standard_normal(n)], axis=1
    ).astype(np.float32)
    x -= x[:100].mean(axis=0)
    labels = np.zeros(n, np.uint8)
    return Dataset(
        "points3d",
        "3-D points",
        Split(x[:100], labels[:100]),
        Split(x[100:150], labels[100:150]),
        Split(x[150:], labels[150:]),
        None,
    )
