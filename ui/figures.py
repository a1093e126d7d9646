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
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

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
RUN_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe and Ito, 2008: apart for every eye
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
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


def drawing(sizes: Sequence[int], parameters: int, *, words: tuple[str, str, str], codings: int, tied: bool = False, note: str = "") -> str:
    """HTML of the network: a bar a layer (height by the logarithm of its width), the codings, at index `codings`, in the accent colour.

    words: what stands under encoder, codings and decoder. tied: the decoder is drawn as the encoder's shadow. note: beside the number of parameters.
    """
    top = math.log10(max(sizes) + 1)
    heights = [20 + 80 * math.log10(size + 1) / top for size in sizes]  # percent
    parts = []
    for i, (size, height) in enumerate(zip(sizes, heights, strict=True)):
        kind = "codings" if i == codings else "layer"
        parts.append(f'<div class="bar {kind}"><i style="height:{height:.0f}%"></i><span>{size:,}</span></div>')
        if i + 1 < len(sizes):
            here, there = (h / 2 for h in (height, heights[i + 1]))
            shape = f"polygon(0 {50 - here:.1f}%, 100% {50 - there:.1f}%, 100% {50 + there:.1f}%, 0 {50 + here:.1f}%)"
            side = "enc" if i < codings else "dec tied" if tied else "dec"
            parts.append(f'<div class="fan {side}" style="clip-path:{shape}"></div>')
    label = f"Network {' - '.join(f'{size:,}' for size in sizes)} with {parameters:,} parameters"
    under = "".join(f"<span>{html.escape(word)}</span>" for word in words)
    note = f"<small>{html.escape(note)}</small>" if note else ""
    return (
        f'<div class="lab-drawing"><div><div class="net" role="img" aria-label="{html.escape(label)}">{"".join(parts)}</div>'
        f'<div class="words">{under}</div></div>'
        f"<p><span><b>{parameters:,}</b> parameters</span>{note}<small>bars: logarithm of the width</small></p></div>"
    )


@dataclass(frozen=True)
class Curve:
    """A line of a chart: a name and its values, each at a step."""

    name: str
    steps: Sequence[float]
    values: Sequence[float]


def compare_curves(curves: Sequence[Curve]) -> Figure:
    """Figure of several runs' pixel errors over their steps; told apart by colour and dash, each value told only where its run has one."""
    figure = _figure("Training step", "Squared error per pixel, validation")
    for curve, colour, dash in zip(curves, RUN_COLOURS, DASHES, strict=False):
        figure.add_scatter(
            x=list(curve.steps), y=list(curve.values), name=curve.name, mode="lines+markers", line={"color": colour, "dash": dash, "width": 2},
            marker={"size": 4}, hovertemplate="%{y:.5g}",
        )  # fmt: skip
    figure.update_yaxes(type="log", dtick="D1", exponentformat="power", minexponent=4)
    figure.update_xaxes(rangemode="tozero", hoverformat=",.0f", unifiedhovertitle={"text": "step %{x:,.0f}"})
    figure.update_layout(hovermode="x unified", legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}, margin={"t": 60})
    return figure


def histogram(values: Array, target: float, title: str, of: str = "unit") -> Figure:
    """Figure of a histogram of one value for each `of`, with the target as a dashed line. title: of the values' axis, with their unit."""
    low = 0.04 * math.floor(min(0.0, float(values.min())) / 0.04)
    high = 0.04 * math.ceil(max(float(values.max()), min(1.0, 1.5 * target)) / 0.04)
    counts, edges = np.histogram(values, bins=40, range=(low, high))
    told = [f"{a:.3f} to {b:.3f}: {n:,} {of}{'' if n == 1 else 's'}" for n, a, b in zip(counts, edges, edges[1:], strict=False)]
    figure = _figure(title, f"Number of {of}s")
    figure.add_bar(
        x=((edges[:-1] + edges[1:]) / 2).tolist(), y=counts.tolist(), width=float(edges[1] - edges[0]), hovertext=told, hoverinfo="text",
        marker={"color": TERM_COLOURS["sparsity_loss"]},
    )  # fmt: skip
    figure.add_vline(x=target, line={"dash": "dash", "width": 2}, annotation={"text": f"target {target:g}", "y": 1.0, "yanchor": "bottom"})
    figure.update_layout(bargap=0.05, showlegend=False)
    return figure


def _figure(x: str, y: str) -> Figure:
    """An empty figure with titled axes. What follows the page's theme, the chart component adds."""
    from plotly.graph_objects import Figure  # here, because it takes 0.1 s and 19 MB that a page without a chart need not pay

    layout = {"template": "none", "margin": {"l": 70, "r": 16, "t": 40, "b": 50}, "uirevision": "kept"}
    return Figure(layout=layout | {"xaxis": {"title": {"text": x}}, "yaxis": {"title": {"text": y}}})
