"""The embedded digits: 1,797 of 8x8 pixels, enlarged to look like MNIST."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np

from aecore.data.dataset import Dataset, Split, as_bytes

Array = np.ndarray

FOLDS = (1297, 250, 250)  # originals for training, validation and test
COPIES = 9  # shifted, rotated and scaled copies of each training original, besides itself


def digits(data_dir: Path | None) -> Dataset:
    """Returns 1,797 handwritten 8x8 digits (UCI, as in scikit-learn), enlarged to look like MNIST.

    The folds are cut before any copy is made, so no original is in two of them.
    """
    with gzip.open(Path(__file__).parent / "digits.bin.gz") as file:
        raw = np.frombuffer(file.read(), np.uint8)
    small, labels = raw[: 1797 * 64].reshape(-1, 8, 8), raw[1797 * 64 :]
    order = np.random.default_rng(1998).permutation(len(small))
    folds = zip(
        *(np.split(part[order], np.cumsum(FOLDS)[:2]) for part in (small, labels)), strict=True
    )
    (train, train_labels), *held_out = folds
    valid, test = (Split(_as_bytes(_enlarge(x)), fold_labels) for x, fold_labels in held_out)
    return Dataset(
        "digits",
        "Digits",
        _Copies(train, train_labels),
        valid,
        test,
        (28, 28, 1),
        tuple("0123456789"),
    )


class _Copies(Split):
    """Enlarged digits, then shifted, rotated and scaled copies of them.

    They are made at the first access of `x`, which the first page does not need.
    """

    def __init__(self, small: Array, labels: Array):
        object.__setattr__(self, "small", small)
        object.__setattr__(self, "labels", np.tile(labels, COPIES + 1))

    @cached_property
    def x(self) -> Array:
        large, rng = _enlarge(self.small), np.random.default_rng(1999)  # type: ignore[attr-defined]
        return np.concatenate(
            [_as_bytes(large), *(_as_bytes(_jitter(large, rng)) for _ in range(COPIES))]
        )


def _enlarge(small: Array) -> Array:
    """Enlarges levels 0..16 [n, 8, 8] to images [n, 28, 28] in 0..1.

    Bicubic to 160x160, a logistic of slope 12 about 1/2, the mean to 22x22, centred.
    """
    up = _bicubic(8, 160)  # [160, 8]
    fine = np.arange(22 * 160)  # a grid that both 160 and 22 divide
    down = np.zeros((22, 160), np.float32)
    np.add.at(down, (fine // 160, fine // 22), 1 / 160)  # box filter
    large = np.zeros((len(small), 28, 28), np.float32)
    for block in _blocks(len(small)):
        wide = up @ (small[block].astype(np.float32) / 16) @ up.T
        inked = 1 / (1 + np.exp(-12 * (wide - 0.5)))
        large[block, 3:25, 3:25] = down @ inked @ down.T
    return large


def _blocks(n: int) -> Iterator[slice]:
    """Returns n rows as slices of 25 images.

    Their intermediate results fit into the cache, and the process stays 40 MB smaller.
    """
    return (slice(start, start + 25) for start in range(0, n, 25))


def _bicubic(n_in: int, n_out: int) -> Array:
    """Returns the matrix [n_out, n_in] of Keys's cubic convolution (1981, a = -1/2).

    The edge pixels are repeated.
    """
    matrix = np.zeros((n_out, n_in), np.float32)
    for row in range(n_out):
        centre = (row + 0.5) * n_in / n_out - 0.5
        for tap in range(int(np.floor(centre)) - 1, int(np.floor(centre)) + 3):
            t = abs(centre - tap)
            if t <= 1:
                weight = 1.5 * t**3 - 2.5 * t**2 + 1
            else:
                weight = -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2 if t < 2 else 0.0
            matrix[row, min(max(tap, 0), n_in - 1)] += weight
    return matrix


def _jitter(images: Array, rng: np.random.Generator) -> Array:
    """Shifts, rotates and scales images [n, 28, 28] at random, by one bilinear lookup.

    By up to 2 pixels, 12 degrees and 10 %.
    """
    n = len(images)
    angle, scale = np.radians(rng.uniform(-12, 12, n)), rng.uniform(0.9, 1.1, n)
    shift = rng.uniform(-2, 2, (2, n))
    row, column = np.mgrid[0:28, 0:28].reshape(2, 1, -1) - 13.5
    cos, sin = (np.cos(angle) / scale)[:, None], (np.sin(angle) / scale)[:, None]
    moved = np.empty_like(images)
    for block in _blocks(n):
        rows = cos[block] * row - sin[block] * column + 13.5 + shift[0, block, None]
        columns = sin[block] * row + cos[block] * column + 13.5 + shift[1, block, None]
        moved[block] = _interpolate(
            images[block], np.clip(rows, 0, 26.999), np.clip(columns, 0, 26.999)
        )
    return moved


def _interpolate(images: Array, rows: Array, columns: Array) -> Array:
    """Interpolates images [n, 28, 28] bilinearly at fractional rows and columns [n, 784]."""
    which = np.arange(len(images))[:, None]
    top, left = rows.astype(int), columns.astype(int)
    down, right = (rows - top).astype(np.float32), (columns - left).astype(np.float32)
    above = images[which, top, left] * (1 - right) + images[which, top, left + 1] * right
    below = images[which, top + 1, left] * (1 - right) + images[which, top + 1, left + 1] * right
    mixed: Array = above * (1 - down) + below * down
    return mixed.reshape(images.shape)


def _as_bytes(images: Array) -> Array:
    return as_bytes(images).reshape(len(images), -1)
