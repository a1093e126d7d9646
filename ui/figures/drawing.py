"""The drawing of a network: a bar for each layer."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence


def drawing(
    shapes: Sequence[tuple[int, ...]],
    parameters: int,
    *,
    words: tuple[str, str, str],
    codings: int,
    tied: bool = False,
    note: str = "",
) -> str:
    """HTML of a network: a bar a layer, its height by the logarithm of its width.

    codings: index of the codings, which get the accent colour. words: the captions under encoder,
    codings and decoder. tied: draws the decoder as the encoder's shadow. note: beside the number of
    parameters.
    """
    sizes = [math.prod(shape) for shape in shapes]
    top = math.log10(max(sizes) + 1)
    heights = [20 + 80 * math.log10(size + 1) / top for size in sizes]  # percent
    parts = []
    labels = [f"{size:,}" for size in sizes]
    for i, inner in list(enumerate(shapes))[1:-1]:
        if len(inner) > 1:
            labels[i] = "×".join(str(n) for n in inner)
    for i, (width, height) in enumerate(zip(labels, heights, strict=True)):
        kind = "codings" if i == codings else "layer"
        parts.append(
            f'<div class="bar {kind}"><i style="height:{height:.0f}%"></i>'
            f"<span>{width}</span></div>"
        )
        if i + 1 < len(sizes):
            here, there = (h / 2 for h in (height, heights[i + 1]))
            shape = (
                f"polygon(0 {50 - here:.1f}%, 100% {50 - there:.1f}%, "
                f"100% {50 + there:.1f}%, 0 {50 + here:.1f}%)"
            )
            side = "" if i < codings else "dec tied" if tied else "dec"
            parts.append(f'<div class="fan {side}" style="clip-path:{shape}"></div>')
    label = f"Network {' - '.join(f'{size:,}' for size in sizes)} with {parameters:,} parameters"
    under = "".join(f"<span>{html.escape(word)}</span>" for word in words)
    note = f"<small>{html.escape(note)}</small>" if note else ""
    return (
        '<div class="lab-drawing"><div>'
        f'<div class="net" role="img" aria-label="{html.escape(label)}">{"".join(parts)}</div>'
        f'<div class="words">{under}</div></div>'
        f"<p><span><b>{parameters:,}</b> parameters</span>{note}"
        "<small>bars: logarithm of the width</small></p></div>"
    )
