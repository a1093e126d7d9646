"""The Figures tab: test figures, settings, and how to repeat the run."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from aecore.data.dataset import Dataset
from aecore.models import variant
from aecore.models.declarations import Metric
from aecore.runs.run import Run
from aecore.runs.statuses import ACTIVE, Status
from aecore.training.evaluation import METRICS
from aecore.training.events import Intervened
from ui.words import SHORT_ID, count_of, escape_markdown, origin_words


def results(run: Run, data: Dataset) -> None:
    """The test figures, the settings, and how to repeat the run."""
    found = run.results()
    if found is None:
        ended = run.state.status not in ACTIVE
        st.info(
            "There are no figures on the test images: it ended before they were computed."
            if ended
            else "The figures on the test images come when the training has ended."
        )
    else:
        things = "images" if data.image_shape else "points"
        st.markdown(
            f"**On the {len(data.test):,} test {things}** · {count_of(found['epochs'], 'epoch')}, "
            f"{found['seconds']:.1f} s, {found['images_per_second']:,.0f} {things}/s on average, "
            f"{found['parameters']:,} parameters, trained on {found.get('device', 'CPU')}"
        )
        cls = variant(run.spec.variant)
        units, metrics = cls.units(run.config), METRICS | cls.metrics
        units["loss"] = " + ".join(dict.fromkeys(units.values()))
        # Of the weights; only the sum with it is in the unit of the reconstruction.
        units.pop("weight_decay", None)
        rows = []
        for name, value in found["test"].items():
            metric = metrics.get(name, Metric(""))
            meaning = "; ".join(
                words for words in (metric.meaning, metric.unit or units.get(name)) if words
            )
            rows.append(f"| {metric.name(name)} | {value:.5g} | {meaning} |")
        # Not st.dataframe: it loads 1.2 MB of scripts, and imports pandas in the server.
        st.markdown("\n".join(["| figure | value | what it is |", "|---|--:|---|", *rows]))
    _repeat(run)


def _repeat(run: Run) -> None:
    """How to get the same network again.

    By one command if nobody intervened, else by a replay of the run's record.
    """
    state, done = run.state, run.interventions()
    status = state.status
    steered = [each for each in done if each.what in ("learning_rate", "more")]
    # Extra epochs are in the record only once a worker has begun them.
    by_settings = not steered and not state.extra_epochs and not run.spec.origin
    if not run.keeps_record:
        _command(
            run,
            "**Its settings from the command line.** Not the same run: an earlier version of the "
            "lab trained it, by another schedule or with changes that it kept no record of.",
        )
        return
    if by_settings and status in (Status.DONE, Status.DIVERGED):
        _command(run, "**The same run from the command line**")
    elif by_settings and status in ACTIVE:
        _command(
            run,
            "**The same run from the command line**, if nothing is changed while "
            "it trains and it runs to its end",
        )
    elif status in ACTIVE:
        st.markdown(
            "**Its settings alone do not give the same run.** When it has ended, its record can be "
            "replayed."
        )
    elif run.stored():
        st.markdown(
            "**The same run from its record.** Its settings alone do not give it: "
            f"{_why_not(run, steered, status)}."
        )
        file = f"{run.id[:SHORT_ID]}-record.json"
        st.download_button(
            "Download the record",
            lambda: run.record().model_dump_json(indent=1),
            file,
            "application/json",
            icon=":material/download:",
            key=f"{run.id}.record",
            on_click="ignore",
            help="Its settings and all that was done to it, with the step where it took effect.",
        )
        st.code(f"python -m aecore train --record {file}", language="bash", wrap_lines=True)
    if run.spec.origin and not state.repeating and state.origin_repeated is not None:
        st.caption(
            "The weights that it went on from are its origin's, bit for bit."
            if state.origin_repeated
            else "The weights that it went on from are not quite its origin's: that was trained by "
            "an earlier version of the lab, or on another processor."
        )
    if done:
        lines = "\n".join(f"- {line}" for line in _intervention_lines(done))
        st.markdown(f"**What was done to it**\n\n{lines}")


def _command(run: Run, words: str) -> None:
    st.markdown(words)
    st.code(run.as_command(), language="bash", wrap_lines=True)


def _why_not(run: Run, steered: list[Intervened], status: Status) -> str:
    kinds, origin = {each.what for each in steered}, escape_markdown(origin_words(run))
    reasons = [
        *([f"it went on from {origin}"] if origin else []),
        *(["its learning rate was changed while it trained"] if "learning_rate" in kinds else []),
        *(["it was given more epochs after its end"] if "more" in kinds else []),
        *(["it ended before its last step"] if status is not Status.DONE else []),
    ]
    return ", and ".join(reasons)


def _intervention_lines(done: list[Intervened]) -> list[str]:
    """A line for each intervention; consecutive single steps share one."""
    words = {"pause": "paused", "resume": "resumed", "stop": "stopped"}
    phases, lines = any(each.phase for each in done), []
    for what, group in groupby(done, key=lambda each: each.what):
        each, *others = list(group)
        if what == "step":
            lines.append((each, count_of(1 + len(others), "single step")))
            continue
        for one in (each, *others):
            said = words.get(what) or (
                f"learning rate changed to {one.value:g}"
                if what == "learning_rate"
                else f"given {count_of(round(one.value or 0), 'epoch')} more"
            )
            lines.append((one, said))
    return [
        f"{f'phase {one.phase + 1}, ' if phases else ''}after step {one.step:,}: {said}"
        for one, said in lines
    ]
