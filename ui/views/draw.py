"""The Draw page: one drawing, rebuilt by several networks at once."""

from __future__ import annotations

import numpy as np
import streamlit as st

from aecore import pretrained
from aecore.data.sources import load, title_of
from aecore.errors import LabError
from aecore.runs import store
from aecore.runs.run import Run
from ui import session
from ui.components.pad import Examples, examples_of, pad
from ui.components.source import Source
from ui.views.generate import decodes_images, shipped_name
from ui.words import error_text, escape_markdown, name_with_id

MOST = 6
KEY = "draw.networks"


def page() -> None:
    chosen = _choose()
    if not chosen:
        st.info("Choose one or more networks above.", icon=":material/draw:")
        return
    shapes = {choice: _image_shape(choice) for choice in chosen}
    shape = next((each for each in shapes.values() if each), None)
    others = [choice for choice in chosen if shapes[choice] != shape]
    for choice in others:
        reason = (
            "takes images of another size than the first" if shapes[choice] else "needs its data"
        )
        st.warning(f"{escape_markdown(_name(choice))} {reason}; it is left out.")
    if not shape:
        return
    networks = [
        (
            Source(_name(choice), choice, run="" if choice in pretrained.names() else choice),
            _examples(choice),
        )
        for choice in chosen
        if choice not in others
    ]
    pad(networks, shape, key="draw.pad")
    st.caption(
        "Each network gets the drawing scaled and centred as the images of its own data are: those "
        "of MNIST fill 20 pixels about their centre of mass. Errors are squared, a mean over the "
        "pixels, and compare what comes out with the undamaged drawing. PCA gets the same image."
    )


def _choose() -> list[str]:
    """The chosen networks: names of shipped ones, ids of runs. They are kept in the URL."""
    runs = {run.id: run for run in session.readable_runs() if decodes_images(run)}
    asked = [name for name in st.query_params.get("networks", "").split(",") if name]
    for name in asked:
        if name not in runs and name not in pretrained.names():
            try:
                run = store.open_run(session.pool().root, name)
                if decodes_images(run):
                    runs[run.id] = run
            except LabError as error:
                st.warning(error_text(error))
    choices = [*pretrained.names(), *runs]
    if session.session().arrived or KEY not in st.session_state:
        first = [name for name in asked if name in choices][:MOST]
        st.session_state[KEY] = first or _first_choice(list(runs))
    st.session_state[KEY] = [name for name in st.session_state[KEY] if name in choices]
    chosen: list[str] = st.multiselect(
        "Networks",
        choices,
        format_func=_name,
        max_selections=MOST,
        key=KEY,
        placeholder="Choose networks",
    )
    st.query_params["networks"] = ",".join(chosen)
    return chosen


def _first_choice(runs: list[str]) -> list[str]:
    """The visitor's newest two runs with images of the shipped networks' size, and these."""
    shipped = pretrained.names()
    fits = [run for run in runs[:MOST] if _image_shape(run) == _image_shape(shipped[0])]
    return [*fits[:2], *shipped]


def _name(choice: str) -> str:
    return shipped_name(choice) if choice in pretrained.names() else name_with_id(_run(choice))


def _run(choice: str) -> Run:
    return store.open_run(session.pool().root, choice)


def _image_shape(choice: str) -> tuple[int, int, int] | None:
    """The shape of a network's images; None if its data are not on this machine."""
    if choice in pretrained.names():
        return pretrained.pretrained(choice).extract.image_shape
    data = session.dataset_of(_run(choice), quiet=True)
    return data.image_shape if data else None


def _examples(choice: str) -> Examples:
    """One test image of each class of a network's data, which are on this machine."""
    if choice in pretrained.names():
        shipped = pretrained.pretrained(choice)
        extract, name = shipped.extract, shipped.network.about["dataset"]
        rows = np.unique(extract.labels, return_index=True)[1]
        labels = [extract.names[row] for row in rows]
        return Examples(name, title_of(name), extract.images[rows], labels)
    return examples_of(load(_run(choice).spec.dataset))
