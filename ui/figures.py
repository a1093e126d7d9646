"""Arrays in, figure out: pictures, drawings and charts. Imports no streamlit.

The colour rule, everywhere: blue is positive, orange is negative, and each loss term has one colour on every chart.
"""

from __future__ import annotations

import base64
import html
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Array = np.ndarray

POSITIVE, NEGATIVE = (36, 99, 201), (232, 119, 22)
# Okabe and Ito, 2008: apart for every eye. Where one is too pale for its background, the chart component darkens or lightens it.
BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY = RUN_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
INK = None  # the page's own, black or white: for the loss, the sum of the terms, and for what is no line of the network's
TERM_COLOURS = {"reconstruction_loss": BLUE, "weight_decay": ORANGE, "mse": VERMILION, "loss": INK}
OWN_COLOURS = (GREEN, PURPLE, SKY)  # of the terms that a variant adds, in turn
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star", "triangle-down", "pentagon", "cross", "hexagram")
DASHES = ("solid", "dash", "12px,2px", "dashdot", "longdash", "longdashdot")  # no dots: those are the references
CLASS_COLOURS = (
    *RUN_COLOURS,
    "#F0E442",
    INK,
    "#8C564B",
    "#999999",
)  # the eight, black being the page's ink, and two more; each with a mark of its own


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
            side = "" if i < codings else "dec tied" if tied else "dec"
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
    """A line of a chart: a name and its values, each at a step; and the name and value of what it is compared with."""

    name: str
    steps: Sequence[float]
    values: Sequence[float]
    reference: tuple[str, float] | None = None


def compare_curves(curves: Sequence[Curve]) -> Figure:
    """Figure of several runs' pixel errors over their steps, told apart by colour, dash and mark; their references are dotted lines."""
    figure = _figure("Training step", "Squared error per pixel, validation")
    for curve, colour, dash, symbol in zip(curves, RUN_COLOURS, DASHES, SYMBOLS, strict=False):
        figure.add_scatter(
            x=list(curve.steps), y=list(curve.values), name=curve.name, mode="lines+markers", line={"color": colour, "dash": dash, "width": 2},
            marker={"color": colour, "symbol": symbol, "size": 6, "maxdisplayed": 20},
        )  # fmt: skip
    end = max((step for curve in curves for step in curve.steps), default=1)
    references: dict[str, tuple[float, str]] = {}
    for curve, colour in zip(curves, RUN_COLOURS, strict=False):
        if curve.reference:
            references.setdefault(curve.reference[0], (curve.reference[1], colour))
    for name, (error, colour) in references.items():
        line = {"dash": "dot", "width": 1.5, "color": colour if len(references) > 1 else INK}
        figure.add_scatter(x=[0, end], y=[error, error], name=name, mode="lines", line=line, hoverinfo="skip")
    return _over_steps(figure)


