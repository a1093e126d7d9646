"""What every lesson shares: choose, train, watch, inspect."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from aecore import datasets, runs
from aecore.datasets import Dataset, title_of
from aecore.errors import LabError
from aecore.hyperparameters import Config
from aecore.models import Autoencoder, variant, variants
from aecore.runs import CommandName, Run
from aecore.statuses import ACTIVE, Status
from ui import controls, figures, live, panels, session
from ui.components.focus import keep_focus
from ui.components.live_chart import is_offline, live_view
from ui.words import plain, told

SLOW = 120  # steps a second in slow motion: a thousand steps in eight seconds


@dataclass(frozen=True)
class Lesson:
    """What a page says. lead: what always stands under the title, one line; question: what to predict before Train is pressed."""

    lead: str
    prose: str = ""  # empty: the Lab's, which has only its lead
    question: str = ""


def lesson(name: str, *, title: str, lead: str, prose: str, question: str = "") -> None:
    """A variant's page: its lesson and its workbench."""
    st.container(key="head").title(title, anchor=False)
    run = session.open_run(name, variant=name)
    _workbench(name, variant(name), run, Lesson(lead, prose, question))


def lab() -> None:
    """The workbench with every variant to choose from."""
    head = st.container(horizontal=True, vertical_alignment="center", key="head")
    head.title("Lab", anchor=False, width="content")
    run = session.open_run("lab")
    if run and st.session_state.get("lab.from") != run.id:
        st.session_state["lab.variant"] = run.spec.variant
        st.session_state["lab.from"] = run.id
    names = list(variants())
    name = head.segmented_control(
        "Variant", names, format_func=lambda name: variant(name).title, key="lab.variant", default=None if "lab.variant" in st.session_state else "stacked",
        required=True, persist_state="session", label_visibility="collapsed", wrap=True,
    )  # fmt: skip
    cls = variant(name or names[0])
    if run and run.spec.variant != name:
        session.close_run("lab")
    _workbench("lab", cls, run if run and run.spec.variant == name else None, Lesson(cls.sentence))


def _workbench(page: str, cls: type[Autoencoder], run: Run | None, lesson: Lesson) -> None:
    """The lesson stands where the live view will: to read it and to press Train is one screen, and Train moves nothing. Then it folds."""
    with st.container(key="fold", gap=2):
        st.markdown(lesson.lead)
        folded = None
        if run:
            st.session_state[f"{run.id}.drawn_for"] = _drawn_for(run)
            folded = st.expander("Read the lesson" if lesson.prose else "The loss as a formula", type="compact").empty()
        else:
            st.caption(
                f"Press **Train** and watch the loss fall and {'the plane turn (or the digits appear)' if cls.takes_points else 'the digits appear'}. "
                "You can change any setting first; nothing can break."
            )
    _bench(run, page, cls, lesson, folded)
    if run and run.has_network and (data := session.dataset_of(run, quiet=True)):  # the live view has said what is missing
        panels.inspect(run, data)


@session.of_run  # a control turned here answers without the rest of the page
def _bench(run: Run | None, page: str, cls: type[Autoencoder], lesson: Lesson, folded: Any) -> None:
    """The settings on the left; the network, its buttons and the live view on the right. Until there is a run to be seen, the lesson.

    A run that Train starts is shown here at once; the rest of the page, which takes as long to draw again, follows when its first point is there.
    """
    opened = session.session().open_runs.get(page)
    if opened != (run.id if run else None):
        if opened:  # the address may have been sent before it named this run
            session.show_run(page, opened)
        st.rerun()
    bench = st.container(horizontal=True, key="bench", gap=24)
    with bench.container(key="settings", gap=8, width=264):
        _take_over(page, cls, run)
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
            help="Everything random follows from it: the same seed gives the same network, bit for bit.",
        )
    with bench.container(key="work", gap=6):
        if config and data:
            _draw_network(cls, config, data)
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="steer", gap=8):
            keep_focus()  # first, so that it stays where it is while the others come and go
            begun = _buttons(page, cls, run, config, data, preset, int(seed))
        if run := begun or run:
            _caption(run, _differing(run, config, data.name, int(seed)) if config and data else [])
            session.of_run(_live, run_every=1.0 if _polls(run) else None)(run)
        if begun and not folded:
            return  # the lesson is drawn with the rest of the page, folded
        with folded.container() if folded else st.container(key="lesson"):
            if lesson.prose:
                st.markdown(lesson.prose)
            if lesson.question:
                st.markdown(f"**Predict, then run.** {lesson.question}")
            if shown := run.config if run else config:
                _write_formula(cls, shown)


