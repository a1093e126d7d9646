"""Arrays in, figure out: pictures, drawings and charts. Imports no streamlit.

The colour rule, everywhere: blue is positive, orange is negative, and each loss term has one colour on every chart.
"""

from __future__ import annotations

import base64
import html
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

Array = np.ndarray

POSITIVE, NEGATIVE = (36, 99, 201), (232, 119, 22)
TERM_COLOURS = {
    "reconstruction_loss": "#3b7ddd",
    "latent_loss": "#9b5de5",
    "sparsity_loss": "#0f9d8a",
    "weight_decay": "#b08900",
    "mse": "#6b7a90",
    "loss": "#c2417c",
}
RUN_COLOURS = ("#3b7ddd", "#c2417c", "#0f9d8a", "#b08900", "#9b5de5", "#6b7a90")
CLASS_COLOURS = ("#3b7ddd", "#e87716", "#2a9d5c", "#d1495b", "#9b5de5", "#8d6e4b", "#e377c2", "#7d8597", "#b5a020", "#17a2b8")


def png_uri(image: Array) -> str:
    """uint8 [height, width] or [height, width, 3] as a data: address."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def grey(x: Array, shape: tuple[int, int]) -> Array:
    """One image [D] in [0, 1] -> uint8 [height, width, 3]; what lies outside is clipped."""
    pixels = np.round(255 * np.clip(x, 0, 1)).astype(np.uint8).reshape(shape)
    return np.repeat(pixels[..., None], 3, axis=2)


def signed(x: Array, shape: tuple[int, int], scale: float | None = None) -> Array:
    """One signed image [D] -> uint8 [height, width, 3]: 0 is black, `scale` (by default the largest size in it) full blue or orange."""
    full = scale or float(np.max(np.abs(x))) or 1.0
    t = np.clip(x.reshape(shape) / full, -1, 1)[..., None]
    bright = np.where(t > 0, np.array(POSITIVE) * 1.25, np.array(NEGATIVE) * 1.08)
    return np.clip(np.abs(t) ** 0.8 * bright, 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Tile:
    """A small stack of pictures with a caption: one item of a gallery."""

    pictures: Sequence[Array]  # each uint8 [height, width, 3]
    caption: str
    alt: str


def gallery(tiles: Sequence[Tile], rows: Sequence[str] = (), size: int = 56) -> str:
    """HTML of tiles that wrap to the width; `rows` names the pictures of a stack, top to bottom; `size` in pixels a picture."""
    items = []
    for tile in tiles:
        gap = np.full((1, tile.pictures[0].shape[1], 3), 128, np.uint8)
        stack = np.concatenate([part for picture in tile.pictures for part in (picture, gap)][:-1])
        height = size * len(tile.pictures) + (len(tile.pictures) - 1) * 2
        caption = f"<figcaption>{html.escape(tile.caption)}</figcaption>" if tile.caption else ""
        items.append(
            f'<figure><img src="{png_uri(stack)}" alt="{html.escape(tile.alt)}" style="width:{size}px;height:{height}px">{caption}</figure>'
        )
    legend = ""
    if rows:
        lines = "".join(f'<span style="height:{size + 2}px">{html.escape(row)}</span>' for row in rows)
        legend = f'<div class="lab-rows" aria-hidden="true">{lines}</div>'
    return f'<div class="lab-gallery">{legend}<div class="lab-tiles">{"".join(items)}</div></div>'


def drawing(sizes: Sequence[int], parameters: int, *, codings: int, encoder: str, middle: str, decoder: str, tied: bool = False) -> str:
    """HTML of the network: a bar a layer (height by the logarithm of its width), the codings, at index `codings`, in the accent colour.

    encoder, middle, decoder: the words under the three parts. tied: the decoder is drawn as the encoder's shadow.
    """
    heights = [26 + 92 * math.log10(size + 1) / math.log10(max(sizes) + 1) for size in sizes]  # pixels
    parts = []
    for i, (size, height) in enumerate(zip(sizes, heights, strict=True)):
        kind = "codings" if i == codings else "layer"
        parts.append(f'<div class="bar {kind}"><i style="height:{height:.0f}px"></i><span>{size:,}</span></div>')
        if i + 1 < len(sizes):
            here, there = (50 * h / 118 for h in (height, heights[i + 1]))
            shape = f"polygon(0 {50 - here:.1f}%, 100% {50 - there:.1f}%, 100% {50 + there:.1f}%, 0 {50 + here:.1f}%)"
            side = "enc" if i < codings else "dec tied" if tied else "dec"
            parts.append(f'<div class="fan {side}" style="clip-path:{shape}"></div>')
    label = f"Network {' - '.join(f'{size:,}' for size in sizes)} with {parameters:,} parameters"
    words = "".join(f"<span>{html.escape(word)}</span>" for word in (encoder, middle, decoder))
    return (
        f'<div class="lab-drawing"><div class="net" role="img" aria-label="{html.escape(label)}">{"".join(parts)}</div>'
        f'<div class="words">{words}</div><p><b>{parameters:,}</b> parameters <small>(bars as high as the logarithm of their width)</small></p></div>'
    )


def histogram(values: Array, target: float, words: str, of: str = "unit") -> str:
    """HTML of a histogram of one value for each `of`, with the target as a dashed line; a bar's range and count are told where it is pointed at."""
    low = 0.04 * math.floor(min(0.0, float(values.min())) / 0.04)
    high = 0.04 * math.ceil(max(float(values.max()), min(1.0, 1.5 * target)) / 0.04)
    counts, edges = np.histogram(values, bins=40, range=(low, high))
    bars = "".join(
        f'<span title="{a:.3f} to {b:.3f}: {n:,} {of}{"" if n == 1 else "s"}"><i style="height:{100 * n / counts.max():.1f}%"></i></span>'
        for n, a, b in zip(counts, edges, edges[1:], strict=False)
    )
    ticks = "".join(f"<span>{low + part * (high - low):.2f}</span>" for part in (0, 0.25, 0.5, 0.75, 1))
    return (
        f'<div class="lab-histogram" role="img" aria-label="{html.escape(words)}: mean {values.mean():.3f}, target {target:g}, {len(values):,} {of}s">'
        f'<div class="bars"><b>{counts.max():,} {of}s</b>{bars}<em style="left:{100 * (target - low) / (high - low):.1f}%"><b>target {target:g}</b></em></div>'
        f'<div class="ticks">{ticks}</div><p>{html.escape(words)}</p></div>'
    )
