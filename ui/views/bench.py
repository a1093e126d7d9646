"""The bench: the settings, the network that they give, and the live view."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aecore.data import download, sources
from aecore.data.dataset import Dataset
from aecore.data.sources import title_of
from aecore.errors import LabError
from aecore.hyperparameters import Config
from aecore.models import Autoencoder, variant
from aecore.runs import branches, feed
from aecore.runs.run import Run
from aecore.runs.statuses import ACTIVE
from ui import controls, session
from ui.components.focus import keep_focus
from ui.components.live_chart import is_offline, live_view, looked_at
from ui.figures import drawing
from ui.views import advice
from ui.views.loss import loss_microscope, write_formula
from ui.views.steering import buttons
from ui.words import SHORT_ID, error_text, escape_markdown


@dataclass(frozen=True)
class Lesson:
    """What a lesson page says.

    lead: one line that always stays under the title. question: what to predict before training.
    """

    lead: str
    prose: str = ""  # empty on the Lab's page, which has only a lead
    question: str = ""


@session.of_run
def bench(
    run: Run | None,
    page: str,
    cls: type[Autoencoder],
    lesson: Lesson,
) -> None:
    """The settings on the left; the network, its buttons and the live view on the right.

    If no run is open, the lesson is in the place of the live view. A run that Train starts is
    shown at once. The rest of the page takes as long again; it is redrawn at the run's first point.
    """
    opened = session.state_of(page).opened_run
    if opened != (run.id if run else None):
        if opened:  # this rerun's URL may be older than the run
            session.show_run(page, opened)
        st.rerun()
    bench = st.container(horizontal=True, key="bench", gap=24)
    with bench.container(key="settings", gap=8, width=264):
        _fill_controls(page, cls, run)
        preset, about = controls.preset_picker(page, cls)
        data = _dataset_picker(page, cls)
        main, more = st.container(gap=8), st.expander("More settings")
        config = controls.config_controls(page, cls, main, more)
        controls.say_preset(about, cls, preset, config)
        seed = more.number_input(
            "Seed",
            0,
            2**31 - 1,
            key=controls.key(page, cls, "seed"),
            persist_state="session",
            help="Everything random follows from it: the same seed gives the same network, "
            "bit for bit.",
        )
    with bench.container(key="work", gap=6):
        if config and data:
            _draw_network(cls, config, data)
        with st.container(
            horizontal=True,
            vertical_alignment="center",
            horizontal_alignment="distribute",
            key="steer",
            gap=8,
        ):
            keep_focus()  # first, so that it stays while the buttons change
            begun = buttons(page, cls, run, config, data, preset, int(seed))
        # Made without a run too: else the old lesson is above the chart until the rerun ends.
        live = st.container(gap=6)
        if run := begun or run:
            with live:
                changed = []
                if config and data:
                    changed = _changed_settings(run, config, data.name, int(seed))
                # The terms stand above the chart in which their curves are lit.
                with st.container(horizontal=True, key="about-run", gap=16):
                    _caption(run, changed)
                    with st.expander("The loss, term by term", type="compact"):
                        loss_microscope(run)
                advice.advice(page, cls, run)
                session.of_run(_live, run_every=1.0 if _polls(run) else None)(run, page)
        else:
            with st.container(key="lesson"):
                write_lesson(cls, lesson, config)


def _caption(run: Run, changed: list[str]) -> None:
    """One line above the chart: which run it shows, or where the settings differ from its own."""
    first, more = changed[:2], len(changed) - 2
    with st.container(key="caption"):
        if changed:
            words = f"{'; '.join(first)}{f'; {more} more' if more > 0 else ''}"
            st.caption(
                f":material/info: The settings now differ from this run's: {words}.",
                help="; ".join(changed) if more > 0 else None,
            )
        else:
            about = "this page's address shows it to anybody"
            if origin := run.spec.origin:
                where = f"{branches.words_of(origin.end)} of run {origin.run_id[:SHORT_ID]}"
                about = f"goes on from [{where}](?run={origin.run_id})"
            st.caption(
                f"**{escape_markdown(run.spec.name)}** · run `{run.id[:SHORT_ID]}` · {about}"
            )


def _changed_settings(run: Run, config: Config, data_name: str, seed: int) -> list[str]:
    """The settings that differ from the run's, a line each."""
    then, now = run.config.model_dump(), config.model_dump()
    words = [
        f"{control.title} {controls.words_of(control, now[name])} "
        f"(run: {controls.words_of(control, then[name])})"
        for name, control in run.config.declared().items()
        if then[name] != now[name] and (control.applies(then) or control.applies(now))
    ]
    others = [
        ("Data", title_of(run.spec.dataset), title_of(data_name)),
        ("Seed", str(run.spec.seed), str(seed)),
    ]
    return [
        escape_markdown(line)
        for line in words
        + [f"{title} {here} (run: {was})" for title, was, here in others if was != here]
    ]


