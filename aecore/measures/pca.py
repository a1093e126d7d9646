"""Exact principal component analysis (Pearson 1901; Hotelling 1933): every network's baseline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray
_BLOCK = 2000  # images converted to float at a time, to limit the memory


@dataclass(frozen=True)
class PCA:
    """Mean [D], principal directions (rows of [D, D]) and their variances [D], largest first."""

    mean: Array
    components: Array
    variances: Array

    @classmethod
    def fit(cls, x: Array, scale: float = 1.0) -> PCA:
        """Fits PCA to x / scale by the eigenvectors of its covariance.

        x: [n, D] of any number type; summed in float64, block by block.
        """
        n, n_inputs = x.shape
        total, products = np.zeros(n_inputs), np.zeros((n_inputs, n_inputs))
        for start in range(0, n, _BLOCK):
            block = x[start : start + _BLOCK].astype(np.float32) / np.float32(scale)
            total += block.sum(axis=0, dtype=np.float64)
            products += (block.T @ block).astype(np.float64)
        mean = total / n
        values, vectors = np.linalg.eigh(products / n - np.outer(mean, mean))
        return cls(
            mean.astype(np.float32), vectors.T[::-1].astype(np.float32), np.maximum(values[::-1], 0)
        )

    def encode(self, x: Array, codings_size: int) -> Array:
        """Projects x [B, D] on the first directions; returns [B, codings_size]."""
        codings: Array = (x - self.mean) @ self.components[:codings_size].T
        return codings

    def reconstruct(self, x: Array, codings_size: int) -> Array:
        """Reconstructs x [B, D] from its projections on the first `codings_size` directions."""
        codings = self.encode(x, codings_size)
        reconstruction: Array = codings @ self.components[:codings_size] + self.mean
        return reconstruction

    def mse(self, x: Array, codings_size: int) -> float:
        """Returns the squared error of x [B, D]'s reconstruction: mean over inputs and elements."""
        residual = x - self.reconstruct(x, codings_size)
        return float(np.mean(np.square(residual), dtype=np.float64))

    def errors(self, x: Array, most: int) -> Array:
        """Returns `mse(x, k)` for k = 0, 1, …, `most` codings: [most + 1], float64.

        Each direction takes the mean square of its projection off the error.
        """
        centred = (x - self.mean).astype(np.float64)
        taken = np.square(centred @ self.components[:most].T.astype(np.float64)).sum(axis=0)
        left = np.square(centred).sum() - np.concatenate([[0.0], np.cumsum(taken)])
        errors: Array = np.maximum(left, 0) / centred.size
        return errors


def subspace_angle(kernel: Array, axes: Array) -> float:
    """Returns the largest principal angle between two subspaces, in degrees.

    They are spanned by the rows of `kernel` and the orthonormal rows of `axes`, both [k, D]. The
    angle is 0 if both span the same subspace (Björck & Golub 1973). It is computed from sines,
    which are exact near 0.
    """
    learned, _ = np.linalg.qr(kernel.T.astype(np.float64))
    outside = learned - axes.T.astype(np.float64) @ (axes.astype(np.float64) @ learned)
    return float(np.degrees(np.arcsin(min(1.0, float(np.linalg.norm(outside, 2))))))
