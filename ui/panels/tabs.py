"""The tabs of a trained network: reconstructions, features, codings, generation, figures."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from aecore.data.dataset import Dataset
from aecore.runs.run import Run
from aecore.runs.statuses import ACTIVE, Status
from ui import session
from ui.components.live_chart import looked_at
from ui.panels.codings import codings
from ui.panels.features import features
from ui.panels.generation import generate
from ui.panels.own_drawing import own_drawing
from ui.panels.reconstructions import reconstructions
from ui.panels.results import results
from ui.panels.shared import FOLLOW_SECONDS, look, moment

GLIDING = ("Draw", "Features", "Codings")  # tabs that follow the training in the browser


def inspect(run: Run, data: Dataset) -> None:
    """Tabs over the run's weights as last stored; only the open one is computed."""
    status = run.state.status
    running = status is Status.RUNNING
    with st.container(horizontal=True, vertical_alignment="center"):
        # While paused, single steps change the weights; an earlier moment's are what they are.
        if (running or status is Status.PAUSED) and not looked_at(run):
            st.button(
                "Look again",
                icon=":material/refresh:",
                key=f"{run.id}.again",
                help="Show the present weights.",
                on_click=look,
                args=(run,),
            )
        caption = st.empty()
    titles = (
        ["Reconstructions", "Draw", "Features", "Codings", "Generate", "Figures"]
        if data.image_shape
        else ["Codings", "Figures"]
    )
    tabs = dict(zip(titles, st.tabs(titles, on_change="rerun", key=f"{run.id}.tabs"), strict=True))
    # The figures are the finished run's, whatever the time slider is at.
    place = None if tabs["Figures"].open else looked_at(run)
    glides = any(tabs[title].open for title in GLIDING if title in tabs)
    if running and glides and not place:
        caption.caption("The last weights that were kept; it goes on training, and they follow.")
    else:
        caption.caption(moment(run, place))
    follows = running and not looked_at(run) and bool(st.session_state.get(f"{run.id}.follow"))
    draw: dict[str, Callable[[Run, Dataset], None]] = {
        "Reconstructions": reconstructions,
        "Draw": own_drawing,
        "Features": features,
        "Codings": codings,
        "Generate": partial(
            session.of_run(generate, run_every=FOLLOW_SECONDS if follows else None), follows=follows
        ),
        "Figures": session.of_run(
            results, run_every=1.0 if status in ACTIVE and not run.results() else None
        ),
    }
    for title, tab in tabs.items():
        if tab.open:
            with tab:
                draw[title](run, data)
