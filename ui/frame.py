"""What is round every page: width, title and the few styles that Streamlit's theme cannot say."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

import streamlit as st
from PIL import Image, ImageDraw

from aecore.backend import slots
from aecore.errors import LabError
from ui import session
from ui.words import told

STYLE = """<style>
.stMainBlockContainer h1 { font-size: 2.3rem; padding-top: .2rem; }
.stMainBlockContainer .st-key-head h1 { font-size: 1.7rem; padding: 0; }
.stMainBlockContainer h2 { font-size: 1.6rem; }
.stMainBlockContainer { padding: 3.9rem 3rem 4rem 2rem; max-width: 1340px; }
@media (min-width: 769px) { /* with the sidebar open there is nothing in the header but what stands in the margin */
  .stSidebar[data-collapsed=false] ~ * .stMainBlockContainer { padding-top: 1rem; }
  .stSidebar[data-collapsed=false] ~ * :is(.stAppHeader, [data-testid="stToolbar"]) { background: none; pointer-events: none; }
  .stSidebar[data-collapsed=false] ~ * .stAppHeader :is(button, a, [role="button"]) { pointer-events: auto; }
}
img { image-rendering: pixelated; }
[data-testid="stBaseButton-primary"], [data-testid="stMultiSelectTagsContainer"] [data-tag] { background-color: #2463c9; border-color: #2463c9; color: #fff; } /* in the dark too: the theme's lighter blue has a contrast of 3.2 */
[data-testid="stBaseButton-primary"]:hover { background-color: #1b54b0; border-color: #1b54b0; color: #fff; }
.stButtonGroup button:is([data-selected="true"], [data-testid$="Active"]):hover { color: inherit !important; transition: none; } /* 4.3 and 4.25 */
[data-testid="stCode"] .token.token { color: inherit; } /* the highlighter's own colours have 2.6 */
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p { color: inherit; }
[data-testid="stCaptionContainer"] { opacity: .8; }
[data-testid="stStatusWidget"] button { display: none; } /* Streamlit's own Stop, which would break off the drawing of the page, not a training */
.stMainBlockContainer [data-testid="stPageLink-NavLink"] { padding-left: 0; } /* in line with the text below it */
[data-testid="stSidebarNavLink"]:focus-visible, [data-testid="stPageLink-NavLink"]:focus-visible { outline: 2px solid currentColor; outline-offset: -2px; }
.lab-gallery { display: flex; gap: .6rem; align-items: flex-start; }
.lab-tiles { display: flex; flex-wrap: wrap; gap: .5rem .55rem; min-width: 0; }
.lab-tiles figure { margin: 0; }
.lab-tiles img { display: block; border-radius: 4px; max-width: none; }
.lab-tiles figcaption { font-size: .72rem; opacity: .75; text-align: center; margin-top: .15rem; font-variant-numeric: tabular-nums; }
.lab-rows { display: flex; flex-direction: column; flex: none; }
.lab-rows span { display: flex; align-items: center; justify-content: flex-end; font-size: .75rem; opacity: .8; width: 6.4rem; text-align: right; line-height: 1.1; overflow: hidden; }
.lab-drawing { display: flex; align-items: center; gap: 1.2rem; height: 70px; }
.lab-drawing > div { flex: 1; min-width: 0; max-width: 560px; }
.lab-drawing .net { display: flex; height: 56px; }
.lab-drawing .bar { flex: none; width: 16px; height: 40px; display: flex; align-items: center; position: relative; }
.lab-drawing .bar i { display: block; width: 100%; border-radius: 3px; background: #6b7a90; }
.lab-drawing .bar.codings i { background: #e87716; }
.lab-drawing .bar span { position: absolute; top: 41px; left: 50%; transform: translateX(-50%); font-size: .72rem; line-height: 15px; font-variant-numeric: tabular-nums; }
.lab-drawing .bar:first-child span { left: 0; transform: none; }
.lab-drawing .bar:last-child span { left: auto; right: 0; transform: none; }
.lab-drawing .fan { flex: 1; height: 40px; background: #3b7ddd; opacity: .28; }
.lab-drawing .fan.dec { opacity: .17; }
.lab-drawing .fan.tied { opacity: 1; background: repeating-linear-gradient(45deg, rgb(59 125 221 / .35) 0 2px, transparent 2px 8px); }
.lab-drawing .words { display: flex; justify-content: space-between; gap: .6rem; font-size: .72rem; line-height: 14px; opacity: .8; white-space: nowrap; }
.lab-drawing .words span { flex: 1; text-align: center; } .lab-drawing .words span:first-child { text-align: left; } .lab-drawing .words span:last-child { text-align: right; }
.lab-drawing p { flex: none; width: 9.5rem; margin: 0; font-size: .85rem; line-height: 1.25; }
.lab-drawing p > * { display: block; } .lab-drawing small { font-size: .72rem; opacity: .8; }
.lab-key { white-space: nowrap; margin-left: .6em; } .lab-key i { display: inline-block; width: .7em; height: .7em; border-radius: 2px; margin-right: .25em; }
.st-key-settings { font-size: .9rem; }
.st-key-settings [data-testid="stWidgetLabel"] { min-height: 1.3rem; margin-bottom: .1rem; }
.st-key-settings .stSlider { margin-bottom: -.3rem; } .st-key-settings .stSlider [data-testid="stWidgetLabel"] { margin-bottom: 0; }
.st-key-settings .stButtonGroup button { padding-left: .65rem; padding-right: .65rem; min-height: 1.85rem; height: 1.85rem; }
.st-key-settings [data-testid="stCaptionContainer"] p { font-size: .8rem; line-height: 1.35; }
.st-key-fold > .stElementContainer p { line-height: 1.45; }
.st-key-fold summary, .st-key-fold summary * { color: inherit; opacity: 1; }
.st-key-fold summary { padding: 0; height: 1.6rem; }
.st-key-fold > :last-child { min-height: 1.6rem; } /* as high folded as without a run: Train moves nothing */
.st-key-bench { margin-top: -.4rem; }
.st-key-steer { min-height: 3.9rem; position: relative; }
.st-key-steer button { padding-left: .55rem; padding-right: .6rem; }
.st-key-steer > :has(> .st-key-focus) { position: absolute; }
.st-key-steer .stSlider [data-testid="stWidgetLabel"] { min-height: 1.2rem; margin-bottom: 0; }
.st-key-steer .stSlider [data-testid="stWidgetLabel"] p { font-size: .8rem; white-space: nowrap; }
.st-key-told { min-height: 1.45rem; }
@media (min-width: 1001px) { .st-key-told p { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; } }
@media (max-width: 1240px) { .st-key-steer { min-height: 6.7rem; } } /* two lines */
@media (max-width: 1000px) { /* the prose, Train and what it shows, then the settings; for the eyes and for the tab key */
  .st-key-bench { flex-direction: column; reading-flow: flex-visual; }
  .st-key-bench > :has(> .st-key-work) { order: -1; }
  .st-key-bench > *, .st-key-settings { width: 100% !important; }
  .st-key-work { reading-flow: flex-visual; }
  .st-key-work > :has(> .st-key-lesson) { order: -1; }
}
@media (prefers-reduced-motion: reduce) { *, ::before, ::after { animation-duration: .01ms !important; animation-iteration-count: 1 !important; transition-duration: .01ms !important; scroll-behavior: auto !important; } }
@media (max-width: 640px) {
  .st-key-steer button { padding-left: .4rem; padding-right: .45rem; }
  .st-key-steer kbd { display: none; } /* there are no keys, and the four buttons of a pause fit a line */
  .st-key-steer > * > .stHorizontalBlock { gap: 6px; }
  .lab-drawing { flex-wrap: wrap; gap: .2rem; height: auto; }
  .lab-drawing > div { flex-basis: 100%; }
  .lab-drawing .words { white-space: normal; }
  .lab-drawing p { flex: 1; width: auto; } .lab-drawing p > * { display: inline; margin-right: .6rem; }
  .stMainBlockContainer { padding-left: .9rem; padding-right: .9rem; }
  [class*="st-key-row"] { gap: .5rem; }
  [class*="st-key-row"] > :first-child { flex: 1 1 100%; }
  [class*="st-key-row"] button { padding-left: .45rem; padding-right: .45rem; }
  .lab-rows span { width: 3.9rem; font-size: .66rem; }
}
</style>"""


def dress(page: Any) -> None:
    """Call once a run, before the page."""
    session.arrive(page.url_path)
    st.set_page_config(page_title=f"{page.title} · Autoencoder Lab", page_icon=_mark())
    st.html(STYLE)
    st.logo(_mark(), size="large")
    try:
        slots()
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
