"""Three splits of inputs, and what is known about them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from aecore.measures.pca import PCA

Array = np.ndarray
Shape = tuple[int, ...]

WATCHED_ROWS = 1_500  # all 5,000 of MNIST's validation images would take 8 % of a variational epoch
RESIDENT_ROWS = 100_000  # images that are kept in memory; a data set of more is read from the disk as it is trained on


@dataclass(frozen=True)
class Split:
    """x [n, n_inputs], images as uint8 0..255 (a quarter of the memory) or points as float32; labels [n]."""

    x: Array
    labels: Array

    def __len__(self) -> int:
        return len(self.labels)

    def floats(self, n: int | None = None) -> Array:
        """The first n inputs (all by default) as the network sees them: float32, pixels in [0, 1]."""
        x = self.x[:n]
        return x.astype(np.float32) / np.float32(255) if x.dtype == np.uint8 else x

    def take(self, rows: slice | Array) -> Split:
        """These rows alone."""
        return Split(self.x[rows], self.labels[rows])


@dataclass(frozen=True)
class Dataset:
    """Three splits that share no original, and what is known about them."""

    name: str
    title: str
    train: Split
    valid: Split
    test: Split
    image_shape: (
        tuple[int, int, int] | None
    )  # (height, width, channels); None: the inputs are points, not images
    class_names: tuple[
        str, ...
    ] = ()  # empty: its inputs have no classes, and their labels mean nothing

    @property
    def input_shape(self) -> Shape:
        """Of one input: an image's, or (n_inputs,)."""
        return self.image_shape or (self.n_inputs,)

    def name_of(self, label: int) -> str:
        """What an input with this label shows."""
        return (
            self.class_names[label]
            if self.class_names
            else "image"
            if self.image_shape
            else "point"
        )

    @property
    def n_inputs(self) -> int:
        return self.train.x.shape[1]

    @cached_property
    def mean(self) -> Array:
        """The mean of the training inputs (of the first 100,000, if there are more) as the network sees them, float32 [n_inputs]."""
        x = self.train.x[:RESIDENT_ROWS]
        return (x.mean(axis=0, dtype=np.float64) / (255 if x.dtype == np.uint8 else 1)).astype(
            np.float32
        )

    @cached_property
    def pca(self) -> PCA:
        """Fitted to the training split (to its first 100,000 inputs, if it is larger), once."""
        return PCA.fit(self.train.x[:RESIDENT_ROWS], 255 if self.image_shape else 1)

    @property
    def watched(self) -> Split:
        """The validation inputs on which a training's curve is measured, and whatever is drawn beside it: the first 1,500."""
        return self.valid.take(slice(WATCHED_ROWS))

    def fixed_handful(self) -> Array:
        """Row numbers of the test inputs shown while training: all points; of images one for each class, or ten if there are no classes."""
        if not self.image_shape:
            return np.arange(len(self.test))
        if not self.class_names:
            return np.arange(min(10, len(self.test)))
        return np.array(
            [
                int(np.flatnonzero(self.test.labels == label)[0])
                for label in range(len(self.class_names))
            ]
        )
