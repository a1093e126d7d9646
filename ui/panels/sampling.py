"""Random images of two networks, from two densities of their codings each.

What Ghosh et al. (2020, "From variational to deterministic autoencoders") show: a plain network
generates, too, if its codings are drawn from a density that was fitted to them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from aecore.data.dataset import as_bytes
from aecore.data.extract import Extract
from aecore.network import Network
from ui.words import count_of

Array = np.ndarray
COLUMNS, ROWS = 12, 4


@dataclass(frozen=True)
class Sampled:
    """A network, where its codings lie, and whether it was trained to fill N(0, I) with them."""

    title: str
    network: Network
    extract: Extract
    prior: bool


def sampling(each: list[Sampled], seed: int) -> None:
    """A column for each network: its images from either density, from the same noise."""
    for column, of in zip(st.columns(len(each), gap="medium"), each, strict=True):
        with column:
            st.markdown(f"**{of.title}**")
            for words, codings in draws(of, seed):
                images = of.network.decode(codings)
                sheet = sheet_of(images, of.extract.image_shape)
                alt = f"{len(codings)} random images. {words}"
                st.image(sheet, caption=words, alt=alt, width="stretch", output_format="PNG")


def draws(of: Sampled, seed: int) -> list[tuple[str, Array]]:
    """What each sheet shows, and its codings [COLUMNS * ROWS, K]."""
    size, n = of.network.codings_size, COLUMNS * ROWS
    noise = np.random.default_rng(seed).standard_normal((n, size), dtype=np.float32)
    classes = len(of.extract.clouds.shares)
    mixture = of.extract.clouds.draw(n, np.random.default_rng(seed))
    alone = "each by itself, with its own mean and deviation"
    return [
        (
            f"{count_of(size, 'coding')} from the prior, N(0, I)"
            if of.prior
            else f"{count_of(size, 'coding')}, {alone}",
            noise if of.prior else of.extract.mean + of.extract.deviation * noise,
        ),
        (
            f"Codings from a mixture of {classes} Gaussians, one for each class"
            if classes > 1
            else "Codings from a Gaussian with their covariance",
            mixture,
        ),
    ]


def sheet_of(images: Array, shape: tuple[int, int, int]) -> Array:
    """Images [COLUMNS * ROWS, D] as one, uint8 [height, width, channels]."""
    height, width, channels = shape
    tiles = as_bytes(images).reshape(ROWS, COLUMNS, height, width, channels)
    sheet = tiles.swapaxes(1, 2).reshape(ROWS * height, COLUMNS * width, channels)
    return np.broadcast_to(sheet, (*sheet.shape[:2], 3))
