"""Latent sliders, random sheet and latent map over a network that is decoded in the browser."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from aecore.datasets import Dataset
from aecore.network import Network
from ui.components import blob
from ui.session import BY_CONTENT

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "lab_network",
    html=(_HERE / "network.html").read_text(),
    css=(_HERE / "network.css").read_text(),
    js=blob.javascript("network", "network.js"),
)


SHOWN = 20  # sliders in sight; with more codings the most active come first and the others fold away


def explorer(network: Network, dataset: Dataset, *, prior: bool, key: str, sheet: bool = True, first: int = 0) -> None:
    """Sliders for every coding, most active first, that redraw the image while they are dragged.

    prior: the codings were trained to fill N(0, I), so the sliders rest at 0 and random draws come from it; otherwise both follow the codings
    of the test inputs. sheet: also 60 images from random codings. first: the test example to begin with (0: none).
    """
    _mount(data=packed(network, dataset, prior, sheet, first), key=key)


@st.cache_data(max_entries=12, show_spinner=False, hash_funcs=BY_CONTENT)
def packed(network: Network, dataset: Dataset, prior: bool, sheet: bool, first: int) -> bytes:
    """The decoder, the codings' spread and a few test inputs as the component's bytes."""
    codings = network.encode(dataset.test.floats(2000))
    size = network.codings_size
    deviation = codings.std(axis=0)
    mean, factor = (np.zeros(size), np.ones(size)) if prior else network.fitted_gaussian(codings)
    order = np.arange(size) if size <= SHOWN else np.argsort(-deviation, kind="stable")
    rows = _clearest(network, dataset)
    header, arrays = blob.layers(network, ("decoder",))
    arrays |= {
        "centre": (np.zeros(size) if prior else mean).astype(np.float32),
        "spread": (np.ones(size) if prior else np.maximum(deviation, 1e-3)).astype(np.float32),
        "mean": mean.astype(np.float32),
        "factor": factor.astype(np.float16),
        "examples": dataset.test.x[rows],
        "example_codings": codings[rows].astype(np.float32),
    }
    header |= {
        "image": dataset.image_shape, "order": order.tolist(), "active": (deviation[order] ** 2 > 0.01).tolist() if prior else [True] * size,
        "labels": [dataset.class_names[label] for label in dataset.test.labels[rows]], "sheet": sheet, "first": first, "shown": SHOWN,
    }  # fmt: skip
    return blob.pack(header, arrays)


def _clearest(network: Network, dataset: Dataset) -> np.ndarray:
    """Twenty test inputs among the first 400, as many of each class, those that the network rebuilds best: row numbers, class by class."""
    each = max(1, 20 // len(dataset.class_names))
    x, labels = dataset.test.floats(400), dataset.test.labels[:400]
    errors = np.mean(np.square(network.reconstruct(x) - x), axis=1)
    by_error = np.argsort(errors, kind="stable")
    return np.concatenate([by_error[labels[by_error] == label][:each] for label in range(len(dataset.class_names))])
