"""The data sets: `load(name)` returns a `Dataset` with a training, a validation and a test split.

`digits` and `points3d` need no network. `mnist` and `fashion_mnist` are looked for in a folder
(`AUTOENCODER_LAB_DATA`, or the flag `--data-dir`), then in the cache. Only `download()` fetches
them. Any `NAME.npy` of images in that folder is the data set `NAME`; if it has more than 100,000
images, it stays on the disk and is streamed.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from aecore.data.dataset import Dataset
from aecore.data.digits import digits
from aecore.data.folders import data_folders, find_file
from aecore.data.idx import IdxFile
from aecore.data.mnist import CLOTHES, FASHION_FILES, MNIST_FILES, mnist_family
from aecore.data.points import points3d
from aecore.data.user import own_images
from aecore.errors import LabError

Array = np.ndarray


@dataclass(frozen=True)
class Source:
    """Where a data set comes from: how it is built, and the files it needs, if any."""

    title: str
    about: str
    build: Callable[[Path | None], Dataset]
    files: tuple[IdxFile, ...] = ()
    url: str = ""
    points: bool = False  # the inputs are points in space, not images
    curves: str = ""  # a note for the chart if the validation curve may surprise


def load(name: str, data_dir: Path | str | None = None) -> Dataset:
    """Loads the data set `name`, and keeps it in memory for the next call.

    Raises `LabError` if it is unknown, not on this machine, or damaged.
    """
    with _loading:
        return load_cached(name, data_folders(Path(data_dir) if data_dir else None)[0])


_loading = threading.Lock()  # without it, two visitors would build the same data set twice


@lru_cache(maxsize=4)
def load_cached(name: str, data_dir: Path) -> Dataset:
    return source_of(name, data_dir).build(data_dir)


def sources(data_dir: Path | str | None = None) -> dict[str, Source]:
    """Returns every data set by name: the lab's, then the user's own."""
    return SOURCES | {
        path.stem: Source(
            path.stem, f"Your own images, from {path.name}.", partial(own_images, path)
        )
        for folder in data_folders(Path(data_dir) if data_dir else None)
        for path in sorted(folder.glob("*.npy"))
        if re.fullmatch(r"[\w-]{1,40}", path.stem) and path.stem not in SOURCES
    }


def source_of(name: str, data_dir: Path | str | None = None) -> Source:
    """Returns the source of the data set `name`; `LabError` if there is none."""
    if name in SOURCES:  # without reading the folders, as pages call this often
        return SOURCES[name]
    known = sources(data_dir)
    if name not in known:
        titles = ", ".join(source.title for source in known.values())
        raise LabError(
            f"'{name}' is not a data set; expected one of {', '.join(known)}, "
            "or the name of a .npy file in the data folder.",
            f"There are no images called “{name}” here (any more); "
            f"expected {titles}, or images of your own.",
        )
    return known[name]


def available(name: str, data_dir: Path | str | None = None) -> bool:
    """Returns whether `load` would find every file of `name` without the network."""
    return all(
        find_file(name, file, Path(data_dir) if data_dir else None)
        for file in source_of(name, data_dir).files
    )


def title_of(name: str) -> str:
    """Returns a data set's title.

    The user's own has the name of its file, even if the file is gone.
    """
    return SOURCES[name].title if name in SOURCES else name


SOURCES: dict[str, Source] = {
    "digits": Source(
        "Digits",
        "1,797 handwritten digits (UCI); those for training come with shifted, rotated and scaled "
        "copies, those for validation and test as they are. Needs no download.",
        digits,
        curves="These digits' training images are shifted and rotated, the validation images are "
        "not: the dashed error may lie below the solid one.",
    ),
    "mnist": Source(
        "MNIST",
        "70,000 handwritten digits (LeCun, Cortes, Burges); an 11 MB download.",
        mnist_family("mnist", "MNIST", tuple("0123456789"), MNIST_FILES),
        MNIST_FILES,
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    "fashion_mnist": Source(
        "Fashion-MNIST",
        "70,000 pictures of clothes (Zalando); a 31 MB download.",
        mnist_family("fashion_mnist", "Fashion-MNIST", CLOTHES, FASHION_FILES),
        FASHION_FILES,
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    "points3d": Source(
        "3-D points",
        "250 points near a plane in space, for the linear autoencoder.",
        points3d,
        points=True,
    ),
}
