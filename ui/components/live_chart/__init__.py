"""The live view of a training."""

from __future__ import annotations

import base64
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from aecore import references
from aecore.data.dataset import Dataset
from aecore.data.sources import load
from aecore.errors import LabError
from aecore.models import variant
from aecore.runs.feed import Feed
from aecore.runs.history import Place, place_key, place_of
from aecore.runs.run import Run
from aecore.runs.statuses import ACTIVE
from aecore.runs.store import open_run
from ui import addresses
from ui.components import chart
from ui.components.bundle import bundle
from ui.components.live_chart import meters
from ui.figures import charts, losses
from ui.waiting import describe
from ui.words import count_of, status_words

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "lab_live_chart",
    html=(_HERE / "live_chart.html").read_text().replace("{chart}", chart.HTML),
    css=chart.CSS + (_HERE / "live_chart.css").read_text(),
    js=bundle(_HERE / "live_chart.js"),
)
HEIGHT = 250  # of the chart, in pixels: the whole bench fits on a classroom's screen


def live_view(
    run: Run, dataset: Dataset, *, slow: bool, drawn_for: str | None, said: str = ""
) -> None:
    """Draws the progress, the chart and the pictures of a run.

    A change of its status reruns the page, so that the buttons follow; news of the training
    does not. slow: it runs in slow motion. drawn_for: the status key that the buttons and tabs were
    drawn for, which may be older than the status now. None: the run was started just now. Then the
    view is scrolled into sight, and the rest of the page has yet to be drawn for it. said: the
    message that the page shows already.
    """
    state, offline, expected = run.state, is_offline(run), references.of_run(run)
    pushed = state.status in ACTIVE and not offline
    data = {
        "key": run.id,
        "name": run.spec.name,
        "status": state.status,
        "words": status_words(state),
        "status_key": drawn_for or "",
        "slow": slow,
        "said": said,
        "image": dataset.image_shape,
        "fresh": drawn_for is None,
        "socket": f"{addresses.LIVE_ROUTE}/{run.id}" if pushed else None,
        "film": f"{addresses.FILM_ROUTE}/{run.id}",
        "network": f"{addresses.NETWORK_ROUTE}/{run.id}",
        "moment": place_key(place) if (place := looked_at(run)) else "",
        "unit": variant(run.spec.variant).formula(run.config).unit,
        "library": addresses.PLOTLY_ROUTE,
        "height": HEIGHT,
        "figure": _figure_of(run, dataset, bool(expected)),
        "origin": _origin(run),
        "expected": expected.model_dump()["phases"] if expected else None,
    } | meters.declared(run, dataset)
    if dataset.image_shape:
        data["originals"] = base64.b64encode(
            dataset.test.x[dataset.shown_rows()].tobytes()
        ).decode()
    else:
        axes = dataset.pca.components[: run.config.codings_size]
        data |= {
            "scene": _scene(dataset.name, run.config.codings_size),
            "axes": axes.tolist(),
            "mean": dataset.pca.mean.tolist(),
        }
    if not pushed:
        data["news"] = _so_far(run)
    # In a list: in a dict Streamlit looks for data frames, for which it imports pandas. That takes
    # a second after Train, and 45 MB.
    _mount(
        data=[data],
        key=f"live.{run.id}",
        on_changed_change=lambda: None,
        on_offline_change=lambda: None,
        on_moment_change=lambda: None,
    )


def is_offline(run: Run) -> bool:
    """Whether the component cannot reach the push route, so that the page has to poll."""
    state = st.session_state.get(f"live.{run.id}")
    return bool(state and state.get("offline"))


def looked_at(run: Run) -> Place | None:
    """The phase and step of the kept network that the time slider is at; None: it is at Now."""
    state = st.session_state.get(f"live.{run.id}")
    return place_of(str(state.get("moment") or "")) if state else None


@lru_cache(maxsize=32)
def _feed(path: str) -> Feed:
    return Feed(Run(Path(path)), describe)


def _so_far(run: Run) -> dict[str, Any]:
    """The whole history of a run; only what was appended since the last call is read."""
    history = _feed(str(run.path))
    with history.lock:
        history.news()
        return history.catch_up().as_dict()


def _origin(run: Run) -> dict[str, Any] | None:
    """The moment that the run goes on from, and the other future: how the other run went on.

    That run may be deleted; then only the moment is left.
    """
    if not (record := run.spec.origin):
        return None
    origin: dict[str, Any] = {"place": list(record.end.place)}
    try:
        history = _feed(str(open_run(run.path.parent, record.run_id).path))
    except LabError:
        return origin | {"points": [], "evaluations": []}
    with history.lock:
        history.news()
        so_far = history.catch_up().as_dict()
    return origin | {name: so_far[name] for name in ("points", "evaluations")}


def validation_errors(run: Run) -> tuple[list[float], list[float]]:
    """The steps of a run's evaluations, over all phases, and the mean squared error at each.

    The error is of the validation inputs, over their pixels or coordinates.
    """
    history = _feed(str(run.path))
    with history.lock:
        history.news()
        return [float(each.x) for each in history.evaluations], [
            each.valid["mse"] for each in history.evaluations
        ]


def _figure_of(run: Run, dataset: Dataset, expected: bool) -> str:
    cls, config = variant(run.spec.variant), run.config
    reference = (
        f"PCA, {count_of(config.codings_size, 'coding')}"
        if config.codings_size < dataset.n_inputs
        else ""
    )
    return _figure(
        tuple(cls.units(config).items()),
        not cls.loss_is_pixel_mse(config),
        reference,
        expected,
    )


@lru_cache(maxsize=64)
def _figure(
    units: tuple[tuple[str, str], ...], pixels: bool, reference: str, expected: bool
) -> str:
    """The chart as JSON, with empty lines. Cached: it takes 20 ms, and pages are drawn often."""
    figure = losses.loss_curves(dict(units), pixels=pixels, reference=reference, expected=expected)
    return str(figure.to_json())


@lru_cache(maxsize=16)
def _scene(name: str, codings_size: int) -> str:
    dataset = load(name)
    return str(
        charts.scene(
            dataset.test.floats(), dataset.pca.mean, dataset.pca.components[:codings_size]
        ).to_json()
    )
