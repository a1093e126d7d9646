"""Starts the run that the bench describes, from nothing or from a moment of another run."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from aecore.data.dataset import Dataset
from aecore.errors import LabError
from aecore.hyperparameters import Config
from aecore.models import Autoencoder
from aecore.runs import branches, store
from aecore.runs.records import Moment
from aecore.runs.run import Run
from ui import session
from ui.components.live_chart import looked_at
from ui.words import error_text

SLOW = 120  # steps a second in slow motion: a thousand steps in eight seconds


def train(
    page: str,
    cls: type[Autoencoder],
    config: Config | None,
    data: Dataset | None,
    preset: str,
    seed: int,
) -> Run | None:
    """Starts the run that the bench describes; None if it cannot be, and the page says why."""
    if config is None or data is None:
        return None
    return _started(
        page,
        data,
        lambda: store.create(
            session.pool().root,
            variant_name=cls.name,
            dataset=data.name,
            config=config,
            seed=seed,
            preset=preset,
            owner=session.visitor(),
        ),
    )


def _started(page: str, data: Dataset, create: Callable[[], Run]) -> Run | None:
    """Creates a run, starts it and shows it; None if it cannot be, and the page says why."""
    try:
        run = create()
        try:
            if not data.image_shape:  # it would end before anybody sees it
                run.command("steps_per_second", SLOW)
            session.pool().submit(run)
        except LabError:
            run.delete()
            raise
    except LabError as error:
        st.error(error_text(error))
        return None
    except OSError as error:
        st.error(
            f"The run cannot be stored ({error.strerror}); expected room and permission in the "
            "folder of the runs. Make some, then press the button again."
        )
        return None
    here = session.state_of(page)
    here.fresh_run = here.settings_from[run.spec.variant] = run.id
    session.show_run(page, run.id)
    return run


def branch_button(
    page: str,
    run: Run,
    config: Config | None,
    data: Dataset | None,
    preset: str,
    seed: int,
) -> Run | None:
    """A button that starts a new run from the moment of the time slider, or from the run's end.

    The new run has the settings on the bench. If they do not fit, the button says why. Returns that
    run.
    """
    stored, reason = run.stored(), ""
    place = looked_at(run) or (stored.place if stored else None)
    if not place or not run.keeps_record:
        return None
    moment = Moment(phase=place[0], step=place[1])
    if config and data:
        try:
            branches.check(run, moment, config, data)
        except LabError as error:
            reason = error_text(error)
    where = f"{branches.words_of(moment)} of this run"
    pressed = st.button(
        "Go on from here",
        icon=":material/fork_right:",
        key=f"{page}.branch",
        disabled=bool(reason) or not (config and data),
        help=reason or f"A new run, from the weights at {where}, with the settings on the left.",
    )
    if not (pressed and config and data):
        return None
    return _started(
        page,
        data,
        lambda: branches.branch(
            session.pool().root,
            run,
            moment,
            config=config,
            dataset=data,
            seed=seed,
            preset=preset,
            owner=session.visitor(),
        ),
    )
