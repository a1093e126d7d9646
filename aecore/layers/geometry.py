"""Which pixels a strided convolution reads.

Source: Dumoulin & Visin (2016), "A guide to convolution arithmetic for deep learning".

Padding is TensorFlow's "SAME". With stride s, n rows become ceil(n / s). The padding is split
evenly between both ends; an odd row goes to the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from aecore.layers.base import Array, Shape

MOST_NUMBERS = 2**24
Image = tuple[int, int, int]  # height, width, channels


def image(shape: Iterable[int]) -> Image:
    """These three numbers as an image's shape; ValueError if they are not three."""
    height, width, channels = map(int, shape)
    return height, width, channels


def strided(shape: Shape, strides: int) -> tuple[int, int]:
    """Rows and columns after a convolution of inputs (height, width, ...)."""
    return -(-shape[0] // strides), -(-shape[1] // strides)


def padding(n: int, size: int, strides: int) -> tuple[int, int]:
    """The numbers of zero rows before and after n rows, for a kernel of `size` rows."""
    total = max((-(-n // strides) - 1) * strides + size - n, 0)
    return total // 2, total - total // 2


def windows(shape: Image, size: int, strides: int) -> tuple[Array, tuple[int, int]]:
    """The pixels under each position of the kernel, and the rows and columns of the padded image.

    The pixels are flat indices into the padded image, [windows, size * size * channels].
    """
    (top, bottom), (left, right) = (padding(n, size, strides) for n in shape[:2])
    height, width, channels = shape[0] + top + bottom, shape[1] + left + right, shape[2]
    rows, columns = strided(shape, strides)
    corner = (strides * np.arange(rows)[:, None] * width + strides * np.arange(columns)) * channels
    pixels = np.arange(size)[:, None, None] * width + np.arange(size)[:, None]
    window = pixels * channels + np.arange(channels)
    return corner.reshape(-1, 1) + window.reshape(1, -1), (height, width)


def blocks(n: int, windows: Array) -> Iterator[slice]:
    """Slices that cover n rows: the windows of each slice's images take 64 MB at most."""
    rows = max(1, MOST_NUMBERS // windows.size)
    return (slice(start, start + rows) for start in range(0, n, rows))
