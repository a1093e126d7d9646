"""The Draw tab: a drawing of one's own, and what the run's network makes of it."""

from __future__ import annotations

import streamlit as st

from aecore.data.dataset import Dataset
from aecore.runs.history import place_key
from aecore.runs.run import Run
from ui import addresses
from ui.components.live_chart import looked_at
from ui.components.pad import OnPad, examples_of, pad


def own_drawing(run: Run, data: Dataset) -> None:
    """A pad. The network's picture follows the time slider without the server's help."""
    if not data.image_shape:
        return
    place = looked_at(run)
    pad(
        [
            OnPad(
                run.spec.name,
                run.id,
                f"{addresses.NETWORK_ROUTE}/{run.id}",
                place_key(place) if place else "",
                str((run.path / "network.safetensors").stat().st_mtime_ns),
            )
        ],
        data.image_shape,
        *examples_of(data),
        key=f"{run.id}.pad",
    )
    st.page_link(
        "pages/draw.py",
        label="Draw for several networks at once",
        icon=":material/draw:",
        query_params={"networks": run.id},
    )
