"""The Generate page: digits from codings, with a shipped network or one of the visitor's own."""

from __future__ import annotations

from functools import partial

import streamlit as st

from aecore import pretrained
from aecore.data.sources import SOURCES
from aecore.models import variant
from aecore.runs.run import Run
from ui import session
from ui.components.network import explorer, extract_of
from ui.panels.sampling import Sampled, sampling
from ui.views.lessons import lesson_page
from ui.words import count_of, escape_markdown, name_with_id

SHIPPED = {f"shipped:{name}": name for name in pretrained.names()}
KEY = "generate.network"
FIRST = "shipped:variational-20"
PLAIN = "shipped:stacked-30"


def page() -> None:
    choice, runs = _choose()
    prior = _has_prior(choice, runs)
    if choice in SHIPPED:
        session.close_run("generate")
        _explore_shipped(choice, prior)
    else:
        session.show_run("generate", choice)
        _explore_run(choice, runs[choice], prior)
    _sample(choice, runs)


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
        st.session_state[KEY] = opened.id if opened and opened.id in runs else FIRST
    name = partial(_name, runs=runs)
    return st.selectbox("Network", choices, format_func=name, key=KEY), runs


def _name(choice: str, runs: dict[str, Run]) -> str:
    return shipped_name(SHIPPED[choice]) if choice in SHIPPED else name_with_id(runs[choice])


def _has_prior(choice: str, runs: dict[str, Run]) -> bool:
    """Whether the network was trained to fill N(0, I) with its codings."""
    shipped = choice in SHIPPED
    name = _shipped(choice).network.about["variant"] if shipped else runs[choice].spec.variant
    return variant(name).has_prior


def _shipped(choice: str) -> pretrained.Pretrained:
    return pretrained.pretrained(SHIPPED[choice])


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


def _explore_shipped(choice: str, prior: bool) -> None:
    made = _shipped(choice)
    about = made.network.about
    explorer(made.network, made.extract, prior=prior, key=f"generate.{choice}", first=6)
    error = (
        f"{about['test']['loss']:.1f} nats an image"
        if prior
        else f"a squared error of {about['test']['mse']:.4f} a pixel"
    )
    st.caption(
        f"Made by `{about['command']}`, the recommended preset; {error} on MNIST's test images."
    )


def _explore_run(choice: str, run: Run, prior: bool) -> None:
    if data := session.dataset_of(run):
        # A fragment: if the server decodes, its answers do not redraw the page.
        explore = st.fragment(explorer)
        explore(session.network(run), data, prior=prior, key=f"generate.{choice}")
    st.page_link(
        lesson_page(run.spec.variant),
        label=f"Open the run “{escape_markdown(run.spec.name)}”",
        icon=":material/open_in_new:",
        query_params={"run": run.id},
    )


@st.fragment
def _sample(choice: str, runs: dict[str, Run]) -> None:
    """Random images of the chosen network beside those of another, from two densities each."""
    st.subheader("Knowing where the codings lie", anchor=False)
    st.markdown(
        "Any decoder generates, if its codings are drawn from where they lie. A plain network "
        "leaves holes between its codings: drawn each by itself, they mostly fall into one. A "
        "variational network is trained to leave none. But from a density that was fitted to its "
        "codings afterwards, the plain network's images are digits more often than the variational "
        "network's from its prior."
    )
    others = [each for each in (*SHIPPED, *runs) if each != choice]
    first = PLAIN if _has_prior(choice, runs) else FIRST
    with st.container(horizontal=True, vertical_alignment="bottom"):
        other = st.selectbox(
            "Beside it",
            others,
            index=others.index(first),
            format_func=partial(_name, runs=runs),
            key=f"generate.beside.{choice}",
        )
        if st.button("New images", icon=":material/casino:"):
            st.session_state["generate.draws"] = st.session_state.get("generate.draws", 0) + 1
    # Of the chosen run's missing data the page has said so already.
    sides = [_sampled(choice, runs, quiet=True), _sampled(other, runs, quiet=False)]
    if shown := [side for side in sides if side]:
        sampling(shown, st.session_state.get("generate.draws", 0))


def _sampled(choice: str, runs: dict[str, Run], *, quiet: bool) -> Sampled | None:
    """None: the run's data are not on this machine; unless quiet, the page says so."""
    title, prior = escape_markdown(_name(choice, runs)), _has_prior(choice, runs)
    if choice in SHIPPED:
        return Sampled(title, _shipped(choice).network, _shipped(choice).extract, prior)
    if not (data := session.dataset_of(runs[choice], quiet)):
        return None
    network = session.network(runs[choice])
    return Sampled(title, network, extract_of(network, data), prior)
