"""The Generate tab: sliders, random images and the latent map."""

from __future__ import annotations

import streamlit as st

from aecore.data.dataset import Dataset
from aecore.models import variant
from aecore.runs.run import Run
from aecore.runs.statuses import Status
from ui.components.live_chart import looked_at
from ui.components.network import explorer
from ui.panels.shared import look, moment, network_of


def generate(run: Run, data: Dataset, *, follows: bool) -> None:
    """Sliders, random images and, with two codings, the map.

    follows: the training goes on, and the tab reruns every `FOLLOW_SECONDS` with its new weights.
    """
    cls = variant(run.spec.variant)
    if run.state.status is Status.RUNNING and not looked_at(run):
        with st.container(horizontal=True, vertical_alignment="center"):
            wished = st.toggle(
                "Follow the training",
                key=f"{run.id}.follow",
                persist_state="session",
                help="New weights every two seconds; the sliders stay where they are.",
            )
            if wished != follows:
                st.rerun()
            if follows:
                look(run)
                st.caption(moment(run))
    explorer(network_of(run), data, prior=cls.has_prior, key=f"{run.id}.explorer", run=run.id)
