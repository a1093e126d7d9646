"""The Runs page: name, open, delete, download."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from aecore.data.sources import title_of
from aecore.errors import LabError
from aecore.export import EXPORTS, Export
from aecore.models import variant
from aecore.runs import store
from aecore.runs.run import LONGEST_NAME, Run, printable
from aecore.runs.statuses import ACTIVE, Status
from aecore.runs.store import Damaged
from ui import session
from ui.views.lessons import lesson_page
from ui.words import SHORT_ID, count_of, error_text, escape_markdown, origin_words, status_words

PAGE = 15
ICONS = {
    Status.QUEUED: "hourglass_empty",
    Status.RUNNING: "play_circle",
    Status.PAUSED: "pause_circle",
    Status.STOPPING: "stop_circle",
    Status.DONE: "check_circle",
    Status.STOPPED: "stop_circle",
    Status.INTERRUPTED: "warning",
    Status.DIVERGED: "trending_up",
    Status.FAILED: "error",
}


def page() -> None:
    entries = store.listing(session.pool().root)
    mine = [run for run in entries if isinstance(run, Run) and session.may_change(run)]
    damaged = [entry for entry in entries if isinstance(entry, Damaged)]
    if not mine:
        st.info(
            "No runs yet. Open a lesson, press **Train**, and it will be kept here.",
            icon=":material/folder_open:",
        )
        st.page_link(
            lesson_page("linear"),
            label="Start with the linear autoencoder",
            icon=":material/arrow_forward:",
        )
    pages = -(-len(mine) // PAGE)
    shown = (
        st.segmented_control("Page", range(1, pages + 1), default=1, required=True, key="runs.page")
        if pages > 1
        else 1
    )
    for run in mine[PAGE * (shown - 1) : PAGE * shown]:
        _row(run)
    for entry in damaged:
        st.warning(escape_markdown(entry.reason), icon=":material/broken_image:")


def _row(run: Run) -> None:
    state, results = run.state, run.results()
    warned = state.status is Status.DONE and state.message
    icon = "warning" if warned else ICONS[state.status]
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", key=f"row.{run.id}"
    ):
        with st.container(width="stretch"):
            st.page_link(
                lesson_page(run.spec.variant),
                label=f"**{escape_markdown(run.spec.name)}**",
                icon=f":material/{icon}:",
                query_params={"run": run.id},
            )
            facts = [
                status_words(state),
                variant(run.spec.variant).title,
                title_of(run.spec.dataset),
                _when(run.spec.created),
                f"run {run.id[:SHORT_ID]}",
            ]
            if run.spec.origin:
                facts.append(f"from {escape_markdown(origin_words(run))}")
            if results:
                facts += [
                    count_of(results["epochs"], "epoch"),
                    f"test MSE {results['test']['mse']:.3g}",
                ]
            st.caption(
                " · ".join(fact.replace(" ", "\u00a0") for fact in facts)
                + (f"  \n{escape_markdown(state.message)}" if state.message else "")
            )
        rename = st.popover(
            "Rename", icon=":material/edit:", key=f"rename.{run.id}.{run.spec.name}"
        )
        with rename, st.form(f"form.{run.id}", border=False):  # a form, so that Enter saves too
            name = st.text_input("Name", run.spec.name, key=f"name.{run.id}")
            if st.form_submit_button("Save", key=f"save.{run.id}"):
                length = len(printable(name))
                if 0 < length <= LONGEST_NAME:
                    run.rename(name)
                    st.rerun()
                st.error(
                    f"The name has {length:,} characters; expected 1 to {LONGEST_NAME}. "
                    "Change it, or close this."
                )
        if run.has_network:
            with st.popover("Download", icon=":material/download:", key=f"download.{run.id}"):
                for name in sorted(EXPORTS):
                    _download(run, EXPORTS[name])
        with st.popover(
            "Delete",
            icon=":material/delete:",
            disabled=state.status in ACTIVE,
            key=f"delete.{run.id}",
        ):
            st.write("Its weights and history will be gone for good.")
            if st.button("Delete this run", type="primary", key=f"sure.{run.id}"):
                try:
                    run.delete()
                except (LabError, OSError) as error:
                    st.error(f"The run is not deleted: {error_text(error)}")
                else:
                    st.rerun()


def _download(run: Run, export: Export) -> None:
    reason = ""
    try:
        export.check(run, None)
    except LabError as error:
        reason = error_text(error)
    st.download_button(
        export.about[0].upper() + export.about[1:],
        lambda: export.bytes_of(run, None),
        f"{run.id[:SHORT_ID]}{export.suffix}",
        key=f"download.{run.id}.{export.name}",
        on_click="ignore",
        disabled=bool(reason),
        help=reason or None,
    )


def _when(seconds: float) -> str:
    """A time on the visitor's clock; in UTC if the browser's time zone is not known here."""
    try:
        place = ZoneInfo(st.context.timezone or "")
    # "America" is a folder of time zones; a name of 300 letters is too long for a file.
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return datetime.fromtimestamp(seconds, place).strftime("%Y-%m-%d %H:%M")
