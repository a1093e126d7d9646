"""The workbench that every lesson shares: choose, train, watch, inspect."""

from __future__ import annotations

import streamlit as st

from aecore.models import Autoencoder, variant, variants
from aecore.runs.run import Run
from ui import session
from ui.panels import tabs
from ui.views.bench import Lesson, bench, drawn_for, write_lesson


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
    here = session.state_of("lab")
    if run and here.variant_from != run.id:
        st.session_state["lab.variant"] = run.spec.variant
        here.variant_from = run.id
    names = list(variants())
    name = head.segmented_control(
        "Variant",
        names,
        format_func=lambda name: variant(name).title,
        key="lab.variant",
        default=None if "lab.variant" in st.session_state else "stacked",
        required=True,
        persist_state="session",
        label_visibility="collapsed",
        wrap=True,
    )
    cls = variant(name or names[0])
    if run and run.spec.variant != name:
        session.close_run("lab")
    _workbench("lab", cls, run if run and run.spec.variant == name else None, Lesson(cls.sentence))


def _workbench(page: str, cls: type[Autoencoder], run: Run | None, lesson: Lesson) -> None:
    """The bench, and the tabs below it.

    Without a run the lesson is in the place of the live view. Lesson and Train are on one screen,
    and Train moves nothing. With a run the lesson is folded.
    """
    with st.container(key="fold", gap=2):
        st.markdown(lesson.lead)
        if run:
            session.state_of(page).drawn_for = drawn_for(run)
            if lesson.prose:
                with st.expander("Read the lesson", type="compact"):
                    write_lesson(cls, lesson, run.config)
            else:
                st.space(1)  # as high as the line that is here without a run
        else:
            appears = "the digits appear"
            if cls.takes_points:
                appears = "the plane turn (or the digits appear)"
            st.caption(
                f"Press **Train** and watch the loss fall and {appears}. "
                "You can change any setting first; nothing can break."
            )
    bench(run, page, cls, lesson)
    # Quiet: the live view has said already that the data are missing.
    if run and run.has_network and (data := session.dataset_of(run, quiet=True)):
        tabs.inspect(run, data)
