"""The lesson page of each variant: its file in `pages/`, or one made from the variant itself."""

from __future__ import annotations

import inspect
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from aecore.models import variant, variants
from ui.views import workbench

WRITTEN = Path(__file__).parent.parent.parent / "pages"


def lesson_pages() -> list[StreamlitPage]:
    """A page for each variant, in the catalogue's order."""
    return [lesson_page(name) for name in variants()]


def lesson_page(name: str) -> StreamlitPage:
    """The page of the variant `name`, for the navigation and for links."""
    cls = variant(name)
    written = WRITTEN / f"{name}.py"
    return st.Page(
        written if written.exists() else lambda: _unwritten(name),
        title=vars(cls).get("menu_title", cls.title),
        url_path=name,
    )


def _unwritten(name: str) -> None:
    """A lesson without prose of its own.

    It shows the first paragraph of the variant's docstring, its sentence and its formula.
    """
    cls = variant(name)
    about = cls.__doc__ or inspect.getmodule(cls).__doc__ or ""
    workbench.lesson(
        name, title=cls.title, lead=cls.sentence, prose=inspect.cleandoc(about).split("\n\n")[0]
    )
