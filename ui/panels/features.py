"""The Features tab: what single neurons look at and draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from aecore.data.dataset import Dataset
from aecore.layers import StoredConvolution, StoredDense
from aecore.layers import run as through
from aecore.network import Network
from aecore.runs.run import Run
from ui import session
from ui.figures import pictures
from ui.figures.pictures import Tile
from ui.panels.shared import BLUE_ORANGE, image_shape, network_of


@session.of_run
def features(run: Run, data: Dataset) -> None:
    """What single neurons look at and draw."""
    network = network_of(run)
    stages = _stages(network)
    with st.container(horizontal=True, vertical_alignment="top"):
        stage = st.selectbox(
            "Neurons of",
            list(stages),
            index=_first_stage(list(stages.values()), network),
            key=f"{run.id}.f.stage",
            width=290,
        )
        chosen = stages[stage]
        width = chosen.width
        order = st.segmented_control(
            "Order",
            ["strongest first", "weakest first", "as they come"],
            default="strongest first",
            required=True,
            key=f"{run.id}.f.order",
        )
        n = (
            st.slider(
                "How many", 1, min(width, 300), min(width, 48), key=f"{run.id}.f.n", width=160
            )
            if width > 1
            else 1
        )
    images, strengths = _feature_images(network, chosen, data)
    rows, shape = np.arange(width), _shape_of(chosen, network, data)
    if order != "as they come":
        rows = np.argsort(-strengths if order == "strongest first" else strengths, kind="stable")
    tiles = [
        Tile(
            [pictures.signed(images[row], shape)],
            f"{row + 1}",
            f"Neuron {row + 1} of {stage}, strength {strengths[row]:.2f}",
        )
        for row in rows[:n]
    ]
    st.html(pictures.gallery(tiles))
    st.html(f"{chosen.about} Each image is scaled to its own largest value: {BLUE_ORANGE}.")


def _first_stage(stages: list[Stage], network: Network) -> int:
    """The index of the stage to begin with.

    What the codings draw, if the decoder is one layer; else what excites the codings.
    """
    kinds = [stage.kind for stage in stages]
    if "draws" in kinds and len(network.decoder) == 1:
        return kinds.index("draws")
    return max(i for i, kind in enumerate(kinds) if kind == "response")


@dataclass(frozen=True)
class Stage:
    """Neurons that can be shown: of which layer, in which way, how many, and how to read them."""

    kind: str  # "weights", "faded", "filters", "response" or "draws"
    layer: int
    width: int
    about: str


def _stages(network: Network) -> dict[str, Stage]:
    """Every stage, by its name on the page."""
    stages: dict[str, Stage] = {}
    with_weights = [i for i, layer in enumerate(network.encoder) if layer.arrays()]
    for i, layer in enumerate(network.encoder):
        width = layer.n_outputs
        hidden = with_weights.index(i) + 1 if i in with_weights[:-1] else 0
        name = f"hidden layer {hidden}" if hidden else "the codings"
        if i == 0 and isinstance(layer, StoredDense):
            about = "The weights from the pixels to each neuron, {}. Strength is their norm."
            raw = (
                "just as they are. Where they look like noise, much of the random start is still "
                "in them: many weights do the same job"
            )
            stages[f"{name} ({width:,}), by their weights"] = Stage(
                "weights", 0, width, about.format(raw)
            )
            faded = "faded where the pixels hardly vary, and it matters little what the weights are"
            stages[f"{name} ({width:,}), by their weights, faded"] = Stage(
                "faded", 0, width, about.format(faded)
            )
        if i == 0 and isinstance(layer, StoredConvolution):
            size, filters = layer.kernel.shape[0], layer.kernel.shape[3]
            about = (
                f"The filters of {size} × {size} pixels that are moved over the image. "
                "Strength is their norm."
            )
            stages[f"{name}, its {filters} filters"] = Stage("filters", 0, filters, about)
        about = (
            "The test images that excite each neuron more than usual, minus those that excite it "
            "less; strength is how much its activation varies."
        )
        stages[f"{name} ({width:,}), what excites them"] = Stage("response", i, width, about)
    last = network.decoder[-1]
    if isinstance(last, StoredDense):
        about = (
            "What each neuron of the last layer but one adds to the image; strength is the norm of "
            "its weights."
        )
        stages[f"the decoder ({last.n_inputs:,}), what they draw"] = Stage(
            "draws", 0, last.n_inputs, about
        )
    return stages


@st.cache_data(max_entries=16, show_spinner=False, hash_funcs=session.BY_CONTENT)
def _feature_images(network: Network, stage: Stage, data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """One signed image for each neuron [n, D], and each neuron's strength [n]."""
    x = data.test.floats(2000)
    first, last = network.encoder[0], network.decoder[-1]
    if stage.kind == "filters" and isinstance(first, StoredConvolution):
        filters = np.moveaxis(first.kernel, 3, 0)
        kernels = filters.reshape(len(filters), -1)  # [filters, size * size * channels]
        return kernels, np.linalg.norm(kernels, axis=1)
    if stage.kind in ("weights", "faded") and isinstance(first, StoredDense):
        kernels, varies = first.kernel.T, x.std(axis=0)
        shown = kernels * (varies / varies.max()) if stage.kind == "faded" else kernels
        return shown, np.linalg.norm(kernels, axis=1)
    if stage.kind == "draws" and isinstance(last, StoredDense):
        return last.kernel, np.linalg.norm(last.kernel, axis=1)
    activations = through(network.encoder[: stage.layer + 1], x)
    covariances = (activations - activations.mean(axis=0)).T @ (x - x.mean(axis=0)) / len(x)
    return covariances, activations.std(axis=0)


def _shape_of(stage: Stage, network: Network, data: Dataset) -> tuple[int, int, int]:
    """The shape of each neuron's image."""
    first = network.encoder[0]
    if stage.kind == "filters" and isinstance(first, StoredConvolution):
        return first.kernel.shape[0], first.kernel.shape[1], first.kernel.shape[2]
    return image_shape(data)
