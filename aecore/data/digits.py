"""The embedded digits: 1,797 of 8x8 pixels, enlarged to look like MNIST."""

from __future__ import annotations

import gzip
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.Image import Resampling, Transform

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
    valid, test = (Split(_as_bytes(enlarge(x)), fold_labels) for x, fold_labels in held_out)
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
        large, rng = enlarge(self.small), np.random.default_rng(1999)  # type: ignore[attr-defined]
        return np.concatenate(
            [_as_bytes(large), *(_as_bytes(jitter(large, rng)) for _ in range(COPIES))]
        )


def enlarge(small: Array) -> Array:
    """Enlarges levels 0..16 [n, 8, 8] to images [n, 28, 28] in 0..1.

    Bicubic to 154x154, sharpened by a logistic of slope 12 about 1/2, averaged over 7x7, centred.
    """
    large = np.zeros((len(small), 28, 28), np.float32)
    # Pillow would cut its kernel off at the edge; two more pixels repeat the edge instead.
    padded = np.pad(small.astype(np.float32) / 16, ((0, 0), (2, 2), (2, 2)), mode="edge")
    for image, edged in zip(large, padded, strict=True):
        wide = Image.fromarray(edged).resize((154, 154), Resampling.BICUBIC, box=(2, 2, 10, 10))
        inked = 1 / (1 + np.exp(-12 * (np.asarray(wide) - 0.5)))
        image[3:25, 3:25] = np.asarray(Image.fromarray(inked).reduce(7))
    return large


def jitter(images: Array, rng: np.random.Generator) -> Array:
    """Shifts, rotates and scales images [n, 28, 28] at random, by one bilinear lookup.

    By up to 2 pixels, 12 degrees and 10 %.
    """
    n = len(images)
    angle, scale = np.radians(rng.uniform(-12, 12, n)), rng.uniform(0.9, 1.1, n)
    down, right = rng.uniform(-2, 2, (2, n))
    cos, sin = np.cos(angle) / scale, np.sin(angle) / scale
    # Maps each pixel (x, y) of the copy to its place in the original, about the centre (14, 14).
    x = np.stack([cos, sin, 14 - 14 * (cos + sin) + right], axis=1)
    y = np.stack([-sin, cos, 14 - 14 * (cos - sin) + down], axis=1)
    moved = np.empty_like(images)
    for i, affine in enumerate(np.concatenate([x, y], axis=1)):
        copy = Image.fromarray(images[i]).transform(
            (28, 28), Transform.AFFINE, tuple(affine), Resampling.BILINEAR
        )
        moved[i] = np.asarray(copy)
    return moved


def _as_bytes(images: Array) -> Array:
    return as_bytes(images).reshape(len(images), -1)
