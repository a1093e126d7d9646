"""Charts of codings, of activations and of points in space."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

from ui.theme import BLUE, GREEN, ORANGE

Array = np.ndarray


def histogram(
    values: Array, target: float, title: str, of: str = "unit", log: bool = False
) -> Figure:
    """Figure of a histogram, with the target as a dashed line.

    title: of the values' axis, with their unit. of: what has one value each. log: counts on a
    logarithmic axis, for values that are mostly in one bar.
    """
    low = 0.04 * math.floor(min(0.0, float(values.min())) / 0.04)
    high = 0.04 * math.ceil(max(float(values.max()), min(1.0, 1.5 * target)) / 0.04)
    counts, edges = np.histogram(values, bins=40, range=(low, high))
    hover = [
        f"{a:.3f} to {b:.3f}: {n:,} {of}{'' if n == 1 else 's'}"
        for n, a, b in zip(counts, edges, edges[1:], strict=False)
    ]
    figure = base_figure(title, f"Number of {of}s")
    figure.add_bar(
        x=((edges[:-1] + edges[1:]) / 2).tolist(),
        y=counts.tolist(),
        width=float(edges[1] - edges[0]),
        hovertext=hover,
        hoverinfo="text",
        marker={"color": GREEN},
    )
    figure.add_vline(
        x=target,
        line={"dash": "dash", "width": 2},
        annotation={"text": f"target {target:g}", "y": 1.0, "yanchor": "bottom"},
    )
    figure.update_layout(bargap=0.05, showlegend=False)
    return figure.update_yaxes(type="log", tickformat="~s", nticks=4) if log else figure


def bars(x: str, y: str) -> Figure:
    """Figure of bars, which the page fills: `x`, `y` and `hovertext`. x, y: titles of the axes."""
    figure = base_figure(x, y).add_bar(x=[], y=[], hoverinfo="text", marker={"color": GREEN})
    margin = {"l": 52, "r": 8, "b": 42, "t": 4}
    return figure.update_layout(bargap=0.1, showlegend=False, margin=margin)


def shares(values: Array, title: str, unit: str) -> Figure:
    """Figure of a bar for each coding, the largest first. title: of the values' axis."""
    order = np.argsort(-values, kind="stable")
    figure = base_figure("Codings, the largest first", title)
    figure.add_bar(
        x=list(range(1, len(values) + 1)),
        y=values[order].tolist(),
        hovertext=[f"coding {i + 1}: {values[i]:.3g} {unit}" for i in order],
        hoverinfo="text",
        marker={"color": GREEN},
    )
    figure.update_xaxes(dtick=max(1, round(len(values) / 10)))  # no half codings
    return figure.update_layout(bargap=0.1, showlegend=False)


def scene(points: Array, mean: Array, axes: Array) -> Figure:
    """Figure of points [n, 3] in space, with the plane or line that PCA's axes [k, 3] span.

    Two empty traces are filled by the live view: the network's plane (`meta` "learned") and the
    lines from each point to its copy ("misses"). With three axes or more there is no plane to
    draw, and the figure says so.
    """
    from plotly.graph_objects import Figure

    figure = Figure(
        layout={
            "template": "none",
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "uirevision": "kept",
        }
    )
    where = "%{x:.2f}, %{y:.2f}, %{z:.2f}"
    x, y, z = points.T.tolist()
    figure.add_scatter3d(
        x=x,
        y=y,
        z=z,
        name="points",
        mode="markers",
        marker={"size": 2.5},
        hovertemplate=f"point {where}<extra></extra>",
    )
    figure.add_scatter3d(
        x=[],
        y=[],
        z=[],
        name="from each point to its copy",
        mode="lines",
        line={"width": 2},
        opacity=0.5,
        hoverinfo="skip",
        meta="misses",
    )
    if len(axes) < 3:
        kind = "line" if len(axes) == 1 else "plane"
        signs = np.array([[-1], [1]] if len(axes) == 1 else [[-1, -1], [1, -1], [1, 1], [-1, 1]])
        corners = mean + 1.35 * signs @ axes  # [2 or 4, 3]
        for name, places, colour, meta in (
            ("PCA's", corners, ORANGE, "pca"),
            ("learned", np.empty((0, 3)), BLUE, "learned"),
        ):
            x, y, z = places.T.tolist()
            if kind == "line":
                figure.add_scatter3d(
                    x=x,
                    y=y,
                    z=z,
                    name=f"{name} line",
                    mode="lines",
                    line={"color": colour, "width": 6},
                    hoverinfo="skip",
                    meta=meta,
                )
            else:
                figure.add_mesh3d(
                    x=x,
                    y=y,
                    z=z,
                    i=[0, 0],
                    j=[1, 2],
                    k=[2, 3],
                    name=f"{name} plane",
                    color=colour,
                    opacity=0.35,
                    hoverinfo="skip",
                    showlegend=True,
                    lighting={"ambient": 1, "diffuse": 0},
                    meta=meta,
                )
    else:
        text = (
            "With as many codings as inputs nothing need be left out:<br>"
            "every point can be rebuilt, and there is no plane to compare."
        )
        figure.add_annotation(
            text=text, x=0.5, y=1, xref="paper", yref="paper", showarrow=False, yanchor="top"
        )
    figure.update_layout(
        scene={
            f"{name}axis": {"title": {"text": f"input {i}"}, "nticks": 5}
            for i, name in enumerate("xyz", 1)
        }
        | {
            "aspectmode": "data",
            "camera": {
                "eye": {"x": 1.5, "y": -2.16, "z": 1.08},  # so far that no axis title is cut off
                "center": {"x": 0, "y": 0, "z": -0.15},
            },
        }
    )
    return figure


def base_figure(x: str, y: str) -> Figure:
    """An empty figure with titled axes. The chart component adds the page's theme."""
    # Imported here: it takes 0.1 s and 19 MB, which a page without a chart saves.
    from plotly.graph_objects import Figure

    layout = {
        "template": "none",
        "margin": {"l": 62, "r": 20, "t": 0, "b": 50},
        "uirevision": "kept",
    }
    return Figure(
        layout=layout | {"xaxis": {"title": {"text": x}}, "yaxis": {"title": {"text": y}}}
    )
