"""The Reconstructions tab: originals beside what the network makes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from aecore.data.dataset import Dataset
from aecore.models import variant
from aecore.network import Network
from aecore.runs.run import Run
from aecore.training.corruption import COMMON_NOISE, Corruption, DrawsOfRows
from ui import session
from ui.figures import pictures
from ui.figures.pictures import Tile
from ui.panels.shared import BLUE_ORANGE, image_shape
from ui.words import counted


@session.of_run
def reconstructions(run: Run, data: Dataset) -> None:
    """Originals beside what the network makes of them."""
    with st.container(horizontal=True, vertical_alignment="top"):
        order = st.segmented_control(
            "Order",
            ["as they come", "best first", "worst first"],
            default="as they come",
            required=True,
            key=f"{run.id}.r.order",
        )
        which = (
            st.selectbox("Class", ["all", *data.class_names], key=f"{run.id}.r.class", width=150)
            if data.class_names
            else "all"
        )
        n = st.slider("How many", 4, 100, 16, key=f"{run.id}.r.n", width=200)
    network, labels = session.network(run), data.test.labels
    pca_size = (
        network.codings_size
    )  # as many codings as there are pixels leave PCA nothing to leave out
    toggles = st.container(horizontal=True)
    with toggles:
        compare = pca_size < data.n_inputs and st.toggle(
            "Beside PCA", key=f"{run.id}.r.pca", value=not hasattr(run.config, "hidden_sizes")
        )
        trained_with = variant(run.spec.variant).corruption(run.config)
        corrupt = st.toggle(
            "Corrupt the input", key=f"{run.id}.r.corrupt", value=trained_with is not None
        )
    corruption = _corruption(run, trained_with, toggles) if corrupt else None
    errors = _errors(network, data, corruption)
    rows = (
        np.arange(len(labels))
        if which == "all"
        else np.flatnonzero(labels == data.class_names.index(which))
    )
    if order != "as they come":
        rows = rows[
            np.argsort(errors[rows] if order == "best first" else -errors[rows], kind="stable")
        ]
    kinds = [
        "original",
        *(["corrupted"] if corruption else []),
        "rebuilt",
        *(["by PCA"] if compare else []),
        "difference",
    ]
    shown = rows[:n]
    x = data.test.take(shown).floats()
    seen = _seen(x, shown, corruption)
    made = network.reconstruct(seen)
    by_pca = data.pca.reconstruct(seen, pca_size) if compare else x
    tiles = []
    for i, row in enumerate(shown):
        shown_as = {
            "original": pictures.picture(x[i], image_shape(data)), "corrupted": pictures.picture(seen[i], image_shape(data)),
            "rebuilt": pictures.picture(made[i], image_shape(data)), "by PCA": pictures.picture(by_pca[i], image_shape(data)),
            "difference": pictures.signed(made[i] - x[i], image_shape(data), scale=1.0),
        }  # fmt: skip
        name = data.name_of(labels[row])
        tiles.append(
            Tile(
                [shown_as[kind] for kind in kinds],
                f"{errors[row]:.4f}",
                f"Test image {row}, {name}: {', '.join(kinds)}; mean squared error {errors[row]:.4f}",
            )
        )
    st.html(pictures.gallery(tiles, kinds))
    words = f"Mean squared error over {'all' if which == 'all' else 'the class’s'} {len(rows):,} test images, against the clean ones: **{errors[rows].mean():.5f}**"
    if compare:
        same = ", given the same corrupted images" if corruption else ""
        words += f"; the exact PCA with {counted(pca_size, 'coding')}{same}: **{_pca_errors(data, pca_size, corruption)[rows].mean():.5f}**"
    st.markdown(words + ". Under each image its own.")
    st.html(f"Difference: rebuilt minus original, {BLUE_ORANGE}.")


def _corruption(run: Run, trained_with: Corruption | None, toggles: Any) -> Corruption:
    """Which corruption, and how strong, by the sliders; they begin at what the network was trained with."""
    kinds = {"gaussian": "Gaussian noise", "dropout": "dropped pixels"}
    start = trained_with or Corruption("gaussian", COMMON_NOISE)
    with st.container(horizontal=True, vertical_alignment="top"):
        kind = st.segmented_control(
            "Corruption",
            list(kinds.values()),
            default=kinds[start.kind],
            required=True,
            key=f"{run.id}.r.kind",
        )
        if kind == kinds["gaussian"]:
            level = start.strength if start.kind == "gaussian" else COMMON_NOISE
            strength = st.slider(
                "Noise level (standard deviation)",
                0.0,
                max(1.0, level),
                level,
                0.05,
                key=f"{run.id}.r.noise",
                width=300,
            )
            return Corruption("gaussian", strength)
        kept = start.strength if start.kind == "dropout" else 0.7
        kept = st.slider("Kept pixels", 0.05, 1.0, kept, 0.05, key=f"{run.id}.r.kept", width=300)
        rescale = toggles.toggle(
            "Rescale kept pixels",
            value=start.rescale,
            key=f"{run.id}.r.rescale",
            help="Divide the survivors by their chance to survive.",
        )
    return Corruption("dropout", kept, rescale)


def _seen(x: np.ndarray, rows: np.ndarray, corruption: Corruption | None) -> np.ndarray:
    """What is shown of x [n, D], the test images `rows`; each image has its own draw, the same every time."""
    return corruption(x, DrawsOfRows(rows)) if corruption else x


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs=session.BY_CONTENT)
def _errors(network: Network, data: Dataset, corruption: Corruption | None) -> np.ndarray:
    """Mean squared error of what the network makes of each test image, [n]."""
    return _each(data, corruption, network.reconstruct)


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs=session.BY_CONTENT)
def _pca_errors(data: Dataset, size: int, corruption: Corruption | None) -> np.ndarray:
    """The same for the exact PCA."""
    return _each(data, corruption, lambda seen: data.pca.reconstruct(seen, size))


def _each(
    data: Dataset, corruption: Corruption | None, rebuild: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Mean squared error of rebuild(what is seen of x) against x for each test image [n]; a thousand at a time, so that memory stays flat."""
    errors = []
    for rows in np.split(np.arange(len(data.test)), range(1000, len(data.test), 1000)):
        x = data.test.take(rows).floats()
        errors.append(np.mean(np.square(rebuild(_seen(x, rows, corruption)) - x), axis=1))
    return np.concatenate(errors)
