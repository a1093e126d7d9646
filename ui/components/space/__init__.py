"""Maps of the codings of networks: test inputs as dots over what the places decode to.

All in the browser: pointing, marking, gliding through time, lines from digit to digit, arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st

from aecore.data.dataset import Dataset
from aecore.data.sources import load
from aecore.measures.neighbours import nearest_of
from ui.components import CONTROLS
from ui.components.bundle import bundle
from ui.components.packing import pack
from ui.components.source import Source
from ui.theme import CLASS_COLOURS

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "lab_space",
    html=(_HERE / "space.html").read_text(),
    css=CONTROLS + (_HERE / "space.css").read_text(),
    js=bundle(_HERE / "space.js"),
)


def space(sources: Sequence[Source], data: Dataset, *, key: str) -> None:
    """A map for each network. data: what all of them were trained on."""
    mapped = data.mapped
    names = data.class_names or (data.name_of(0),)
    header = {
        "sources": [asdict(source) for source in sources],
        "data": data.name,
        "image": data.image_shape,
        "classes": names,
        "colours": [CLASS_COLOURS[i % len(CLASS_COLOURS)] for i in range(len(names))],
    }
    arrays = {
        "labels": mapped.labels.astype(np.uint8),
        "pixel_neighbours": _neighbours(data.name),
    }
    if data.image_shape:
        arrays["images"] = mapped.x
    _mount(data=pack(header, arrays), key=key)


@lru_cache(maxsize=8)
def _neighbours(name: str) -> np.ndarray:
    """The rows of each mapped input's nearest others, by their pixels or coordinates, [n, k]."""
    return nearest_of(load(name).mapped.floats()).astype(np.float32)
