"""The one component that draws a Plotly figure.

`st.plotly_chart` replaces its element at every change of data and has no tab stop; this keeps both element and zoom, reads values by
keyboard, and loads the library once a page, when a chart comes near.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from ui import plotly_js

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "lab_chart",
    html=(_HERE / "chart.html").read_text(),
    css=(_HERE / "chart.css").read_text(),
    js=(_HERE / "chart.js").read_text(),
)


def chart(figure: Figure, *, key: str, words: str, height: int = 320) -> None:
    """A figure as wide as its place and `height` pixels high. words: what it shows, for a screen reader and as the name of its PNG."""
    data = {"figure": figure.to_json(), "library": plotly_js.ROUTE, "words": words, "height": height}
    _mount(data=[data], key=key)  # in a list, because Streamlit imports pandas to look for data frames among a dict's values
