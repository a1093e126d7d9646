"""What several tabs need."""

from __future__ import annotations

import time

import numpy as np

from aecore.data.dataset import Dataset
from aecore.runs.run import Run
from aecore.runs.statuses import Status
from ui import session
from ui.figures import pictures

BLUE_ORANGE = " ".join(
    f'<span class="lab-key"><i style="background:rgb{tuple(map(int, pictures.signed(np.array([sign]), (1, 1, 1))[0, 0]))}"></i>{word}</span>'
    for sign, word in ((1.0, "positive"), (-1.0, "negative"))
)
FOLLOW_SECONDS = 2.0  # between two looks at a training that is followed
LOOK_SECONDS = 1.0  # for the worker to store the network of now; if a step takes longer, the weights of before are shown


def look(run: Run) -> None:
    """Have the worker store the network of now; if it is paused, it has."""
    if not run.path.exists() or run.state.status is not Status.RUNNING:
        return
    asked, until = session.pool().ask(run, "show").asked, time.monotonic() + LOOK_SECONDS
    while (
        (state := run.state).obeyed < asked
        and state.status is Status.RUNNING
        and time.monotonic() < until
    ):
        time.sleep(0.02)


def moment(run: Run) -> str:
    """When in its training the weights are from that the tabs show."""
    about = session.network(run).about
    if "step" not in about:  # stored by an earlier version of the lab
        return "The weights as last stored."
    phase, of_it = (
        (f"phase {about['phase'] + 1}, ", " of that phase") if about["phase"] else ("", "")
    )
    words = f"The weights of {phase}epoch {about['epoch']}, step {about['step']:,}{of_it}"
    return f"{words}; it goes on training." if run.state.status is Status.RUNNING else f"{words}."


def image_shape(data: Dataset) -> tuple[int, int, int]:
    return data.image_shape or (1, data.n_inputs, 1)
