"""The Draw tab: a drawing of one's own, and what the run's network makes of it."""

from __future__ import annotations

import streamlit as st

from aecore.data.dataset import Dataset
from aecore.runs.run import Run
from ui.components.pad import examples_of, pad
from ui.panels.shared import source_of


def own_drawing(run: Run, data: Dataset) -> None:
    """A pad. The network's picture follows the time slider without the server's help."""
    if not data.image_shape:
        return
    drawn = [(source_of(run, run.spec.name), examples_of(data))]
    pad(drawn, data.image_shape, key=f"{run.id}.pad")
    st.page_link(
        "pages/draw.py",
        label="Draw for several networks at once",
        icon=":material/draw:",
        query_params={"networks": run.id},
    )
