"""Who is visiting, which run is open, and what the process shares: the workers and the data.

The run's id lives in the URL (`?run=…`), so a reload, a second tab and a sent link show the same
run. The session only remembers which run was last open on each page, to reopen it there.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, ParamSpec

import streamlit as st

from aecore.backend import max_concurrent_runs
from aecore.data.dataset import Dataset
from aecore.data.sources import load
from aecore.errors import LabError
from aecore.jobs.pool import Pool
from aecore.models import variants
from aecore.network import Network, load_network
from aecore.runs import store
from aecore.runs.history import History, Place
from aecore.runs.run import Run
from ui.words import error_text

OWNER_COOKIE = "autoencoder_lab_visitor"
P = ParamSpec("P")
# How Streamlit's caches hash the arguments of these types.
BY_CONTENT: dict[str | type[Any], Callable[[Any], Any]] = {
    Network: lambda network: network.fingerprint,
    Dataset: lambda data: data.name,
}


@dataclass(frozen=True)
class DrawnFor:
    """What the buttons and tabs of a page depend on: if it changes, the page is rerun."""

    run: str
    status_key: str
    polls: bool  # whether the page asks for news itself, because the push route is out of reach
    moment: Place | None  # that the time slider is at


@dataclass
class PageState:
    """What a session remembers of one page, beside the values of its widgets."""

    opened_run: str | None = None  # the run last open here: coming back to the page reopens it
    fresh_run: str | None = None  # the run that Train started, until its live view is drawn
    drawn_for: DrawnFor | None = None
    settings_from: dict[str, str] = field(default_factory=dict)  # variant -> run in its controls
    presets: dict[str, str] = field(default_factory=dict)  # variant -> preset last chosen
    variant_from: str | None = None  # the run that last chose the Lab's variant


@dataclass
class Session:
    """What a visitor's session remembers."""

    page: str = ""  # where the visitor is
    arrived: bool = True  # whether this script run is the first on that page
    pages: dict[str, PageState] = field(default_factory=dict)
    compared: str = ""  # the Compare page's runs, as last written to the URL
    unsaid: str = ""  # what a callback has to say once the page is drawn


def session() -> Session:
    if "lab" not in st.session_state:
        st.session_state["lab"] = Session()
    remembered: Session = st.session_state["lab"]
    return remembered


def say(words: str) -> None:
    """Shows words for a moment, once what a callback changed is drawn.

    A toast of the callback itself would take the place of the page's first element, its styles.
    """
    session().unsaid = words


def state_of(page: str) -> PageState:
    return session().pages.setdefault(page, PageState())


def arrive(page: str) -> None:
    """Notes which page the visitor is on.

    The last run of a page is reopened only on arrival. Later, a URL without a run means that the
    back button was pressed.
    """
    here = session()
    here.arrived, here.page = here.page != page, page


_starting = threading.Lock()


def pool() -> Pool:
    """The process's one pool. Its first worker starts to warm up at the first call."""
    with _starting:
        return _started_pool()


def pool_if_started() -> Pool | None:
    return pool() if _started_pool.cache_info().currsize else None


@lru_cache(maxsize=1)
def _started_pool() -> Pool:
    shared = Pool(store.default_root(), max_concurrent_runs())
    shared.start()
    return shared


def visitor() -> str:
    """The owner of the runs started here: a hash of the visitor's cookie.

    Empty if there is no cookie (tests, the command line).
    """
    cookie = st.context.cookies.to_dict().get(OWNER_COOKIE, "")
    return hashlib.sha256(cookie.encode()).hexdigest()[:32] if cookie else ""


def may_change(run: Run) -> bool:
    """Whether this visitor may pause, stop, rename or delete the run.

    The owner may. A run from the command line belongs to everybody.
    """
    return run.spec.owner in ("", visitor())


def open_run(page: str, variant: str | None = None) -> Run | None:
    """The run that the URL names, else the one last open on this page.

    None if there is none, or if it cannot be opened; then the page says why.
    """
    run_id = st.query_params.get("run") or (
        state_of(page).opened_run if session().arrived else None
    )
    if not run_id:
        state_of(page).opened_run = None
        return None
    try:
        run = store.open_run(pool().root, run_id)
        _ = run.state  # raises if the run is damaged
        if variant and run.spec.variant != variant:
            raise LabError(
                f"The run '{run.spec.name}' is a {variants()[run.spec.variant].title} one, "
                f"not {variants()[variant].title}; open it on its own page or in the Lab."
            )
    except LabError as error:
        st.warning(error_text(error))
        close_run(page)
        return None
    show_run(page, run.id)
    return run


def of_run(draw: Callable[P, None], run_every: float | None = None) -> Callable[P, None]:
    """Runs `draw(run, …)` as a fragment: its widgets rerun only it. Then shows what they `say`.

    If the run was deleted meanwhile, the whole page is rerun and says so.
    """

    @wraps(draw)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        run = args[0]
        if isinstance(run, Run) and not run.path.exists():
            st.rerun()
        draw(*args, **kwargs)
        here = session()
        words, here.unsaid = here.unsaid, ""
        if words:
            st.toast(words)

    return st.fragment(guarded, run_every=run_every)


def show_run(page: str, run_id: str) -> None:
    st.query_params["run"] = run_id
    state_of(page).opened_run = run_id


def close_run(page: str) -> None:
    st.query_params.pop("run", None)
    state_of(page).opened_run = None


def dataset_of(run: Run, quiet: bool = False) -> Dataset | None:
    """The data set that a run learned.

    None if it is not on this machine; unless `quiet`, the page says so.
    """
    try:
        return load(run.spec.dataset)
    except LabError as error:
        if not quiet:
            st.info(
                f"This run's pictures need its data. {error_text(error)}",
                icon=":material/download:",
            )
        return None


@lru_cache
def fit_pca(name: str) -> None:
    """Fits a loaded data set's PCA in the background, once a process.

    It takes a second, and charts and figures will need it.
    """
    threading.Thread(target=lambda: load(name).pca, daemon=True).start()


def network(run: Run, place: Place | None = None) -> Network:
    """The run's network as last stored, or of an earlier moment.

    It is read again only if the file has changed. If that moment is no longer kept, it is the last.
    """
    path = run.path / "network.safetensors"
    if place and (earlier := History(run.path).file(place)).exists():
        path = earlier
    return _network(str(path), path.stat().st_mtime_ns)


@st.cache_resource(max_entries=12, show_spinner=False)
def _network(path: str, changed: int) -> Network:
    return load_network(Path(path))


def readable_runs() -> list[Run]:
    """The runs that this visitor may change: their own and the command line's, newest first."""
    return [run for run in store.listing(pool().root) if isinstance(run, Run) and may_change(run)]
