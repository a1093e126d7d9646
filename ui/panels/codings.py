"""The Codings tab: where the test inputs lie in the space of codings."""

from __future__ import annotations

import numpy as np
import streamlit as st

from aecore.data.dataset import Dataset
from aecore.measures import sparseness
from aecore.measures.divergence import kl_of_codings
from aecore.measures.neighbours import neighbour_accuracy
from aecore.models import variant
from aecore.runs.run import Run
from ui import session
from ui.components.chart import chart
from ui.components.space import space
from ui.figures import charts
from ui.panels.shared import network_of, source_of
from ui.words import count_of, escape_markdown


@session.of_run
def codings(run: Run, data: Dataset) -> None:
    """A map, which follows the time slider without the server's help, and figures below it."""
    space([source_of(run)], data, key=f"{run.id}.space")
    _figures(run, data)


def _figures(run: Run, data: Dataset) -> None:
    network, x = network_of(run), data.test.floats(2000)
    z = network.encode(x)
    _separation(run, data, z)
    if network.spread:
        _divergence(z, network.deviations(x), key=f"{run.id}.divergence")
    if target := variant(run.spec.variant).activity_target(run.config):
        _activity(z, target, key=f"{run.id}.activity")


def _separation(run: Run, data: Dataset, z: np.ndarray) -> None:
    """How well the codings separate two classes, beside as many codings of PCA."""
    if len(data.class_names) < 2:
        return
    with st.container(horizontal=True, vertical_alignment="top"):
        one = st.selectbox(
            "Tell apart",
            data.class_names,
            index=min(3, len(data.class_names) - 2),
            key=f"{run.id}.c.one",
            persist_state="session",
            width=130,
        )
        other = st.selectbox(
            "from",
            data.class_names,
            index=len(data.class_names) - 1,
            key=f"{run.id}.c.other",
            persist_state="session",
            width=130,
        )
    if one == other:
        st.caption("Choose two different classes.")
        return
    pair = (data.class_names.index(one), data.class_names.index(other))
    labels, size = data.test.labels[: len(z)], z.shape[1]
    n = int(np.sum(np.isin(labels, pair)))
    words = (
        f"Of the {n:,} images of {escape_markdown(one)} and {escape_markdown(other)} among "
        f"{len(z):,} test images, "
        f"**{neighbour_accuracy(z, labels, pair):.1%}** are taken for what they are by their ten "
        "nearest neighbours among the codings"
    )
    if size < data.n_inputs:
        pca = data.pca.encode(data.test.floats(len(z)), size)
        words += (
            f"; by PCA's {count_of(size, 'coding')}, {neighbour_accuracy(pca, labels, pair):.1%}"
        )
    st.markdown(f"{words}. (A tie counts as half; guessing gives about half.)")


def _divergence(z: np.ndarray, deviations: np.ndarray, *, key: str) -> None:
    """What each random coding tells of an image."""
    kl = kl_of_codings(z, deviations)
    few = int(np.searchsorted(np.cumsum(np.sort(kl)[::-1]), 0.99 * kl.sum())) + 1
    most = f", 99 % of it in {few} of {len(kl)} codings" if few < len(kl) else ""
    st.markdown(
        f"**KL of each coding** from the prior: {kl.sum():.2f} nats an image over {len(z):,} test "
        f"images{most}. A coding with none is the "
        "same cloud for every image: the network does not use it."
    )
    figure = charts.shares(kl, "KL (nats an image)", "nats an image")
    chart(figure, key=key, words="The KL of each coding, the largest first", height=220)


def _activity(z: np.ndarray, target: float, *, key: str) -> None:
    """The sparse lesson's two distributions.

    One of the units' means, which the loss acts on; one of all activations, which it does not see.
    """
    means = z.mean(axis=0)
    left, right = st.columns(2)
    with left:
        st.markdown(f"**Each unit's mean**: {means.mean():.4f} on average, target {target:g}")
        figure = charts.histogram(means, target, "Mean activation over the test images")
        chart(figure, key=f"{key}.means", words="Histogram of each unit's mean activation")
    with right:
        st.markdown(f"**Every activation**: {np.mean(z > 0.5):.1%} are above 0.5")
        figure = charts.histogram(
            z.ravel(), target, "Activation of a unit on a test image", of="activation", log=True
        )
        chart(figure, key=f"{key}.activations", words="Histogram of every activation")
    st.markdown(
        f"Population sparseness **{sparseness.population(z):.2f}**, "
        f"lifetime sparseness **{sparseness.lifetime(z):.2f}** (Treves and Rolls: "
        "1 is dense; if a few units are on and the others off, it is their share)."
    )
