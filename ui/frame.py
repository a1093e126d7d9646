"""What is round every page: width, title and the few styles that Streamlit's theme cannot say."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
from PIL import Image, ImageDraw

from aecore.backend import max_concurrent_runs
from aecore.errors import LabError
from ui import session
from ui.words import told

STYLE = f"<style>{(Path(__file__).parent / 'static' / 'lab.css').read_text()}</style>"


def setup_page(page: Any) -> None:
    """Call once a run, before the page."""
    session.arrive(page.url_path)
    st.set_page_config(page_title=f"{page.title} · Autoencoder Lab", page_icon=_mark())
    st.html(STYLE)
    st.logo(_mark(), size="large")
    try:
        max_concurrent_runs()
    except LabError as error:  # a setting of the server's that no page can do without
        st.error(told(error))
        st.stop()


@lru_cache(maxsize=1)
def _mark() -> bytes:
    """The lab's mark: wide, narrow, wide; as a PNG. Not an icon's name, which would be looked up on another company's server."""
    mark = Image.new("RGBA", (512, 512))
    pen = ImageDraw.Draw(mark)
    pen.polygon([(32, 48), (224, 192), (224, 320), (32, 464)], fill="#3b7ddd")
    pen.polygon([(480, 48), (288, 192), (288, 320), (480, 464)], fill="#3b7ddd")
    pen.rounded_rectangle([216, 168, 296, 344], 24, fill="#e87716")
    png = io.BytesIO()
    mark.resize((128, 128), Image.Resampling.LANCZOS).save(png, format="PNG")
    return png.getvalue()