def _caption(run: Run, differing: list[str]) -> None:
    """One line above the chart, always: which run it shows, or how its settings differ from the bench's."""
    first, more = differing[:2], len(differing) - 2
    with st.container(key="told"):
        if differing:
            words = f"{'; '.join(first)}{f'; {more} more' if more > 0 else ''}"
            st.caption(
                f":material/info: This run had other settings than the bench: {words}.", help="; ".join(differing) if more > 0 else None
            )
        else:
            st.caption(f"**{plain(run.spec.name)}** · run `{run.id[:8]}` · this page's address shows it to anybody")


def _differing(run: Run, config: Config, data_name: str, seed: int) -> list[str]:
    """What the run was trained with and the bench no longer says, in words."""
    then, now = run.config.model_dump(), config.model_dump()
    words = [
        f"{control.title} {controls.words_of(control, then[name])} (bench: {controls.words_of(control, now[name])})"
        for name, control in run.config.declared().items()
        if then[name] != now[name] and (control.applies(then) or control.applies(now))
    ]
    others = [("Data", title_of(run.spec.dataset), title_of(data_name)), ("Seed", str(run.spec.seed), str(seed))]
    return [plain(line) for line in words + [f"{title} {was} (bench: {here})" for title, was, here in others if was != here]]


def _take_over(page: str, cls: type[Autoencoder], run: Run | None) -> None:
    """When a run is opened (by a link, or from Runs), its settings fill the controls; once."""
    marker = controls.key(page, cls, "from")
    if run and st.session_state.get(marker) != run.id:
        controls.set_values(page, cls, run.config)
        if run.spec.preset in cls.presets:
            st.session_state[controls.key(page, cls, "preset")] = run.spec.preset
        st.session_state[controls.key(page, cls, "dataset")] = run.spec.dataset
        st.session_state[controls.key(page, cls, "seed")] = run.spec.seed
    if run:
        st.session_state[marker] = run.id


def _dataset_picker(page: str, cls: type[Autoencoder]) -> Dataset | None:
    """The chosen data set; a button and progress if it has yet to be fetched, one sentence if that fails."""
    known = {name: source for name, source in datasets.sources().items() if cls.takes_points or not source.points}
    names = list(known)
    key = controls.key(page, cls, "dataset")
    st.session_state.setdefault(key, names[0])
    name = st.selectbox(
        "Data",
        names,
        format_func=lambda name: known[name].title,
        key=key,
        help=" ".join(source.about for source in known.values()),
        persist_state="session",
    )
    try:
        if datasets.available(name):
            data = datasets.load(name)
            session.fit_pca(name)
            return data
        source = known[name]
        st.caption(f"{source.about} It is not on this machine yet; the embedded digits stay usable.")
        if st.button(f"Fetch {source.title}", icon=":material/download:", key=f"{key}.fetch"):
            bar = st.progress(0.0, f"Fetching {source.title}")
            datasets.download(name, partial(_show_bytes, bar))
            st.rerun()
    except LabError as error:
        st.error(told(error))
    return None


def _show_bytes(bar: Any, done: int, total: int) -> None:
    bar.progress(done / total, f"{done / 1e6:.1f} of {total / 1e6:.1f} MB")


