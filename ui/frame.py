"""The frame of every page: title, icon, and the styles that Streamlit's theme does not cover."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

import streamlit as st
from PIL import Image, ImageDraw
from streamlit.navigation.page import StreamlitPage

from aecore.backend import max_concurrent_runs
from aecore.errors import LabError
from aecore.runs.history import most_bytes
from ui import session, theme
from ui.words import error_text

SHEETS = sorted((Path(__file__).parent / "static").glob("*.css"))
RULES = "\n".join(sheet.read_text() for sheet in SHEETS)
STYLE = f"<style>{theme.custom_properties()}\n{RULES}</style>"


def setup_page(page: StreamlitPage) -> None:
    """Call once a script run, before the page."""
    session.arrive(page.url_path)
    st.set_page_config(page_title=f"{page.title} · Autoencoder Lab", page_icon=_mark())
    st.html(STYLE)
    st.logo(_mark(), size="large")
    try:
        max_concurrent_runs()
        most_bytes()
    except LabError as error:  # a server setting is wrong, and no page works without it
        st.error(error_text(error))
        st.stop()


@lru_cache(maxsize=1)
def _mark() -> bytes:
    """The lab's mark (wide, narrow, wide) as a PNG.

    A Material icon's name would be looked up on another company's server.
    """
    mark = Image.new("RGBA", (512, 512))
    pen = ImageDraw.Draw(mark)
    pen.polygon([(32, 48), (224, 192), (224, 320), (32, 464)], fill=theme.WEIGHTS)
    pen.polygon([(480, 48), (288, 192), (288, 320), (480, 464)], fill=theme.WEIGHTS)
    pen.rounded_rectangle([216, 168, 296, 344], 24, fill=theme.CODINGS)
    png = io.BytesIO()
    mark.resize((128, 128), Image.Resampling.LANCZOS).save(png, format="PNG")
    return png.getvalue()