def _fill_controls(page: str, cls: type[Autoencoder], run: Run | None) -> None:
    """Puts an opened run's settings into the controls, once."""
    taken = session.state_of(page).settings_from
    if run and taken.get(cls.name) != run.id:
        controls.set_values(page, cls, dict(run.config))
        if run.spec.preset in cls.presets:
            st.session_state[controls.key(page, cls, "preset")] = run.spec.preset
        st.session_state[controls.key(page, cls, "dataset")] = run.spec.dataset
        st.session_state[controls.key(page, cls, "seed")] = run.spec.seed
    if run:
        taken[cls.name] = run.id


def _dataset_picker(page: str, cls: type[Autoencoder]) -> Dataset | None:
    """The chosen data set.

    If it is not on this machine: None, with a button that fetches it.
    """
    known = {
        name: source
        for name, source in sources.sources().items()
        if cls.takes_points or not source.points
    }
    names = list(known)
    key = controls.key(page, cls, "dataset")
    st.session_state.setdefault(key, names[0])
    name = st.selectbox(
        "Data",
        names,
        format_func=lambda name: known[name].title,
        key=key,
        help="  \n".join(f"**{source.title}**: {source.about}" for source in known.values()),
        persist_state="session",
    )
    try:
        if sources.available(name):
            data = sources.load(name)
            session.fit_pca(name)
            return data
        source = known[name]
        st.caption(
            f"{source.about} It is not on this machine yet; the embedded digits stay usable."
        )
        if st.button(f"Fetch {source.title}", icon=":material/download:", key=f"{key}.fetch"):
            bar = st.progress(0.0, f"Fetching {source.title}")
            download.download(name, partial(_show_bytes, bar))
            st.rerun()
    except LabError as error:
        st.error(error_text(error))
    return None


def _show_bytes(bar: DeltaGenerator, done: int, total: int) -> None:
    bar.progress(done / total, f"{done / 1e6:.1f} of {total / 1e6:.1f} MB")


def write_lesson(cls: type[Autoencoder], lesson: Lesson, config: Config | None) -> None:
    """Writes the prose, the question and the loss that these settings give, with its symbols."""
    if lesson.prose:
        st.markdown(lesson.prose)
    if lesson.question:
        st.markdown(f"**Predict, then run.** {lesson.question}")
    if config:
        write_formula(cls.formula(config))


def _draw_network(cls: type[Autoencoder], config: Config, data: Dataset) -> None:
    shapes, codings = cls.layer_shapes(config, data.input_shape)
    parameters = cls.count_parameters(config, data.input_shape)
    note = ""
    if cls.ties_weights:
        untied = cls.count_parameters(config, data.input_shape, untied=True)
        note = f"{parameters / untied:.0%} of the {untied:,} that free weights have"
    st.html(
        drawing.drawing(
            shapes,
            parameters,
            words=cls.captions,
            codings=codings,
            tied=cls.ties_weights,
            note=note,
        )
    )


def drawn_for(run: Run) -> session.DrawnFor:
    status_key = feed.status_key(run, run.state)
    return session.DrawnFor(run.id, status_key, _polls(run), looked_at(run))


def _polls(run: Run) -> bool:
    """Whether the page has to poll, because the push route is out of reach."""
    return is_offline(run) and run.state.status in ACTIVE


def _live(run: Run, page: str) -> None:
    """Draws the view; reruns the whole page if its buttons and tabs are out of date."""
    here = session.state_of(page)
    fresh, here.fresh_run = here.fresh_run == run.id, None
    drawn = here.drawn_for
    if not fresh and drawn != drawn_for(run):
        st.rerun()
    data = session.dataset_of(run)
    if data is None:
        return
    slow = run.state.steps_per_second is not None
    live_view(
        run,
        data,
        slow=slow,
        drawn_for=drawn.status_key if drawn and not fresh else None,
        said=advice.sentence(run),
    )
    source = sources.SOURCES.get(data.name)  # None: the visitor's own images
    if words := " ".join(
        filter(None, [variant(run.spec.variant).curves, source.curves if source else ""])
    ):
        st.caption(words)
