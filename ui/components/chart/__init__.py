"""The one component that draws a Plotly figure.

`st.plotly_chart` replaces its element at every change of data and has no tab stop. This component
keeps the element and the zoom, reads values by keyboard, and loads plotly.js once a page, when a
chart comes into view.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from ui import addresses
from ui.components.bundle import bundle
from ui.components.packing import pack

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_HERE = Path(__file__).parent
HTML, CSS = (_HERE / "chart.html").read_text(), (_HERE / "chart.css").read_text()
_mount = st.components.v2.component("lab_chart", html=HTML, css=CSS, js=bundle(_HERE / "chart.js"))
_ahead = st.components.v2.component("lab_chart_ahead", js=bundle(_HERE / "ahead.js"))


def bring_library(*, start: bool) -> None:
    """Makes the browser fetch plotly.js once the page is drawn and idle.

    start: also runs it, for pages where a chart is likely. Running it would stop sliders for 0.5 s.
    """
    _ahead(data=[{"library": addresses.PLOTLY_ROUTE, "start": start}], key="chart.ahead")


def chart(figure: Figure, *, key: str, words: str, height: int = 320) -> None:
    """Draws a figure as wide as its container and `height` pixels high.

    words: what it shows, for a screen reader and as the name of its PNG.
    """
    header = {
        "figure": figure.to_json(),
        "library": addresses.PLOTLY_ROUTE,
        "words": words,
        "name": words,
        "height": height,
    }
    _mount(data=pack(header, {}), key=key)
