"""A data set: three splits of inputs, and their properties."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from aecore.measures.pca import PCA

Array = np.ndarray
Shape = tuple[int, ...]

MEASURED_ROWS = 500  # more would make a snapshot dearer, and pictures rarer
MAPPED_ROWS, MAPPED_BYTES = 1_000, 2_000_000  # in a map of codings, which is sent to the page
WATCHED_ROWS = 1_500  # all 5,000 of MNIST's validation images would take 8 % of a variational epoch
RESIDENT_ROWS = (
    100_000  # images kept in memory; larger data sets are read from the disk in training
)


def as_bytes(images: Array) -> Array:
    """Pixels in [0, 1] -> uint8 0..255, rounded; what lies outside is clipped."""
    levels: Array = np.round(np.clip(images, 0, 1) * 255).astype(np.uint8)
    return levels


def as_floats(x: Array) -> Array:
    """As a network gets them: bytes 0..255 -> float32 in [0, 1]; points as they are."""
    return x.astype(np.float32) / np.float32(255) if x.dtype == np.uint8 else x


@dataclass(frozen=True)
class Split:
    """Inputs x [n, n_inputs] and labels [n].

    Images are uint8 0..255, a quarter of float32's memory. Points are float32.
    """

    x: Array
    labels: Array

    def __len__(self) -> int:
        return len(self.labels)

    def floats(self, n: int | None = None) -> Array:
        """Returns the first n inputs (default: all) for the network: float32, pixels in [0, 1]."""
        return as_floats(self.x[:n])

    def take(self, rows: slice | Array) -> Split:
        """Returns a split of these rows."""
        return Split(self.x[rows], self.labels[rows])


@dataclass(frozen=True)
class Dataset:
    """Three splits that share no original input, and their properties."""

    name: str
    title: str
    train: Split
    valid: Split
    test: Split
    # (height, width, channels); None: the inputs are points in space, of three coordinates.
    image_shape: tuple[int, int, int] | None
    # Empty: the inputs have no classes, and the labels no meaning.
    class_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.image_shape and self.n_inputs != 3:
            raise ValueError(
                f"The points of '{self.name}' have {self.n_inputs} coordinates; expected 3. "
                "Inputs of other sizes can be images, with an image_shape."
            )
        if not self.class_names:  # then labels mean nothing, and are all alike
            for name in ("train", "valid", "test"):
                split: Split = getattr(self, name)
                alike = np.zeros(len(split.labels), np.uint8)
                object.__setattr__(self, name, Split(split.x, alike))

    @property
    def input_shape(self) -> Shape:
        """The shape of one input: an image's, or (n_inputs,)."""
        return self.image_shape or (self.n_inputs,)

    def name_of(self, label: int) -> str:
        """Returns what an input with this label shows."""
        if self.class_names:
            return self.class_names[label]
        return "image" if self.image_shape else "point"

    @property
    def n_inputs(self) -> int:
        return int(self.train.x.shape[1])

    @cached_property
    def mean(self) -> Array:
        """The mean of the (first 100,000) training inputs, float32 [n_inputs], pixels in [0, 1]."""
        x = self.train.x[:RESIDENT_ROWS]
        scale = 255 if x.dtype == np.uint8 else 1
        mean: Array = (x.mean(axis=0, dtype=np.float64) / scale).astype(np.float32)
        return mean

    @cached_property
    def pca(self) -> PCA:
        """PCA of the (first 100,000) training inputs, fitted once."""
        return PCA.fit(self.train.x[:RESIDENT_ROWS], 255 if self.image_shape else 1)

    @property
    def watched(self) -> Split:
        """The first 1,500 validation inputs, for the curve while training."""
        return self.valid.take(slice(WATCHED_ROWS))

    @property
    def measured(self) -> Split:
        """The first 500 validation inputs, for a variant's own figures while it trains."""
        return self.valid.take(slice(MEASURED_ROWS))

    @property
    def mapped(self) -> Split:
        """The first 1,000 test inputs, fewer if they are large, for maps of the codings."""
        return self.test.take(slice(min(MAPPED_ROWS, MAPPED_BYTES // self.n_inputs)))

    def shown_rows(self) -> Array:
        """Returns the row numbers of the test inputs that are shown while training.

        All points; one image of each class, or ten images if there are no classes.
        """
        if not self.image_shape:
            return np.arange(len(self.test))
        if not self.class_names:
            return np.arange(min(10, len(self.test)))
        of_class = [np.flatnonzero(self.test.labels == i) for i in range(len(self.class_names))]
        return np.array([int(rows[0]) for rows in of_class if len(rows)])
