"""The neurons of networks: tiles of a layer, and a page for each neuron. All in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import streamlit as st

from aecore.data.dataset import Dataset
from ui import addresses
from ui.components import CONTROLS, chart
from ui.components.bundle import bundle
from ui.components.packing import pack
from ui.components.source import Source
from ui.figures import charts

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "lab_neurons",
    html=(_HERE / "neurons.html").read_text().replace("{chart}", chart.HTML),
    css=chart.CSS + CONTROLS + (_HERE / "neurons.css").read_text(),
    js=bundle(_HERE / "neurons.js"),
)


def neurons(sources: Sequence[Source], data: Dataset, *, key: str) -> None:
    """Tiles of the neurons of each network. data: images that all of them were trained on."""
    rows = data.shown_rows()
    activations, classes = _figures()
    header = {
        "sources": [asdict(source) for source in sources],
        "data": data.name,
        "image": data.image_shape,
        "labels": [data.name_of(int(data.test.labels[row])) for row in rows],
        "library": addresses.PLOTLY_ROUTE,
        "activations": activations,
        "classes": classes,
    }
    _mount(data=pack(header, {"examples": data.test.x[rows]}), key=key)


@lru_cache(maxsize=1)
def _figures() -> tuple[str, str]:
    """The charts of a neuron as JSON, without values."""
    activations = charts.bars("Activation", "Test images")
    return str(activations.to_json()), str(charts.bars("", "Mean activation").to_json())
