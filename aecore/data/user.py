"""The user's own images."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from aecore.data.dataset import RESIDENT_ROWS, Dataset, Split
from aecore.errors import LabError


def own_images(path: Path, data_dir: Path | None) -> Dataset:
    """A .npy file of bytes, [n, 28, 28] or [n, 784]; its last tenth, at most 10,000 images, is for validation and test, half and half."""
    try:
        images = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise LabError(f"{path.name} cannot be read as a NumPy array; expected one written by numpy.save, of bytes.") from error
    n = len(images) if images.ndim else 0
    if images.dtype != np.uint8 or images.shape[1:] not in ((28, 28), (784,)) or n < 100:
        shape = " x ".join(map(str, images.shape)) or "a single number"
        raise LabError(
            f"{path.name} holds {images.dtype} {shape}; expected at least 100 images of 28 x 28 as uint8. Save them with "
            "numpy.save(path, images.astype('uint8'))."
        )
    images = images.reshape(n, 784)
    if n <= RESIDENT_ROWS:
        images = np.asarray(images).copy()
    held_out = min(n // 10, 10_000) // 2
    cuts = [n - 2 * held_out, n - held_out]
    train, valid, test = (Split(part, np.zeros(len(part), np.uint8)) for part in np.split(images, cuts))
    return Dataset(path.stem, path.stem, train, valid, test, (28, 28), ("image",))
