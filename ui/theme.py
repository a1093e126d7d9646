"""The colours of every picture, chart and stylesheet, written once.

Stylesheets read them as `var(--lab-…)`. Only `.streamlit/config.toml` has copies, for Streamlit's
own theme.
"""

from __future__ import annotations


def _rgb(colour: str) -> tuple[int, int, int]:
    """ "#2463c9" as red, green and blue."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


ACCENT = "#2463c9"  # also the primary colour of Streamlit's light theme
WEIGHTS = "#3b7ddd"  # a network's layers, and sliders above their resting position
CODINGS = "#e87716"  # the codings, and sliders below it
CSS = {
    "accent": ACCENT,
    "accent-hover": "#1b54b0",
    "weights": WEIGHTS,
    "codings": CODINGS,
    "layer": "#6b7a90",
    "running": "#2a9d5c",
    "paused": "#b08900",
    "failed": "#d1495b",
    # A saved picture is for paper, whatever the page's theme.
    "printed-ink": "#17202e",
    "printed-paper": "#ffffff",
    "printed-grid": "#d8dfea",
}
POSITIVE, NEGATIVE = _rgb(ACCENT), _rgb(CODINGS)  # of signed images

# Okabe and Ito, 2008: distinct for colour-blind readers too. If one is too pale for the page's
# background, the chart component darkens or lightens it.
RUN_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY = RUN_COLOURS
INK = None  # black or white, as the page's text: for the loss, and for what no network produced
TERM_COLOURS = {"reconstruction_loss": BLUE, "weight_decay": ORANGE, "mse": VERMILION, "loss": INK}
OWN_COLOURS = (GREEN, PURPLE, SKY)  # in turn, for the terms that a variant adds
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
# No dots: those are for reference lines.
DASHES = ("solid", "dash", "12px,2px", "dashdot", "longdash", "longdashdot")
# Okabe and Ito's eight, with the page's ink for their black, and two more.
CLASS_COLOURS = (*RUN_COLOURS, "#F0E442", INK, "#8C564B", "#999999")


def custom_properties() -> str:
    """The CSS rule that gives every stylesheet, also inside shadow roots, these colours."""
    return f":root {{ {' '.join(f'--lab-{name}: {colour};' for name, colour in CSS.items())} }}"
