"""A pad to draw on, and what networks make of the drawing: all in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from aecore.data.dataset import Array, Dataset
from ui.components import CONTROLS
from ui.components.bundle import bundle
from ui.components.packing import pack
from ui.components.source import Source

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "lab_pad",
    html=(_HERE / "pad.html").read_text(),
    css=CONTROLS + (_HERE / "pad.css").read_text(),
    js=bundle(_HERE / "pad.js"),
)


@dataclass(frozen=True)
class Examples:
    """Test images of a data set.

    name, title: the data set's. images: [n, n_inputs] uint8. labels: what they show [n].
    """

    name: str
    title: str
    images: Array
    labels: Sequence[str]


def examples_of(data: Dataset) -> Examples:
    """One test image of each class."""
    rows = data.shown_rows()
    labels = [data.name_of(int(data.test.labels[row])) for row in rows]
    return Examples(data.name, data.title, data.test.x[rows], labels)


def pad(
    networks: Sequence[tuple[Source, Examples]], image_shape: tuple[int, int, int], *, key: str
) -> None:
    """The pad, with a card for each network.

    Each gets the drawing as the examples of its own data are placed. The first one's are to start
    from.
    """
    data: dict[str, Examples] = {}
    for _, examples in networks:
        data.setdefault(examples.name, examples)
    places = list(data)
    header = {
        "networks": [
            asdict(network) | {"data": places.index(examples.name)}
            for network, examples in networks
        ],
        "image": image_shape,
        "data": [{"title": each.title, "labels": list(each.labels)} for each in data.values()],
    }
    arrays = {f"examples.{i}": each.images for i, each in enumerate(data.values())}
    _mount(data=pack(header, arrays), key=key)
