"""The Compare page: curves, errors, images, codings, neurons and differing settings of runs.

Longer than other files: the parts of one page, in their order.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from aecore.data.dataset import Dataset
from aecore.data.sources import SOURCES, title_of
from aecore.errors import LabError
from aecore.models import variant
from aecore.runs import store
from aecore.runs.run import Run
from aecore.runs.statuses import Status
from aecore.training.evaluation import COMMON, METRICS
from ui import controls, session
from ui.components.chart import chart
from ui.components.live_chart import validation_errors
from ui.components.live_chart.meters import pca_error
from ui.components.neurons import neurons
from ui.components.space import space
from ui.figures import losses, pictures
from ui.figures.losses import Curve
from ui.figures.pictures import Tile
from ui.panels.shared import image_shape, source_of
from ui.theme import RUN_COLOURS
from ui.words import SHORT_ID, count_of, error_text, name_with_id, origin_words

MOST = len(RUN_COLOURS)


def page() -> None:
    chosen = _choose()
    if len(chosen) < 2:
        words = (
            "Choose another run beside it."
            if chosen
            else "Choose two or more runs above; every training on any page is one."
        )
        st.info(words, icon=":material/compare_arrows:")
        return
    _curves(chosen)
    _errors(chosen)
    if data := _image_data(chosen):
        named = list(zip(chosen, _names(chosen), strict=True))
        _images(chosen, data)
        st.subheader("Where their codings put the test images", anchor=False)
        space([source_of(*each) for each in named], data, key="compare.space")
        st.subheader("What their neurons learned", anchor=False)
        neurons([source_of(*each) for each in named], data, key="compare.neurons")
    _settings(chosen)


def _choose() -> list[Run]:
    """The chosen runs.

    They are kept in the URL, so that a comparison can be sent and the back button undoes a choice.
    """
    known = {run.id: run for run in session.readable_runs() if run.has_network}
    here, key = session.session(), "compare.runs"
    asked = st.query_params.get("runs", "")
    if here.arrived and not asked:
        asked = here.compared
    for run_id in filter(None, asked.split(",")):
        if run_id not in known:
            try:
                shared = store.open_run(session.pool().root, run_id)
                if shared.has_network:
                    known[shared.id] = shared
            except LabError as error:
                st.warning(error_text(error))
    if here.arrived or asked != here.compared:
        st.session_state[key] = [run_id for run_id in asked.split(",") if run_id in known][:MOST]
    ids = st.multiselect(
        "Runs",
        list(known),
        format_func=lambda run_id: name_with_id(known[run_id]),
        max_selections=MOST,
        key=key,
        placeholder="Choose runs",
    )
    here.compared = ",".join(ids)
    if here.compared != st.query_params.get("runs", ""):
        st.query_params["runs"] = here.compared
        if not ids:
            st.query_params.pop("runs", None)
    return [known[run_id] for run_id in ids]


def _names(chosen: list[Run]) -> list[str]:
    """Distinct labels: the names, with the start of the id if two are the same."""
    names = [run.spec.name for run in chosen]
    return [
        name_with_id(run) if names.count(name) > 1 else name
        for name, run in zip(names, chosen, strict=True)
    ]


def _curves(chosen: list[Run]) -> None:
    named = [SOURCES.get(run.spec.dataset) for run in chosen]  # None: the visitor's own images
    kinds = {"coordinate" if source and source.points else "pixel" for source in named}
    each = kinds.pop() if len(kinds) == 1 else "number"
    title = (
        "Error while training" if each == "number" else f"{each.capitalize()} error while training"
    )
    st.subheader(
        title,
        anchor=False,
        help=f"Mean squared error of the validation inputs, over inputs and {each}s: the one curve "
        "that every variant has.",
    )
    curves = [
        Curve(name, *validation_errors(run), _pca(run, chosen))
        for run, name in zip(chosen, _names(chosen), strict=True)
    ]
    chart(
        losses.compare_curves(curves, each),
        key="compare.curves",
        words=title,
        height=380,
    )


def _pca(run: Run, chosen: list[Run]) -> tuple[str, float] | None:
    """The name and the error of the exact PCA with as many codings; None if it has no error."""
    error, name = pca_error(run), f"PCA, {count_of(run.config.codings_size, 'coding')}"
    if len({other.spec.dataset for other in chosen}) > 1:
        name += f" of {title_of(run.spec.dataset)}"
    return None if error is None else (name, error)


def _errors(chosen: list[Run]) -> None:
    st.subheader("On the test split", anchor=False)
    rankings = {variant(run.spec.variant).ranked_by for run in chosen}
    ranked_by = rankings.pop() if len(rankings) == 1 else "mse"  # which all of them have
    own = {variant(run.spec.variant).ranked_by for run in chosen} - {"mse"}
    cleaning = METRICS[COMMON].name(COMMON)
    rows: list[dict[str, Any]] = []
    for run, name in zip(chosen, _names(chosen), strict=True):
        results = run.results() or {}
        test = results.get("test", {})
        rows.append(
            {"run": name, "data": title_of(run.spec.dataset)}
            | {each: results.get(each) for each in ("parameters", "epochs", "seconds")}
            | {
                "mse": test.get("mse"),
                "PCA mse": test.get("pca_mse"),
                cleaning: test.get(COMMON),
            }
            | {each: test.get(each) for each in sorted(own)}
        )
    known = METRICS.copy()
    for run in chosen:
        known |= variant(run.spec.variant).metrics
    sign = -1 if known[ranked_by].better == "up" else 1
    rows.sort(
        key=lambda row: (
            row["data"],
            sign * row[ranked_by] if row[ranked_by] is not None else float("inf"),
        )
    )
    number = st.column_config.NumberColumn
    errors = [row[name] for row in rows for name in ("mse", "PCA mse", cleaning)]
    tiny = any(0 < error < 1e-4 for error in errors if error is not None)
    precise = number(format="%.2e" if tiny else "%.5f")
    st.dataframe(
        rows,
        hide_index=True,
        placeholder="–",
        alt="Test figures of the chosen runs",
        column_config={
            "mse": precise,
            "PCA mse": precise,
            cleaning: precise,
            "parameters": number(format="localized"),
            "seconds": number(format="%.1f"),
            **{each: number(format="%.2f") for each in own},
        },
    )
    special = "".join(
        f", “{name}” (for the runs that have it): {known[name].meaning}"
        + (f", {known[name].unit}" if known[name].unit else "")
        for name in sorted(own)
    )
    several = len({row["data"] for row in rows}) > 1
    within = " within each data set" if several else ""
    st.caption(
        f"Best first, by the {ranked_by}{within}. Every column means the same for all runs on the "
        "same data: “mse” is the squared error of the "
        f"pixels (or coordinates), “{cleaning}” that of the reconstructions of noisy images, "
        f"whatever a run was trained with{special}. "
        "The losses are not here: each run's is a sum of its own, with its own weights."
    )


def _image_data(chosen: list[Run]) -> Dataset | None:
    """The images that all of the runs learned; None, and the page says why, if there are none."""
    data_names = {run.spec.dataset for run in chosen}
    data = session.dataset_of(chosen[0]) if len(data_names) == 1 else None
    if len(data_names) == 1 and data is None:
        return None
    if data is None or not data.image_shape:
        st.info("The same images can be shown only for runs on the same image data.")
        return None
    return data


def _images(chosen: list[Run], data: Dataset) -> None:
    """Test images, and what each network makes of them."""
    st.subheader("The same test images through each", anchor=False)
    rows = data.shown_rows()
    x, shape = data.test.take(rows).floats(), image_shape(data)
    made = [session.network(run).reconstruct(x) for run in chosen]
    tiles = []
    for i in range(len(x)):
        stack = [
            pictures.picture(x[i], shape),
            *(pictures.picture(images[i], shape) for images in made),
        ]
        errors = ", ".join(f"{np.mean(np.square(images[i] - x[i])):.4f}" for images in made)
        label = data.name_of(data.test.labels[rows[i]])
        tiles.append(
            Tile(
                stack,
                "",
                f"Test image {rows[i]}, {label}, and its reconstructions; errors {errors}",
            )
        )
    st.html(pictures.gallery(tiles, ["original", *_names(chosen)], size=60))


def _origin(run: Run) -> str:
    origin = run.spec.origin
    return f"{origin_words(run)}, run {origin.run_id[:SHORT_ID]}" if origin else "–"


def _settings(chosen: list[Run]) -> None:
    st.subheader("Settings that differ", anchor=False)
    every: list[dict[str, str]] = []
    for run in chosen:
        declared = run.config.declared()
        values = run.config.model_dump()
        settings = {
            control.title: controls.words_of(control, values[name])
            for name, control in declared.items()
            if control.applies(values)
        }
        every.append(
            {
                "Variant": variant(run.spec.variant).title,
                "Data": title_of(run.spec.dataset),
                "Seed": str(run.spec.seed),
                "Goes on from": _origin(run),
            }
            | settings
        )
    titles = list(dict.fromkeys(title for settings in every for title in settings))
    changed = [title for title in titles if len({settings.get(title) for settings in every}) > 1]
    if not changed:
        as_set = all(
            run.state.status is Status.DONE and run.keeps_record and not run.interventions()
            for run in chosen
        )
        result = (
            ", so the same network"
            if as_set
            else ". What was done to each is listed among its Figures"
        )
        st.caption(f"None: the same settings and seed{result}.")
        return
    st.dataframe(
        [
            {"setting": title}
            | {
                name: settings.get(title, "–")
                for name, settings in zip(_names(chosen), every, strict=True)
            }
            for title in changed
        ],
        hide_index=True,
        alt="Settings that differ",
    )
