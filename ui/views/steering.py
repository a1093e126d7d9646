"""The buttons and controls that steer a run."""

from __future__ import annotations

import streamlit as st

from aecore.data.dataset import Dataset
from aecore.errors import LabError
from aecore.hyperparameters import Config
from aecore.models import Autoencoder, variant
from aecore.runs.run import Run
from aecore.runs.spec import CommandName
from aecore.runs.statuses import ACTIVE, Status
from ui import session
from ui.components.live_chart import looked_at
from ui.views.starting import SLOW, branch_button, train
from ui.words import error_text


def buttons(
    page: str,
    cls: type[Autoencoder],
    run: Run | None,
    config: Config | None,
    data: Dataset | None,
    preset: str,
    seed: int,
) -> Run | None:
    """Train; for an open run also Pause, Step, Resume, Stop or Train more, and Go on from here.

    Returns the run that has just been started.
    """
    status, begun = run.state.status if run else None, None
    with st.container(horizontal=True, vertical_alignment="center", gap=8, width="content"):
        if run and status in ACTIVE and looked_at(run):  # in the place of a button that is idle
            begun = branch_button(page, run, config, data, preset, seed)
        elif st.button(
            "Train" if not run else "Train again",
            type="primary" if status not in ACTIVE else "secondary",
            icon=":material/play_arrow:",
            disabled=config is None or data is None or status in ACTIVE,
            key=f"{page}.{cls.name}.train",
        ):
            begun = train(page, cls, config, data, preset, seed)
        run = begun or run
        status, mine = run.state.status if run else None, run is None or session.may_change(run)
        if run and status and status in ACTIVE and mine:
            _running_buttons(page, run, status)
        elif run and status in (Status.STOPPED, Status.INTERRUPTED) and mine:
            if st.button(
                "Resume",
                icon=":material/resume:",
                key=f"{page}.resume",
                help="Go on from the last checkpoint.",
            ):
                submit(run)
        elif (
            run
            and status is Status.DONE
            and mine
            and st.button(
                "Train more", icon=":material/forward:", key=f"{page}.more", help=_about_more(run)
            )
        ):
            submit(run, variant(run.spec.variant).phase_epochs(run.config)[-1])
        if run and begun is None and status not in ACTIVE:
            begun = branch_button(page, run, config, data, preset, seed)
    if run and not mine:
        st.caption(
            "Somebody else started this run: you can watch it, not steer it."
            if status in ACTIVE
            else "Somebody else trained this run; “Train again” makes one of your own."
        )
    if run and mine:
        _training_controls(run, disabled=status not in (Status.RUNNING, Status.PAUSED))
    return begun


def _about_more(run: Run) -> str:
    words = "As many epochs again, on the weights that it has now."
    if run.config.schedule != "constant":
        words += (
            " The schedule is stretched over the old and the new epochs, so the learning rate "
            "jumps back up before it falls to 0 again."
        )
    return words


def _running_buttons(page: str, run: Run, status: Status) -> None:
    """Buttons with callbacks. These run before the page is drawn, so a rerun loses no click."""
    if status is Status.RUNNING:
        st.button(
            "Pause",
            icon=":material/pause:",
            key=f"{page}.pause",
            shortcut="p",
            on_click=_ask,
            args=(run, "pause"),
        )
    elif status is Status.PAUSED:
        st.button(
            "Resume",
            icon=":material/play_arrow:",
            key=f"{page}.resume",
            type="primary",
            shortcut="p",
            on_click=_ask,
            args=(run, "resume"),
        )
        st.button(
            "Step",
            icon=":material/skip_next:",
            key=f"{page}.step",
            help="One step of Adam, on one batch.",
            shortcut="s",
            on_click=_ask,
            args=(run, "step"),
        )
    stopping = status is Status.STOPPING
    st.button(
        "Stopping" if stopping else "Stop",
        icon=":material/stop:",
        key=f"{page}.stop",
        disabled=stopping,
        on_click=_ask,
        args=(run, "stop"),
    )


def _training_controls(run: Run, disabled: bool) -> None:
    """The learning rate and slow motion, set to the last request from any page.

    Disabled before and after the training, but kept in place, so that nothing jumps.
    """
    state, scheduled = run.state, run.config.schedule != "constant"
    rate = state.rate or run.config.learning_rate
    rates = sorted(
        {run.config.learning_rate, rate, *(m * 10.0**e for e in range(-5, 0) for m in (1, 2, 5))}
    )
    rate_key, slow_key = f"{run.id}.rate", f"{run.id}.slow"
    st.session_state[rate_key] = rate
    st.session_state[slow_key] = state.steps_per_second is not None
    words = "Can be changed while it trains; the weights are kept."
    if scheduled:
        words += (
            " It is the peak of the schedule: the rate in force is this value times the schedule's "
            "share, and is shown above the chart as “rate”."
        )
    with st.container(horizontal=True, vertical_alignment="center", gap=12, width="content"):
        st.select_slider(
            "Peak rate" if scheduled else "Learning rate now",
            rates,
            format_func=lambda rate: f"{rate:g}",
            key=rate_key,
            width=135,
            on_change=lambda: _ask(run, "learning_rate", st.session_state[rate_key]),
            help=words,
            disabled=disabled or state.repeating,  # those steps are its origin's
        )
        st.toggle(
            "Slow motion",
            key=slow_key,
            on_change=lambda: _ask(
                run, "steps_per_second", SLOW if st.session_state[slow_key] else None
            ),
            help=f"{SLOW} steps a second, to watch it happen.",
            disabled=disabled,
        )


def _ask(run: Run, command: CommandName, value: float | None = None) -> None:
    if not run.path.exists():  # deleted in another tab; the page is about to say so
        return
    try:
        session.pool().ask(run, command, value)
    except LabError as error:
        session.say(f":material/error: {error_text(error)}")


def submit(run: Run, extra_epochs: int = 0) -> None:
    """Queues a run that has ended, perhaps for more epochs on its weights; redraws the page."""
    try:
        session.pool().submit(run, extra_epochs)
    except LabError as error:
        st.error(error_text(error))
        return
    st.rerun()
