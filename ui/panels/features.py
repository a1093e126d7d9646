"""The Features tab: what single neurons look at and draw."""

from __future__ import annotations

import numpy as np
import streamlit as st

from aecore.data.dataset import Dataset
from aecore.network import Network
from aecore.runs.run import Run
from ui import session
from ui.figures import pictures
from ui.figures.pictures import Tile
from ui.panels.shared import BLUE_ORANGE, image_shape


@session.of_run
def features(run: Run, data: Dataset) -> None:
    """What single neurons look at and draw."""
    network = session.network(run)
    stages = _stages(network)
    with st.container(horizontal=True, vertical_alignment="top"):
        # What the codings draw, if the decoder is one layer, and what excites them, if there are more: these say something at once.
        first = len(stages) - (1 if len(network.decoder) == 1 else 2)
        stage = st.selectbox("Neurons of", list(stages), index=first, key=f"{run.id}.f.stage", width=290)
        width = stages[stage][1]
        order = st.segmented_control(
            "Order", ["strongest first", "weakest first", "as they come"], default="strongest first", required=True, key=f"{run.id}.f.order"
        )
        n = st.slider("How many", 1, min(width, 300), min(width, 48), key=f"{run.id}.f.n", width=160) if width > 1 else 1
    images, strengths = _feature_images(network, stages[stage][0], data)
    rows = np.arange(width)
    if order != "as they come":
        rows = np.argsort(-strengths if order == "strongest first" else strengths, kind="stable")
    tiles = [
        Tile([pictures.signed(images[row], image_shape(data))], f"{row + 1}", f"Neuron {row + 1} of {stage}, strength {strengths[row]:.2f}")
        for row in rows[:n]
    ]  # fmt: skip
    st.html(pictures.gallery(tiles))
    st.html(f"{stages[stage][2]} Each image is scaled to its own largest value: {BLUE_ORANGE}.")


Stage = tuple[tuple[str, int], int, str]


def _stages(network: Network) -> dict[str, Stage]:
    """Every layer that can be looked at: (which, how many neurons, how to read it)."""
    stages: dict[str, Stage] = {}
    for i, layer in enumerate(network.encoder):
        width = layer.kernel.shape[1]
        name = "the codings" if i == len(network.encoder) - 1 else f"hidden layer {i + 1}"
        if i == 0:
            about = "The weights from the pixels to each neuron, {}. Strength is their norm."
            raw = "just as they are. Where they look like noise, much of the random start is still in them: many weights do the same job"
            stages[f"{name} ({width}), by their weights"] = (("weights", 0), width, about.format(raw))
            faded = "faded where the pixels hardly vary, and it matters little what the weights are"
            stages[f"{name} ({width}), by their weights, faded"] = (("faded", 0), width, about.format(faded))
        about = "The test images that excite each neuron more than usual, minus those that excite it less; strength is how much its activation varies."
        stages[f"{name} ({width}), what excites them"] = (("response", i), width, about)
    width = network.decoder[-1].kernel.shape[0]
    about = "What each neuron of the last layer but one adds to the image; strength is the norm of its weights."
    stages[f"the decoder ({width}), what they draw"] = (("draws", 0), width, about)
    return stages


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=session.BY_CONTENT)
def _feature_images(network: Network, which: tuple[str, int], data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """One signed image a neuron [n, D], and each neuron's strength [n]."""
    kind, depth = which
    x = data.test.floats(2000)
    if kind in ("weights", "faded"):
        kernels, varies = network.encoder[0].kernel.T, x.std(axis=0)
        return kernels * (varies / varies.max()) if kind == "faded" else kernels, np.linalg.norm(kernels, axis=1)
    if kind == "draws":
        kernels = network.decoder[-1].kernel
        return kernels, np.linalg.norm(kernels, axis=1)
    activations = x
    for layer in network.encoder[: depth + 1]:
        activations = layer(activations)
    return (activations - activations.mean(axis=0)).T @ (x - x.mean(axis=0)) / len(x), activations.std(axis=0)
