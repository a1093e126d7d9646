"""The Reconstructions tab: originals beside what the network makes of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aecore.data.dataset import Dataset
from aecore.models import variant
from aecore.network import Network
from aecore.runs.run import Run
from aecore.training.corruption import (
    COMMON_NOISE,
    KINDS,
    TYPICAL_KEEP_PROB,
    Corruption,
    DrawsOfRows,
)
from ui import session
from ui.figures import pictures
from ui.figures.pictures import Tile
from ui.panels.shared import BLUE_ORANGE, image_shape, network_of
from ui.words import count_of


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
            persist_state="session",
        )
        which = (
            st.selectbox(
                "Class",
                ["all", *data.class_names],
                key=f"{run.id}.r.class",
                persist_state="session",
                width=150,
            )
            if data.class_names
            else "all"
        )
        n = st.slider(
            "How many", 4, 100, 16, key=f"{run.id}.r.n", persist_state="session", width=200
        )
    network, labels = network_of(run), data.test.labels
    pca_size = network.codings_size  # if there are as many codings as pixels, PCA loses nothing
    toggles = st.container(horizontal=True)
    with toggles:
        compare = pca_size < data.n_inputs and st.toggle(
            "Beside PCA",
            key=f"{run.id}.r.pca",
            persist_state="session",
            value=variant(run.spec.variant).beside_pca,
        )
        trained_with = variant(run.spec.variant).corruption(run.config)
        corrupt = st.toggle(
            "Corrupt the input",
            key=f"{run.id}.r.corrupt",
            persist_state="session",
            value=trained_with is not None,
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
    seen = _inputs(x, shown, corruption)
    made = network.reconstruct(seen)
    by_pca = data.pca.reconstruct(seen, pca_size) if compare else x
    tiles = []
    for i, row in enumerate(shown):
        shown_as = {
            "original": pictures.picture(x[i], image_shape(data)),
            "corrupted": pictures.picture(seen[i], image_shape(data)),
            "rebuilt": pictures.picture(made[i], image_shape(data)),
            "by PCA": pictures.picture(by_pca[i], image_shape(data)),
            "difference": pictures.signed(made[i] - x[i], image_shape(data), scale=1.0),
        }
        name = data.name_of(labels[row])
        tiles.append(
            Tile(
                [shown_as[kind] for kind in kinds],
                f"{errors[row]:.4f}",
                f"Test image {row}, {name}: {', '.join(kinds)}; "
                f"mean squared error {errors[row]:.4f}",
            )
        )
    st.html(pictures.gallery(tiles, kinds))
    of_class = "all" if which == "all" else "the class’s"
    words = (
        f"Mean squared error over {of_class} {len(rows):,} test images, "
        f"against the clean ones: **{errors[rows].mean():.5f}**"
    )
    if compare:
        same = ", given the same corrupted images" if corruption else ""
        pca_error = _pca_errors(data, pca_size, corruption)[rows].mean()
        words += f"; the exact PCA with {count_of(pca_size, 'coding')}{same}: **{pca_error:.5f}**"
    st.markdown(words + ". Under each image its own.")
    st.html(f"Difference: rebuilt minus original, {BLUE_ORANGE}.")


def _corruption(run: Run, trained_with: Corruption | None, toggles: DeltaGenerator) -> Corruption:
    """The corruption that the controls describe; at first the one the network was trained with."""
    start = trained_with or Corruption("gaussian", COMMON_NOISE)
    with st.container(horizontal=True, vertical_alignment="top"):
        kind = st.segmented_control(
            "Corruption",
            list(KINDS),
            format_func=lambda kind: KINDS[kind],
            default=start.kind,
            required=True,
            key=f"{run.id}.r.kind",
            persist_state="session",
        )
        if kind == "gaussian":
            level = start.strength if start.kind == "gaussian" else COMMON_NOISE
            strength = st.slider(
                "Noise level (standard deviation)",
                0.0,
                max(1.0, level),
                level,
                0.05,
                key=f"{run.id}.r.noise",
                persist_state="session",
                width=300,
            )
            return Corruption("gaussian", strength)
        kept = start.strength if start.kind == "dropout" else TYPICAL_KEEP_PROB
        kept = st.slider(
            "Kept pixels",
            0.05,
            1.0,
            kept,
            0.05,
            key=f"{run.id}.r.kept",
            persist_state="session",
            width=300,
        )
        rescale = toggles.toggle(
            "Rescale kept pixels",
            value=start.rescale,
            key=f"{run.id}.r.rescale",
            persist_state="session",
            help="Divide the survivors by their chance to survive.",
        )
    return Corruption("dropout", kept, rescale)


def _inputs(x: np.ndarray, rows: np.ndarray, corruption: Corruption | None) -> np.ndarray:
    """The inputs x [n, D] of the test images `rows`, corrupted if asked.

    Each image has noise of its own, the same every time.
    """
    return corruption(x, DrawsOfRows(rows)) if corruption else x


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs=session.BY_CONTENT)
def _errors(network: Network, data: Dataset, corruption: Corruption | None) -> np.ndarray:
    """Mean squared error of the network's reconstruction of each test image, [n]."""
    return _each(data, corruption, network.reconstruct)


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs=session.BY_CONTENT)
def _pca_errors(data: Dataset, size: int, corruption: Corruption | None) -> np.ndarray:
    """Mean squared error of the exact PCA's reconstruction of each test image, [n]."""
    return _each(data, corruption, lambda seen: data.pca.reconstruct(seen, size))


def _each(
    data: Dataset, corruption: Corruption | None, rebuild: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Mean squared error of `rebuild` for each test image, [n].

    It runs over a thousand images at a time, to limit the memory.
    """
    errors = []
    for rows in np.split(np.arange(len(data.test)), range(1000, len(data.test), 1000)):
        x = data.test.take(rows).floats()
        errors.append(np.mean(np.square(rebuild(_inputs(x, rows, corruption)) - x), axis=1))
    return np.concatenate(errors)
