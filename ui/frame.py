"""What is round every page: width, title and the few styles that Streamlit's theme cannot say."""

from __future__ import annotations

from typing import Any

import streamlit as st

STYLE = """<style>
.stMainBlockContainer { padding-top: 2.6rem; padding-bottom: 4rem; max-width: 1240px; }
img { image-rendering: pixelated; }
.lab-gallery { display: flex; gap: .6rem; align-items: flex-start; }
.lab-tiles { display: flex; flex-wrap: wrap; gap: .5rem .55rem; min-width: 0; }
.lab-tiles figure { margin: 0; }
.lab-tiles img { display: block; border-radius: 4px; max-width: none; }
.lab-tiles figcaption { font-size: .72rem; opacity: .75; text-align: center; margin-top: .15rem; font-variant-numeric: tabular-nums; }
.lab-rows { display: flex; flex-direction: column; flex: none; }
.lab-rows span { display: flex; align-items: center; justify-content: flex-end; font-size: .75rem; opacity: .8; width: 5.6rem; text-align: right; line-height: 1.1; }
.lab-drawing svg { width: 100%; max-width: 640px; display: block; margin: 0 auto; }
.lab-drawing p { text-align: center; margin: 0; font-size: .9rem; }
.lab-drawing text { font-size: 12px; text-anchor: middle; fill: currentColor; opacity: .85; font-family: inherit; }
.lab-drawing text.word { opacity: .6; font-size: 11.5px; }
.lab-drawing .layer { fill: #6b7a90; }
.lab-drawing .codings { fill: #e87716; }
.lab-drawing .enc { fill: #3b7ddd; opacity: .22; }
.lab-drawing .dec { fill: #3b7ddd; opacity: .12; }
.lab-drawing .dec.tied { fill: url(#none); stroke: #3b7ddd; stroke-dasharray: 4 4; opacity: .6; }
.lab-cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: .8rem; }
.lab-key { display: inline-block; width: .7em; height: .7em; border-radius: 2px; margin: 0 .25em 0 .6em; }
@media (max-width: 640px) {
  .stMainBlockContainer { padding-left: .9rem; padding-right: .9rem; }
  .lab-rows span { width: 3.9rem; font-size: .66rem; }
}
</style>"""


def dress(page: Any) -> None:
    """Call once a run, before the page."""
    st.set_page_config(page_title=f"{page.title} · Autoencoder Lab", page_icon=":material/blur_on:", layout="wide")
    st.html(STYLE)


def is_dark() -> bool:
    """Whether the visitor's page is dark, for pictures that are drawn on the server."""
    return getattr(st.context.theme, "type", None) == "dark"
