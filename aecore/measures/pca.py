"""Principal component analysis, exactly: the baseline every reconstruction is held against (Pearson 1901; Hotelling 1933)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray
_BLOCK = 2000  # images converted to float at a time, so that memory stays flat


@dataclass(frozen=True)
class PCA:
    """Mean [D], principal directions as rows [D, D] and the variance along each [D], largest first."""

    mean: Array
    components: Array
    variances: Array

    @classmethod
    def fit(cls, x: Array, scale: float = 1.0) -> PCA:
        """From the eigenvectors of the covariance of x / scale. x: [n, D], any number type; summed in float64, block by block."""
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
        """Projections of x [B, D] on the first directions, [B, codings_size]."""
        return (x - self.mean) @ self.components[:codings_size].T

    def reconstruct(self, x: Array, codings_size: int) -> Array:
        """x [B, D] projected on the first `codings_size` directions, [B, D]."""
        return self.encode(x, codings_size) @ self.components[:codings_size] + self.mean

    def mse(self, x: Array, codings_size: int) -> float:
        """Mean over inputs and their elements of the squared error of the reconstruction of x [B, D]."""
        residual = x - self.reconstruct(x, codings_size)
        return float(np.mean(np.square(residual), dtype=np.float64))


def subspace_angle(kernel: Array, axes: Array) -> float:
    """The largest principal angle, in degrees, between the rows of `kernel` and the orthonormal rows of `axes`, both [k, D].

    0 if they span the same subspace, whatever the axes within it (Björck & Golub 1973; through sines, exact near 0).
    """
    learned, _ = np.linalg.qr(kernel.T.astype(np.float64))
    outside = learned - axes.T.astype(np.float64) @ (axes.astype(np.float64) @ learned)
    return float(np.degrees(np.arcsin(min(1.0, float(np.linalg.norm(outside, 2))))))