def loss_curves(units: Mapping[str, str], *, pixels: bool, reference: str = "") -> Figure:
    """Figure of a training's losses over its steps, the lines yet empty: whoever follows the training fills each by its `meta`.

    units: of each term of the loss, by name. pixels: True draws the validation images' squared error too, where no term is that. reference: what to call
    the line of a fixed error, on the pixels' axis. Each unit has an axis of its own. The loss itself is drawn if it has several terms;
    if these have several units, so that it would need a third axis, it is hidden until its name is clicked.
    """
    whole = " + ".join(dict.fromkeys(units.values()))
    lines = [*units.items(), *([("mse", "squared pixels")] if pixels else []), *([("loss", whole)] if len(units) > 1 else [])]
    axes = {unit: f"y{i + 1 if i else ''}" for i, unit in enumerate(dict.fromkeys(unit for _, unit in lines))}
    figure = _figure("Training step", f"Loss ({next(iter(axes))})")
    for unit, axis in list(axes.items())[1:]:
        title = "pixel error" if unit == "squared pixels" else next(name for name, own in lines if own == unit).replace("_", " ")
        figure.update_layout({f"yaxis{axis[1:]}": {
            "title": {"text": _broken(f"{title.capitalize()} ({unit})")}, "overlaying": "y", "side": "right", "showgrid": False, "tickmode": "auto",
            **({"anchor": "free", "autoshift": True} if axis > "y2" else {}),
        }})  # fmt: skip
    own = [name for name, _ in lines if name not in TERM_COLOURS]
    colours = TERM_COLOURS | dict(zip(own, cycle(OWN_COLOURS), strict=False))
    spare = zip([colour for colour in OWN_COLOURS if colour not in colours.values()], SYMBOLS[len(lines) :], strict=False)
    figure.update_layout(meta={"spare": list(spare)})  # colours and marks for terms of no declared unit
    for (name, unit), symbol in zip(lines, SYMBOLS, strict=False):
        words = {"mse": "pixel error"}.get(name, name.replace("_", " "))
        for split in ("training", "validation"):
            if (name, split) in (("mse", "training"), ("weight_decay", "validation")):
                continue  # not measured; the same for any images
            figure.add_scatter(
                x=[], y=[], name=words if split == "training" or name == "mse" else "validation", mode="lines+markers", yaxis=axes[unit],
                line={"color": colours[name], "dash": "solid" if split == "training" else "dash", "width": 2},
                marker={"color": colours[name], "symbol": symbol, "size": 6, "maxdisplayed": 8 if split == "validation" else 4}, legendgroup=name,
                meta={"term": name, "split": split, "words": f"{words}{', validation' if split == 'validation' else ''}"},
                visible=_at_first(axes[unit]),
            )  # fmt: skip
    if reference:
        pixels_axis = axes["squared pixels" if pixels else units["reconstruction_loss"]]
        figure.add_scatter(
            x=[], y=[], name=reference, mode="lines", yaxis=pixels_axis, line={"dash": "dot", "width": 1.5}, hoverinfo="skip", meta={"reference": True, "words": f"{reference}, validation"}, legendgroup="mse" if pixels else None,
            visible=_at_first(pixels_axis),
        )  # fmt: skip
    figure.update_layout(margin={"t": 8, "b": 40})
    return _over_steps(figure)


def _broken(title: str) -> str:
    """An axis title on as many lines as it needs beside a plot of the usual height."""
    return title.replace(" + ", "<br>+ ") if " + " in title or len(title) <= 30 else title.replace(" (", "<br>(", 1)


def _at_first(axis: str) -> bool | str:
    """Whether a line is drawn before its name was clicked: a chart has room for two axes."""
    return True if axis in ("y", "y2") else "legendonly"


def _over_steps(figure: Figure) -> Figure:
    """Losses against steps, their sizes as logarithms."""
    figure.update_yaxes(type="log", tickformat="~g")  # how many ticks, the chart component says
    figure.update_xaxes(tickangle=0, rangemode="tozero")
    figure.update_layout(hovermode="x unified")  # the chart component reads all lines together, those that have a value just there
    return figure


def codings(places: Array, labels: Array, names: Sequence[str], axes: tuple[str, str]) -> Figure:
    """Figure of where inputs lie among the codings: places [n, 2], labels [n], the names of the classes and of the two axes.

    A class has its colour, its mark, and its name at the median of its places; a click on its name beside the chart hides it. `customdata`
    is the input's row.
    """
    figure = _figure(*axes)
    for label, name in enumerate(names):
        rows = np.flatnonzero(labels == label)
        x, y = places[rows].T
        mark = {"color": CLASS_COLOURS[label % len(CLASS_COLOURS)], "symbol": SYMBOLS[label % len(SYMBOLS)], "size": 7}
        said = f"{name}; {axes[1]}" if len(names) > 1 else axes[1]
        figure.add_scatter(
            x=x.tolist(), y=y.tolist(), customdata=rows.tolist(), name=name, mode="markers", marker=mark, opacity=0.75, legendgroup=name,
            hovertemplate=f"{name}: %{{x:.3~g}}, %{{y:.3~g}}<extra></extra>", meta={"words": said},
        )  # fmt: skip
        if len(names) > 1 and len(rows):
            figure.add_scatter(
                x=[float(np.median(x))], y=[float(np.median(y))], text=[f"<b>{name}</b>"], mode="text", textfont={"size": 15, "shadow": "auto"}, legendgroup=name,
                showlegend=False, hoverinfo="skip",
            )  # fmt: skip
    figure.update_layout(hovermode="closest", showlegend=len(names) > 1)
    figure.update_xaxes(zeroline=False).update_yaxes(zeroline=False)
    return figure


