"""Charts of losses over the training's steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

from ui.figures.charts import base_figure
from ui.theme import DASHES, INK, OWN_COLOURS, RUN_COLOURS, SYMBOLS, TERM_COLOURS


@dataclass(frozen=True)
class Curve:
    """One line of a chart: its name, its values and their steps.

    reference: name and value of what it is compared with.
    """

    name: str
    steps: Sequence[float]
    values: Sequence[float]
    reference: tuple[str, float] | None = None


def compare_curves(curves: Sequence[Curve], each: str = "pixel") -> Figure:
    """Figure of several runs' squared errors over their steps. each: what the error is a mean over.

    Runs differ in colour, dash and mark. Their references are dotted lines.
    """
    figure = base_figure("Training step", f"Squared error per {each}, validation")
    for curve, colour, dash, symbol in zip(curves, RUN_COLOURS, DASHES, SYMBOLS, strict=False):
        figure.add_scatter(
            x=list(curve.steps),
            y=list(curve.values),
            name=curve.name,
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2},
            marker={"color": colour, "symbol": symbol, "size": 6, "maxdisplayed": 20},
        )
    end = max((step for curve in curves for step in curve.steps), default=1)
    references: dict[str, tuple[float, str]] = {}
    for curve, colour in zip(curves, RUN_COLOURS, strict=False):
        if curve.reference:
            references.setdefault(curve.reference[0], (curve.reference[1], colour))
    for name, (error, colour) in references.items():
        line = {"dash": "dot", "width": 1.5, "color": colour if len(references) > 1 else INK}
        figure.add_scatter(
            x=[0, end], y=[error, error], name=name, mode="lines", line=line, hoverinfo="skip"
        )
    return _over_steps(figure)


def expected_term(units: Mapping[str, str]) -> str:
    """The line that a band of expected values is for: the loss, if it is in sight at first."""
    return "loss" if len(units) > 1 and len(set(units.values())) == 1 else "reconstruction_loss"


def loss_curves(
    units: Mapping[str, str], *, pixels: bool, reference: str = "", expected: bool = False
) -> Figure:
    """Figure of a training's losses over its steps, with empty lines.

    The live view fills each line by its `meta`. units: the unit of each term of the loss, by name;
    each unit has an axis of its own. pixels: also draws the validation images' squared error, for a
    loss that has no such term. reference: name of the line of a fixed error, on the pixels' axis.
    expected: also draws the band in which the validation line of `expected_term` is expected.

    The loss itself is drawn if it has several terms. If these have several units, it would need a
    third axis, so it is hidden until its name is clicked.
    """
    whole = " + ".join(dict.fromkeys(units.values()))
    lines = [
        *units.items(),
        *([("mse", "squared pixels")] if pixels else []),
        *([("loss", whole)] if len(units) > 1 else []),
    ]
    axes = {
        unit: f"y{i + 1 if i else ''}"
        for i, unit in enumerate(dict.fromkeys(unit for _, unit in lines))
    }
    figure = base_figure("Training step", f"Loss ({next(iter(axes))})")
    for unit, axis in list(axes.items())[1:]:
        title = (
            "pixel error"
            if unit == "squared pixels"
            else next(name for name, own in lines if own == unit).replace("_", " ")
        )
        figure.update_layout(
            {
                f"yaxis{axis[1:]}": {
                    "title": {"text": _broken(f"{title.capitalize()} ({unit})")},
                    "overlaying": "y",
                    "side": "right",
                    "showgrid": False,
                    "tickmode": "auto",
                    **({"anchor": "free", "autoshift": True} if axis > "y2" else {}),
                }
            }
        )
    colours = term_colours(units)
    spare = zip(
        [colour for colour in OWN_COLOURS if colour not in colours.values()],
        SYMBOLS[len(lines) :],
        strict=False,
    )
    # Colours and marks for terms without a declared unit.
    figure.update_layout(meta={"spare": list(spare)})
    for (name, unit), symbol in zip(lines, SYMBOLS, strict=False):
        words = {"mse": "pixel error"}.get(name, name.replace("_", " "))
        for split in ("training", "validation"):
            if (name, split) in (("mse", "training"), ("weight_decay", "validation")):
                continue  # the first is not measured; the second is the same for any images
            figure.add_scatter(
                x=[],
                y=[],
                name=words if split == "training" or name == "mse" else "validation",
                mode="lines+markers",
                yaxis=axes[unit],
                line={
                    "color": colours[name],
                    "dash": "solid" if split == "training" else "dash",
                    "width": 2,
                },
                marker={
                    "color": colours[name],
                    "symbol": symbol,
                    "size": 6,
                    "maxdisplayed": 8 if split == "validation" else 4,
                },
                legendgroup=name,
                meta={
                    "term": name,
                    "split": split,
                    "words": f"{words}{', validation' if split == 'validation' else ''}",
                },
                visible=_at_first(axes[unit]),
            )
    if reference:
        pixels_axis = axes["squared pixels" if pixels else units["reconstruction_loss"]]
        figure.add_scatter(
            x=[],
            y=[],
            name=reference,
            mode="lines",
            yaxis=pixels_axis,
            line={"dash": "dot", "width": 1.5},
            hoverinfo="skip",
            meta={"reference": True, "words": f"{reference}, validation"},
            legendgroup="mse" if pixels else None,
            visible=_at_first(pixels_axis),
        )
    if expected:
        term = expected_term(units)
        axis = axes[whole if term == "loss" else units[term]]
        figure.add_scatter(
            x=[],
            y=[],
            name="expected (5 seeds)",
            mode="lines",
            yaxis=axis,
            fill="toself",
            # Its edge has a width, or a narrow band would not be seen behind the curve.
            line={"color": colours[term], "width": 5},
            opacity=0.3,
            zorder=-1,  # behind the lines, and named after them
            legendgroup=term,
            meta={"band": term, "words": f"{term.replace('_', ' ')}, expected (5 seeds)"},
            visible=_at_first(axis),
        )
    figure.update_layout(margin={"t": 8, "b": 40})
    return _over_steps(figure)


def term_colours(terms: Iterable[str]) -> dict[str, str | None]:
    """The colour of each term's curves, by name; of the loss and the pixels' error, too."""
    own = [name for name in terms if name not in TERM_COLOURS]
    return TERM_COLOURS | dict(zip(own, cycle(OWN_COLOURS), strict=False))


def _broken(title: str) -> str:
    """An axis title, broken into lines that fit beside a plot of the usual height."""
    return (
        title.replace(" + ", "<br>+ ")
        if " + " in title or len(title) <= 30
        else title.replace(" (", "<br>(", 1)
    )


def _at_first(axis: str) -> bool | str:
    """Whether a line is visible before its name is clicked: a chart has room for two axes."""
    return True if axis in ("y", "y2") else "legendonly"


def _over_steps(figure: Figure) -> Figure:
    """Sets the axes for losses, on a logarithmic scale, over steps."""
    figure.update_yaxes(type="log", tickformat="~g")  # the chart component sets the number of ticks
    figure.update_xaxes(tickangle=0, rangemode="tozero")
    # The chart component reads all lines together that have a value at that step.
    figure.update_layout(hovermode="x unified")
    return figure
