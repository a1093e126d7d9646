"""The diagnosis of a training, at its end or before: a sentence, and a button for each remedy."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import streamlit as st

from aecore.data.sources import load
from aecore.errors import LabError
from aecore.models import Autoencoder
from aecore.runs import diagnosis
from aecore.runs.evidence import Remedy
from aecore.runs.run import Run
from aecore.runs.statuses import Status
from ui import controls, session
from ui.views.steering import submit
from ui.words import escape_markdown


def sentence(run: Run) -> str:
    """What is said of a run; "" if all is well, or if it waits to train on."""
    state = run.state
    return "" if state.status is Status.QUEUED else state.message


def advice(page: str, cls: type[Autoencoder], run: Run) -> None:
    """Draws the sentence, with a button for each thing to try.

    A button sets the controls and trains nothing, except the one that trains more.
    """
    words = sentence(run)
    if not words:
        return
    with st.container(key="advice", gap=6):
        st.markdown(escape_markdown(words))
        remedies = _remedies(str(run.path), words)
        if not remedies:
            return
        with st.container(horizontal=True, gap=8):
            for number, remedy in enumerate(remedies):
                _button(f"{page}.{cls.name}.remedy.{number}", page, cls, run, remedy)


def _button(key: str, page: str, cls: type[Autoencoder], run: Run, remedy: Remedy) -> None:
    if not remedy.more_epochs:
        st.button(remedy.label, key=key, on_click=_set, args=(page, cls, remedy))
    elif (
        run.state.status is Status.DONE
        and session.may_change(run)
        and st.button(remedy.label, key=key, icon=":material/forward:")
    ):
        submit(run, remedy.more_epochs)


def _set(page: str, cls: type[Autoencoder], remedy: Remedy) -> None:
    controls.set_values(page, cls, remedy.values)
    session.say(f"Set: {escape_markdown(remedy.words)}. Press **Train again** to try it.")


@lru_cache(maxsize=64)
def _remedies(path: str, words: str) -> tuple[Remedy, ...]:
    """The remedies of the finding with this sentence; none if it is an error's."""
    try:
        run = Run(Path(path))
        if run.state.status in (Status.DONE, Status.DIVERGED):
            found = diagnosis.diagnose(run)
        else:
            found = diagnosis.diagnose_so_far(run, load(run.spec.dataset))
    except LabError:  # the run is damaged; the tabs say so
        return ()
    return found.remedies if found and found.sentence == words else ()
