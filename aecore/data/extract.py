"""What a page needs of a data set if the data set itself is not there.

A few test images, and the distribution of the test images' codings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from aecore.data.dataset import Dataset
from aecore.network import Network

Array = np.ndarray
INPUTS = 2000  # test inputs that codings are measured on
BARS = 24  # of each coding's histogram
OUTSIDE = 0.005  # of the codings, on each side, are beyond a histogram's ends
MOST_NUMBERS = 2_000_000  # in the clouds' factors, which a page fetches as float16


@dataclass(frozen=True)
class Clouds:
    """A Gaussian for the codings of each class: shares [C], centres [C, K], factors [C, R, K].

    factor^T factor is the covariance. The mixture has the mean and covariance of the codings.

    Ghosh et al. (2020) fit one density to all codings after training, so that any autoencoder can
    generate. A single Gaussian is too coarse: codings between two digits decode to no digit.
    """

    shares: Array
    centres: Array
    factors: Array

    @classmethod
    def fit(cls, codings: Array, labels: Array) -> Clouds:
        """Fits the Gaussians to codings [n, K] with labels [n]."""
        classes, counts = np.unique(labels, return_counts=True)
        centres = np.stack([codings[labels == label].mean(axis=0) for label in classes])
        size = codings.shape[1]
        factors = np.zeros((len(classes), min(int(counts.max()), size), size), np.float32)
        for factor, label, centre, count in zip(factors, classes, centres, counts, strict=True):
            triangle = np.linalg.qr((codings[labels == label] - centre) / np.sqrt(count), mode="r")
            factor[: len(triangle)] = triangle
        return cls((counts / counts.sum()).astype(np.float32), centres.astype(np.float32), factors)

    def draw(self, n: int, rng: np.random.Generator, temperature: float = 1.0) -> Array:
        """Draws n codings [n, K].

        temperature: scales the distances from the centres; 1 gives those of real codings.
        """
        which = rng.choice(len(self.shares), n, p=self.shares / self.shares.sum(dtype=np.float64))
        noise = rng.standard_normal((n, self.factors.shape[1]), dtype=np.float32)
        codings = self.centres[which]
        for label, factor in enumerate(self.factors):
            codings[which == label] += np.float32(temperature) * (noise[which == label] @ factor)
        return codings


@dataclass(frozen=True)
class Histograms:
    """How often each coding has which value.

    low, high: the ends [K], the quantiles .005 and .995. bars [K, BARS] uint8: a share of 255 of
    the coding's highest bar.
    """

    low: Array
    high: Array
    bars: Array

    @classmethod
    def of(cls, codings: Array) -> Histograms:
        """Counts codings [n, K]."""
        low, high = np.quantile(codings, [OUTSIDE, 1 - OUTSIDE], axis=0)
        share = (codings - low) / np.maximum(high - low, 1e-12)
        bars = np.clip((share * BARS).astype(int), 0, BARS - 1)
        rows = np.arange(codings.shape[1])
        counts = np.zeros((len(rows), BARS))
        for bar in bars:
            counts[rows, bar] += 1
        shares = np.round(255 * counts / counts.max(axis=1, keepdims=True)).astype(np.uint8)
        return cls(low.astype(np.float32), high.astype(np.float32), shares)


@dataclass(frozen=True)
class Extract:
    """Test images [n, n_inputs] uint8 and labels [n], and a summary of the codings.

    The summary: mean and standard deviation [K] of all codings, their histograms and their clouds.
    """

    image_shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    images: Array
    labels: Array
    mean: Array
    deviation: Array
    histograms: Histograms
    clouds: Clouds

    @classmethod
    def of(cls, network: Network, dataset: Dataset) -> Extract:
        """Extracts from the test images. Twenty are kept, with equal numbers of each class.

        They are those of the first 400 that the network reconstructs best.
        """
        if not dataset.image_shape:
            raise ValueError(f"{dataset.name} has points, not images")
        some = dataset.test.take(slice(0, min(INPUTS, MOST_NUMBERS // network.codings_size)))
        codings, rows = network.encode(some.floats()), _best_reconstructed(network, dataset)
        return cls(
            dataset.image_shape,
            dataset.class_names,
            dataset.test.x[rows],
            dataset.test.labels[rows],
            codings.mean(axis=0),
            codings.std(axis=0),
            Histograms.of(codings),
            Clouds.fit(codings, some.labels),
        )

    @property
    def names(self) -> list[str]:
        """What each image shows."""
        return [self.class_names[label] if self.class_names else "image" for label in self.labels]

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the content, for caches."""
        digest = hashlib.sha256(repr(self.class_names).encode())
        for name, tensor in self.tensors().items():
            digest.update(name.encode() + np.ascontiguousarray(tensor).tobytes())
        return digest.hexdigest()

    def tensors(self) -> dict[str, Array]:
        """Returns the content as arrays for a file, which `from_tensors` reads.

        The names of the classes are not among them.
        """
        return {
            "extract.images": self.images.reshape(-1, *self.image_shape),
            "extract.labels": self.labels,
            "extract.mean": self.mean,
            "extract.deviation": self.deviation,
            "extract.low": self.histograms.low,
            "extract.high": self.histograms.high,
            "extract.bars": self.histograms.bars,
            "extract.shares": self.clouds.shares,
            "extract.centres": self.clouds.centres,
            "extract.factors": self.clouds.factors.astype(np.float16),
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Array], class_names: Any) -> Extract:
        images = tensors["extract.images"]
        clouds = Clouds(*(tensors[f"extract.{name}"] for name in ("shares", "centres", "factors")))
        histograms = Histograms(*(tensors[f"extract.{name}"] for name in ("low", "high", "bars")))
        return cls(
            (*images.shape[1:3], images.shape[3] if images.ndim == 4 else 1),
            tuple(class_names),
            images.reshape(len(images), -1),
            tensors["extract.labels"],
            tensors["extract.mean"],
            tensors["extract.deviation"],
            histograms,
            clouds,
        )


def _best_reconstructed(network: Network, dataset: Dataset) -> Array:
    """Returns the row numbers of the best reconstructed test images, class by class."""
    classes = range(len(dataset.class_names) or 1)
    each = max(1, 20 // len(classes))
    x, labels = dataset.test.floats(400), dataset.test.labels[:400]
    errors = np.mean(np.square(network.reconstruct(x) - x), axis=1)
    by_error = np.argsort(errors, kind="stable")
    return np.concatenate([by_error[labels[by_error] == label][:each] for label in classes])
