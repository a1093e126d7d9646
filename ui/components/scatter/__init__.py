"""A scatter of codings coloured by class; pointing at a dot shows the input it stands for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from aecore.datasets import Dataset
from ui.components import blob
from ui.figures import CLASS_COLOURS

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "lab_scatter",
    html=(_HERE / "scatter.html").read_text(),
    css=(_HERE / "scatter.css").read_text(),
    js=blob.javascript("scatter", "scatter.js"),
)


def scatter(places: np.ndarray, data: Dataset, *, key: str, labels: tuple[str, str]) -> None:
    """places [n, 2]: where the first n test inputs lie."""
    n = len(places)
    arrays: dict[str, np.ndarray] = {"places": places.astype(np.float32), "classes": data.test.labels[:n].astype(np.uint8)}
    if data.image_shape:
        arrays["images"] = data.test.x[:n]
    header = {"image": data.image_shape, "names": data.class_names, "colours": CLASS_COLOURS, "labels": labels}
    _mount(data=blob.pack(header, arrays), key=key)