def _write_formula(cls: type[Autoencoder], config: Config) -> None:
    """The loss that these settings give, its unit, and what each symbol in it means."""
    formula = cls.formula(config)
    st.latex(formula.latex)
    words = "; ".join(f"${symbols}$ {words}" for symbols, words in formula.symbols.items())
    st.caption(f"In {formula.unit}. Here {words}.")


def _draw_network(cls: type[Autoencoder], config: Config, data: Dataset) -> None:
    sizes = cls.sizes(config, data.n_inputs)
    parameters = cls.count_parameters(config, data.n_inputs)
    untied = Autoencoder.count_parameters(config, data.n_inputs)
    note = f"{parameters / untied:.0%} of the {untied:,} that free weights have" if cls.ties_weights else ""
    st.html(figures.drawing(sizes, parameters, words=cls.captions, codings=len(sizes) // 2, tied=cls.ties_weights, note=note))


def _buttons(
    page: str, cls: type[Autoencoder], run: Run | None, config: Config | None, data: Dataset | None, preset: str, seed: int
) -> Run | None:
    """Train; and for an open run Pause, Step, Resume, Stop, Train more, whichever make sense now. Returns the run that Train has just started."""
    status, begun = run.state.status if run else None, None
    with st.container(horizontal=True, vertical_alignment="center", gap=8, width="content"):
        if st.button("Train" if not run else "Train anew", type="primary" if status not in ACTIVE else "secondary", icon=":material/play_arrow:",
                     disabled=config is None or data is None or status in ACTIVE, key=f"{page}.{cls.name}.train"):  # fmt: skip
            begun = _train(page, cls, config, data, preset, seed)
        run = begun or run
        status, mine = run.state.status if run else None, run is None or session.may_change(run)
        if run and status and status in ACTIVE and mine:
            _running_buttons(page, run, status)
        elif run and status in (Status.STOPPED, Status.INTERRUPTED) and mine:
            if st.button("Resume", icon=":material/resume:", key=f"{page}.resume", help="Go on from the last checkpoint."):
                _submit(run)
        elif (
            run
            and status is Status.DONE
            and mine
            and st.button("Train more", icon=":material/forward:", key=f"{page}.more", help=_about_more(run))
        ):
            settings = run.config.model_dump()
            _submit(run, settings.get("fine_tune_epochs") or settings["epochs"])
    if run and status in ACTIVE and not mine:
        st.caption("Somebody else started this run: you can watch it, not steer it.")
    if run and mine:
        _dials(run, disabled=status not in (Status.RUNNING, Status.PAUSED))
    return begun


def _about_more(run: Run) -> str:
    words = "As many epochs again, from where it stands."
    if run.config.schedule != "constant":
        words += (
            " The schedule is stretched over the old and the new epochs, so the learning rate jumps back up before it falls to 0 again."
        )
    return words


def _running_buttons(page: str, run: Run, status: Status) -> None:
    """Their callbacks run before the page is drawn, so that no click is lost to whatever else draws it at the same moment."""
    if status is Status.RUNNING:
        st.button("Pause", icon=":material/pause:", key=f"{page}.pause", shortcut="p", on_click=_ask, args=(run, "pause"))
    elif status is Status.PAUSED:
        st.button(
            "Resume", icon=":material/play_arrow:", key=f"{page}.resume", type="primary", shortcut="p", on_click=_ask, args=(run, "resume")
        )
        st.button(
            "Step", icon=":material/skip_next:", key=f"{page}.step", help="One step of Adam, on one batch.", shortcut="s",
            on_click=_ask, args=(run, "step"),
        )  # fmt: skip
    stopping = status is Status.STOPPING
    st.button(
        "Stopping" if stopping else "Stop", icon=":material/stop:", key=f"{page}.stop", disabled=stopping, on_click=_ask, args=(run, "stop")
    )


def _dials(run: Run, disabled: bool) -> None:
    """What can be turned while it trains; kept in place before and after, so that nothing jumps. Set to what was last asked, on whatever page."""
    state, scheduled = run.state, run.config.schedule != "constant"
    rate = state.rate or run.config.learning_rate
    rates = sorted({run.config.learning_rate, rate, *(m * 10.0**e for e in range(-5, 0) for m in (1, 2, 5))})
    rate_key, slow_key = f"{run.id}.rate", f"{run.id}.slow"
    st.session_state[rate_key], st.session_state[slow_key] = rate, state.steps_per_second is not None
    words = "Turned while it trains; the weights are kept."
    if scheduled:
        words += " It is the peak of the schedule: what is in force is this value times the schedule's share, and stands in the line above the chart as “rate”."
    with st.container(horizontal=True, vertical_alignment="center", gap=12, width="content"):
        st.select_slider(
            "Peak rate" if scheduled else "Learning rate now", rates, format_func=lambda rate: f"{rate:g}", key=rate_key, width=135,
            on_change=lambda: _ask(run, "learning_rate", st.session_state[rate_key]), help=words, disabled=disabled,
        )  # fmt: skip
        st.toggle(
            "Slow motion", key=slow_key, on_change=lambda: _ask(run, "steps_per_second", SLOW if st.session_state[slow_key] else None),
            help=f"{SLOW} steps a second, to watch it happen.", disabled=disabled,
        )  # fmt: skip


def _ask(run: Run, command: CommandName, value: float | None = None) -> None:
    if not run.path.exists():  # it was deleted in another tab, which the page is about to say
        return
    try:
        session.pool().ask(run, command, value)
    except LabError as error:
        st.toast(told(error), icon=":material/error:")


def _train(page: str, cls: type[Autoencoder], config: Config | None, data: Dataset | None, preset: str, seed: int) -> Run | None:
    """Start the run that the bench describes; None, and a sentence on the page, if it cannot be."""
    if config is None or data is None:
        return None
    try:
        run = runs.create(
            session.pool().root, variant_name=cls.name, dataset=data.name, config=config, seed=seed, preset=preset, owner=session.visitor()
        )
        try:
            if not data.image_shape:  # it would be over before it could be seen
                run.command("steps_per_second", SLOW)
            session.pool().submit(run)
        except LabError:
            run.delete()
            raise
    except LabError as error:
        st.error(told(error))
        return None
    except OSError as error:
        st.error(
            f"The run cannot be stored ({error.strerror}); expected room and permission in the folder of the runs. Make some, then press Train again."
        )
        return None
    st.session_state[f"{run.id}.fresh"] = True
    st.session_state[controls.key(page, cls, "from")] = run.id
    session.show_run(page, run.id)
    return run


def _submit(run: Run, extra_epochs: int = 0) -> None:
    try:
        session.pool().submit(run, extra_epochs)
    except LabError as error:
        st.error(told(error))
        return
    st.rerun()


def _drawn_for(run: Run) -> tuple[str, bool]:
    """What the page's buttons and tabs depend on."""
    return live.standing(run, run.state), _polls(run)


def _polls(run: Run) -> bool:
    """Whether the page has to ask for news itself, because the push route cannot be reached."""
    return is_offline(run) and run.state.status in ACTIVE


def _live(run: Run) -> None:
    """Draws the view; reruns the whole page when what its buttons and tabs were drawn for no longer holds."""
    fresh = bool(st.session_state.pop(f"{run.id}.fresh", False))
    if not fresh and st.session_state.get(f"{run.id}.drawn_for") != _drawn_for(run):
        st.rerun()
    data = session.dataset_of(run)
    if data is None:
        return
    live_view(run, data, slow=run.state.steps_per_second is not None, fresh=fresh)
    source = datasets.SOURCES.get(data.name)  # None: the visitor's own images
    if words := " ".join(filter(None, [variant(run.spec.variant).curves, source.curves if source else ""])):
        st.caption(words)
