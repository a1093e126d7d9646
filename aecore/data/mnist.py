"""Reads MNIST (LeCun, Cortes, Burges) and Fashion-MNIST (Zalando) from their files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from aecore.data.dataset import Dataset, Split
from aecore.data.folders import find_file, folders_of, shown
from aecore.data.idx import IdxFile, read_checked
from aecore.errors import LabError


def read_idx(name: str, title: str, file: IdxFile, data_dir: Path | None) -> np.ndarray:
    """Reads images [n, rows * columns] or labels [n] from an IDX file."""
    path = find_file(name, file, data_dir)
    if path is None:
        searched = " and ".join(shown(folder) for folder in folders_of(name, data_dir))
        raise LabError(
            f"{title} is not on this machine: '{file.name}.gz' was looked for in {searched}. "
            f"Fetch it on the Lab page or with 'python -m aecore fetch {name}', "
            "name a folder that has it in AUTOENCODER_LAB_DATA, or take the digits.",
            f"{title} is not on this machine. Choose it under Data in the Lab and "
            f"press Fetch {title}, or choose Digits, which need no network.",
        )
    raw = read_checked(path, file)
    images = raw[3] == 3  # the IDX magic number: 0x00000803 for images, 0x00000801 for labels
    if not images:
        return np.frombuffer(raw, np.uint8, offset=8)
    rows, columns = (int.from_bytes(raw[i : i + 4], "big") for i in (8, 12))
    return np.frombuffer(raw, np.uint8, offset=16).reshape(-1, rows * columns)


def mnist_family(
    name: str, title: str, class_names: tuple[str, ...], files: tuple[IdxFile, ...]
) -> Callable[[Path | None], Dataset]:
    """Returns a function that reads a data set's four files: 55,000, 5,000 and 10,000 images."""

    def build(data_dir: Path | None) -> Dataset:
        images, labels, test_images, test_labels = (
            read_idx(name, title, file, data_dir) for file in files
        )
        return Dataset(
            name,
            title,
            Split(images[:55_000], labels[:55_000]),
            Split(images[55_000:], labels[55_000:]),
            Split(test_images, test_labels),
            (28, 28, 1),
            class_names,
        )

    return build


MNIST_FILES = (
    IdxFile(
        "train-images-idx3-ubyte",
        47_040_016,
        9_912_422,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    IdxFile(
        "train-labels-idx1-ubyte",
        60_008,
        28_881,
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    IdxFile(
        "t10k-images-idx3-ubyte",
        7_840_016,
        1_648_877,
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    IdxFile(
        "t10k-labels-idx1-ubyte",
        10_008,
        4_542,
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)
FASHION_FILES = (
    IdxFile(
        "train-images-idx3-ubyte",
        47_040_016,
        26_421_880,
        gzip_sha256="3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    ),
    IdxFile(
        "train-labels-idx1-ubyte",
        60_008,
        29_515,
        gzip_sha256="a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    ),
    IdxFile(
        "t10k-images-idx3-ubyte",
        7_840_016,
        4_422_102,
        gzip_sha256="346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    ),
    IdxFile(
        "t10k-labels-idx1-ubyte",
        10_008,
        5_148,
        gzip_sha256="67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ),
)
CLOTHES = (
    "T-shirt",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
