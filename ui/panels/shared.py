"""What several tabs need."""

from __future__ import annotations

import time

import numpy as np

from aecore.data.dataset import Dataset
from aecore.network import Network
from aecore.runs.history import Place, place_key
from aecore.runs.run import Run
from aecore.runs.statuses import Status
from ui import session
from ui.components.live_chart import looked_at
from ui.components.source import Source
from ui.figures import pictures


def _key(sign: float, word: str) -> str:
    """A square in the colour of positive or negative values, with its word."""
    red, green, blue = pictures.signed(np.array([sign]), (1, 1, 1))[0, 0]
    colour = f"rgb({red}, {green}, {blue})"
    return f'<span class="lab-key"><i style="background:{colour}"></i>{word}</span>'


BLUE_ORANGE = " ".join((_key(1.0, "positive"), _key(-1.0, "negative")))
FOLLOW_SECONDS = 2.0  # between two updates of a tab that follows a training
# How long to wait for the worker to store the network as it is now. If a step takes longer, the
# weights as last stored are shown.
LOOK_SECONDS = 1.0


def look(run: Run) -> None:
    """Makes the worker store the network as it is now. A paused worker has stored it already."""
    if not run.path.exists() or run.state.status is not Status.RUNNING:
        return
    asked, until = session.pool().ask(run, "show").asked, time.monotonic() + LOOK_SECONDS
    while (
        (state := run.state).carried_out < asked
        and state.status is Status.RUNNING
        and time.monotonic() < until
    ):
        time.sleep(0.02)


def network_of(run: Run) -> Network:
    """The network that the tabs show: of the time slider's moment, or as last stored."""
    return session.network(run, looked_at(run))


def moment(run: Run, place: Place | None = None) -> str:
    """The moment of the training that the weights in the tabs are from.

    place: the earlier moment that they show.
    """
    about = session.network(run, place).about
    if "step" not in about:  # stored by an earlier version of the lab
        return "The weights as last stored."
    phase, of_it = (
        (f"phase {about['phase'] + 1}, ", " of that phase") if about["phase"] else ("", "")
    )
    words = f"The weights of {phase}epoch {about['epoch']}, step {about['step']:,}{of_it}"
    if place == (about["phase"], about["step"]):
        return f"{words}, where the time slider last rested."
    return f"{words}; it goes on training." if run.state.status is Status.RUNNING else f"{words}."


def source_of(run: Run, name: str = "") -> Source:
    """The network that the tabs show, for components that fetch it and follow the time slider."""
    place = looked_at(run)
    return Source(
        name,
        run.id,
        run.id,
        place_key(place) if place else "",
        str((run.path / "network.safetensors").stat().st_mtime_ns),
    )


def image_shape(data: Dataset) -> tuple[int, int, int]:
    return data.image_shape or (1, data.n_inputs, 1)
