"""The Generate page: digits from codings, with a shipped network or one of the visitor's own."""

from __future__ import annotations

import streamlit as st

from aecore import pretrained
from aecore.data.sources import SOURCES
from aecore.models import variant
from aecore.runs.run import Run
from ui import session
from ui.components.network import explorer
from ui.views.lessons import lesson_page
from ui.words import count_of, escape_markdown, name_with_id

SHIPPED = {f"shipped:{name}": name for name in pretrained.names()}
KEY = "generate.network"


def page() -> None:
    choice, runs = _choose()
    if choice in SHIPPED:
        session.close_run("generate")
        _explore_shipped(choice)
    else:
        session.show_run("generate", choice)
        _explore_run(choice, runs[choice])


def _choose() -> tuple[str, dict[str, Run]]:
    """The chosen network, and the runs that can be chosen: the visitor's, and the open one."""
    runs = {run.id: run for run in session.readable_runs() if decodes_images(run)}
    before = session.state_of("generate").opened_run
    opened = session.open_run("generate")
    if opened and decodes_images(opened):
        runs.setdefault(opened.id, opened)
    choices = [*SHIPPED, *runs]
    # A link or the back button has changed the URL, or the chosen run is gone.
    if (opened and opened.id) != before or st.session_state.get(KEY) not in choices:
        st.session_state[KEY] = opened.id if opened and opened.id in runs else choices[0]

    def name(choice: str) -> str:
        return shipped_name(SHIPPED[choice]) if choice in SHIPPED else name_with_id(runs[choice])

    return st.selectbox("Network", choices, format_func=name, key=KEY), runs


def decodes_images(run: Run) -> bool:
    """Whether the run has a network, and one of images."""
    source = SOURCES.get(run.spec.dataset)  # None: the visitor's own images
    return run.has_network and not (source and source.points)


def shipped_name(name: str) -> str:
    """A network that comes with the lab, as menus name it."""
    network = pretrained.pretrained(name).network
    title, codings = (
        variant(network.about["variant"]).title,
        count_of(network.codings_size, "coding"),
    )
    return f"{title}, {codings}, MNIST (comes with the lab)"


def _explore_shipped(choice: str) -> None:
    made = pretrained.pretrained(SHIPPED[choice])
    about = made.network.about
    prior = variant(about["variant"]).has_prior
    explorer(made.network, made.extract, prior=prior, key=f"generate.{choice}", first=6)
    st.caption(
        f"Made by `{about['command']}`, the recommended preset; "
        f"{about['test']['loss']:.1f} nats an image on MNIST's test images."
    )


def _explore_run(choice: str, run: Run) -> None:
    if data := session.dataset_of(run):
        prior = variant(run.spec.variant).has_prior
        # A fragment: if the server decodes, its answers do not redraw the page.
        explore = st.fragment(explorer)
        explore(session.network(run), data, prior=prior, key=f"generate.{choice}")
    st.page_link(
        lesson_page(run.spec.variant),
        label=f"Open the run “{escape_markdown(run.spec.name)}”",
        icon=":material/open_in_new:",
        query_params={"run": run.id},
    )
