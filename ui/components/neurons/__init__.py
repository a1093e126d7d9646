"""The neurons of networks: tiles of a layer, and a page for each neuron. All in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import streamlit as st

from aecore.data.dataset import Dataset
from ui import addresses
from ui.components import chart
from ui.components.bundle import bundle
from ui.components.packing import pack
from ui.figures import charts

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "lab_neurons",
    html=(_HERE / "neurons.html").read_text().replace("{chart}", chart.HTML),
    css=chart.CSS + (_HERE / "neurons.css").read_text(),
    js=bundle(_HERE / "neurons.js"),
)


@dataclass(frozen=True)
class Source:
    """A network whose neurons are shown.

    name: above its tiles; "" if it is the only one. run: whose time slider moves it. units,
    network: the routes of its neurons and of itself. moment: of its run, as in addresses; "" is its
    last. stored: another value if that one was stored anew.
    """

    name: str
    run: str
    units: str
    network: str
    moment: str = ""
    stored: str = ""


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
