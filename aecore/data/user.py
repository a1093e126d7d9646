"""Reads the user's own images: any `NAME.npy` in the data folder."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from aecore.data.dataset import RESIDENT_ROWS, Dataset, Split
from aecore.errors import LabError

MOST_NUMBERS = 4096  # in an image, as many as units in a layer: 64 x 64 grey, 36 x 36 in colour


def own_images(path: Path, data_dir: Path | None) -> Dataset:
    """Reads a .npy file of bytes: [n, height, width], [n, height, width, 1 or 3] or [n, pixels].

    The last of these holds square grey images. The file's last tenth, at most 10,000 images, is
    split equally into validation and test.
    """
    try:
        images = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise LabError(
            f"{path.name} cannot be read as a NumPy array; "
            "expected one written by numpy.save, of bytes."
        ) from error
    shape = _image_shape(images.shape)
    if images.dtype != np.uint8 or shape is None or len(images) < 100:
        found = " x ".join(map(str, images.shape)) or "a single number"
        raise LabError(
            f"{path.name} holds {images.dtype} {found}; expected at least 100 images of "
            "height x width (x 3, if they are in colour; or flat, if they are square) as uint8, "
            f"with at most {MOST_NUMBERS:,} numbers each. "
            "Save them with numpy.save(path, images.astype('uint8'))."
        )
    n = len(images)
    images = images.reshape(n, -1)
    if n <= RESIDENT_ROWS:
        images = np.asarray(images).copy()
    held_out = min(n // 10, 10_000) // 2
    cuts = [n - 2 * held_out, n - held_out]
    train, valid, test = (
        Split(part, np.zeros(len(part), np.uint8)) for part in np.split(images, cuts)
    )
    return Dataset(path.stem, path.stem, train, valid, test, shape)


def _image_shape(shape: tuple[int, ...]) -> tuple[int, int, int] | None:
    """Returns (height, width, channels) of the images in an array of this shape, or None."""
    each = shape[1:]
    if len(each) == 1 and math.isqrt(each[0]) ** 2 == each[0]:
        each = (math.isqrt(each[0]),) * 2  # flat images are square ones
    if len(each) == 2:
        each = (*each, 1)
    if (
        len(each) != 3
        or each[2] not in (1, 3)
        or not 4 <= each[0] * each[1] * each[2] <= MOST_NUMBERS
    ):
        return None
    return each[0], each[1], each[2]
