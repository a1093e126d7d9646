"""Images as pictures, and galleries of them."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from aecore.data.dataset import as_bytes
from ui.theme import NEGATIVE, POSITIVE

Array = np.ndarray
Shape = tuple[int, int, int]  # height, width, channels


def png_uri(image: Array) -> str:
    """A data: URI of an image, uint8 [height, width] or [height, width, 3]."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def picture(x: Array, shape: Shape) -> Array:
    """One image [D] -> uint8 [height, width, 3]; values outside [0, 1] are clipped."""
    return np.broadcast_to(as_bytes(x).reshape(shape), (*shape[:2], 3))


def signed(x: Array, shape: Shape, scale: float | None = None) -> Array:
    """One signed image [D] -> uint8 [height, width, 3]: 0 is black, `scale` full blue or orange.

    By default `scale` is the largest absolute value. Of several channels the mean is drawn, because
    the colours show the sign.
    """
    mean = x.reshape(shape).mean(axis=2, keepdims=True)
    full = scale or float(np.max(np.abs(mean))) or 1.0
    t = np.clip(mean / full, -1, 1)
    bright = np.where(t > 0, np.array(POSITIVE) * 1.25, np.array(NEGATIVE) * 1.08)
    pixels: Array = np.clip(np.abs(t) ** 0.8 * bright, 0, 255).astype(np.uint8)
    return pixels


@dataclass(frozen=True)
class Tile:
    """A small stack of pictures with a caption: one item of a gallery."""

    pictures: Sequence[Array]  # each uint8 [height, width, 3]
    caption: str
    alt: str


def gallery(tiles: Sequence[Tile], rows: Sequence[str] = (), size: int = 56) -> str:
    """HTML of tiles that wrap to the page's width.

    rows: names of the pictures of a stack, top to bottom. size: of a picture, in pixels.
    """
    items = []
    for tile in tiles:
        gap = np.full((1, tile.pictures[0].shape[1], 3), 128, np.uint8)
        stack = np.concatenate([part for picture in tile.pictures for part in (picture, gap)][:-1])
        height = size * len(tile.pictures) + (len(tile.pictures) - 1) * 2
        caption = f"<figcaption>{html.escape(tile.caption)}</figcaption>" if tile.caption else ""
        items.append(
            f'<figure><img src="{png_uri(stack)}" alt="{html.escape(tile.alt)}" '
            f'style="width:{size}px;height:{height}px">{caption}</figure>'
        )
    legend = ""
    if rows:
        lines = "".join(
            f'<span style="height:{size + 2}px">{html.escape(row)}</span>' for row in rows
        )
        legend = f'<div class="lab-rows" aria-hidden="true">{lines}</div>'
    return f'<div class="lab-gallery">{legend}<div class="lab-tiles">{"".join(items)}</div></div>'
