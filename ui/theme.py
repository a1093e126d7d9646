"""The colours of every picture and chart, written once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


POSITIVE, NEGATIVE = (36, 99, 201), (232, 119, 22)
# Okabe and Ito, 2008: apart for every eye. Where one is too pale for its background, the chart component darkens or lightens it.
BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY = RUN_COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
)
INK = None  # the page's own, black or white: for the loss, the sum of the terms, and for what is no line of the network's
TERM_COLOURS = {"reconstruction_loss": BLUE, "weight_decay": ORANGE, "mse": VERMILION, "loss": INK}
OWN_COLOURS = (GREEN, PURPLE, SKY)  # of the terms that a variant adds, in turn
SYMBOLS = (
    "circle",
    "square",
    "diamond",
    "triangle-up",
    "x",
    "star",
    "triangle-down",
    "pentagon",
    "cross",
    "hexagram",
)
DASHES = (
    "solid",
    "dash",
    "12px,2px",
    "dashdot",
    "longdash",
    "longdashdot",
)  # no dots: those are the references
CLASS_COLOURS = (
    *RUN_COLOURS,
    "#F0E442",
    INK,
    "#8C564B",
    "#999999",
)  # the eight, black being the page's ink, and two more; each with a mark of its own
