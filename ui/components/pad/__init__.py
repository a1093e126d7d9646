"""A pad to draw on, and what networks make of the drawing: all in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import streamlit as st

from aecore.data.dataset import Dataset
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


def examples_of(data: Dataset) -> tuple[np.ndarray, list[str]]:
    """One test image of each class, [n, n_inputs] uint8, and what they show [n]."""
    rows = data.shown_rows()
    return data.test.x[rows], [data.name_of(int(data.test.labels[row])) for row in rows]


def pad(
    networks: Sequence[Source],
    image_shape: tuple[int, int, int],
    examples: np.ndarray,
    labels: Sequence[str],
    *,
    key: str,
) -> None:
    """The pad, with a card for each network.

    examples: test images [n, n_inputs] uint8 to start from; labels: what they show [n].
    """
    header = {
        "networks": [asdict(network) for network in networks],
        "image": image_shape,
        "labels": list(labels),
    }
    _mount(data=pack(header, {"examples": examples}), key=key)