def histogram(values: Array, target: float, title: str, of: str = "unit", log: bool = False) -> Figure:
    """Figure of a histogram of one value for each `of`, with the target as a dashed line. title: of the values' axis, with their unit. log: count on a
    logarithmic axis, if most values are in one bar.
    """
    low = 0.04 * math.floor(min(0.0, float(values.min())) / 0.04)
    high = 0.04 * math.ceil(max(float(values.max()), min(1.0, 1.5 * target)) / 0.04)
    counts, edges = np.histogram(values, bins=40, range=(low, high))
    told = [f"{a:.3f} to {b:.3f}: {n:,} {of}{'' if n == 1 else 's'}" for n, a, b in zip(counts, edges, edges[1:], strict=False)]
    figure = _figure(title, f"Number of {of}s")
    figure.add_bar(
        x=((edges[:-1] + edges[1:]) / 2).tolist(), y=counts.tolist(), width=float(edges[1] - edges[0]), hovertext=told, hoverinfo="text",
        marker={"color": GREEN},
    )  # fmt: skip
    figure.add_vline(x=target, line={"dash": "dash", "width": 2}, annotation={"text": f"target {target:g}", "y": 1.0, "yanchor": "bottom"})
    figure.update_layout(bargap=0.05, showlegend=False)
    return figure.update_yaxes(type="log", tickformat="~s", nticks=4) if log else figure


def scene(points: Array, mean: Array, axes: Array) -> Figure:
    """Figure of points [n, 3] in space with what PCA's axes [k, 3] span about their mean, and place for what the network learns: its plane (`meta`
    "learned") and the way from each point to where it is put ("misses"), which the live view fills. With three axes or more nothing is left out by
    either, so that there is no plane to draw, and the figure says so.
    """
    from plotly.graph_objects import Figure

    figure = Figure(layout={"template": "none", "margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "uirevision": "kept"})
    where = "%{x:.2f}, %{y:.2f}, %{z:.2f}"
    x, y, z = points.T.tolist()
    figure.add_scatter3d(x=x, y=y, z=z, name="points", mode="markers", marker={"size": 2.5}, hovertemplate=f"point {where}<extra></extra>")
    figure.add_scatter3d(
        x=[], y=[], z=[], name="from each point to its copy", mode="lines", line={"width": 2}, opacity=0.5, hoverinfo="skip", meta="misses"
    )
    if len(axes) < 3:
        kind = "line" if len(axes) == 1 else "plane"
        signs = np.array([[-1], [1]] if len(axes) == 1 else [[-1, -1], [1, -1], [1, 1], [-1, 1]])
        corners = mean + 1.35 * signs @ axes  # [2 or 4, 3]
        for name, places, colour, meta in (("PCA's", corners, ORANGE, "pca"), ("learned", np.empty((0, 3)), BLUE, "learned")):
            x, y, z = places.T.tolist()
            if kind == "line":
                figure.add_scatter3d(
                    x=x, y=y, z=z, name=f"{name} line", mode="lines", line={"color": colour, "width": 6}, hoverinfo="skip", meta=meta
                )
            else:
                figure.add_mesh3d(
                    x=x, y=y, z=z, i=[0, 0], j=[1, 2], k=[2, 3], name=f"{name} plane", color=colour, opacity=0.35, hoverinfo="skip", showlegend=True,
                    lighting={"ambient": 1, "diffuse": 0}, meta=meta,
                )  # fmt: skip
    else:
        text = "With as many codings as inputs nothing need be left out:<br>every point can be rebuilt, and there is no plane to compare."
        figure.add_annotation(text=text, x=0.5, y=1, xref="paper", yref="paper", showarrow=False, yanchor="top")
    figure.update_layout(
        scene={f"{name}axis": {"title": {"text": f"input {i}"}, "nticks": 5} for i, name in enumerate("xyz", 1)}
        | {"aspectmode": "data", "camera": {"eye": {"x": 1.25, "y": -1.8, "z": 0.9}, "center": {"x": 0, "y": 0, "z": -0.15}}}
    )  # fmt: skip
    return figure


def _figure(x: str, y: str) -> Figure:
    """An empty figure with titled axes. What follows the page's theme, the chart component adds."""
    from plotly.graph_objects import Figure  # here, because it takes 0.1 s and 19 MB that a page without a chart need not pay

    layout = {"template": "none", "margin": {"l": 62, "r": 20, "t": 0, "b": 50}, "uirevision": "kept"}
    return Figure(layout=layout | {"xaxis": {"title": {"text": x}}, "yaxis": {"title": {"text": y}}})
