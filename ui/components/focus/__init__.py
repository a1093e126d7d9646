"""Keeps the keyboard's focus in a row in which buttons appear and disappear."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.components.bundle import bundle

_mount = st.components.v2.component(
    "lab_focus", js=bundle(Path(__file__).parent / "focus.js"), isolate_styles=False
)


def keep_focus() -> None:
    """Call it inside the row, a horizontal container with a key. It takes no room."""
    with st.container(key="focus"):
        _mount(key="focus.kept")
