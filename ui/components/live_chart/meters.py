"""What the page knows of the meters of a run: what they mean, and what they are compared with."""

from __future__ import annotations

from typing import Any, Literal

import streamlit as st

from aecore.data.dataset import Dataset, Split
from aecore.data.sources import load
from aecore.errors import LabError
from aecore.models import Autoencoder, variant
from aecore.models.declarations import Metric
from aecore.runs.run import Run
from aecore.training.evaluation import METRICS, ON_LABELS

MOST_CODINGS = 300  # of the PCA that an error is compared with
Rows = Literal["watched", "measured"]  # of a data set's validation inputs


def declared(run: Run, dataset: Dataset) -> dict[str, Any]:
    """The part of the live view's data that `facts.js` calls declared."""
    return {
        "metrics": _metrics(run),
        "measured": _on(dataset, dataset.measured, "validation"),
        "watched": _on(dataset, dataset.watched, "validation"),
        "error": "pixel error" if dataset.image_shape else "coordinate error",
        "test": _test(run, dataset),
        "of_measured": _of_pca(run, "measured"),
    } | _of_pca(run, "watched")


def _metrics(run: Run) -> dict[str, dict[str, Any]]:
    """What the view may show beside the losses, as the page shows it."""
    wanted, cls = run.config.model_dump(), variant(run.spec.variant)
    return {
        name: {
            "title": metric.name(name),
            "unit": metric.unit,
            "target": wanted.get(metric.target),
            "of_inputs": metric.of_inputs,
            "reading": _reading(name, metric, cls.uses_labels),
        }
        for name, metric in _metrics_of(cls).items()
    }


def _metrics_of(cls: type[Autoencoder]) -> dict[str, Metric]:
    """What the view may show beside the losses: the variant's own metrics, and some at the end."""
    return {name: metric for name, metric in METRICS.items() if metric.at_end} | cls.metrics


def _reading(name: str, metric: Metric, labels_in_loss: bool) -> str:
    """How to read it; the labels' part is said where they are used."""
    words = metric.reading or f"{metric.meaning[:1].upper()}{metric.meaning[1:]}."
    if name not in ON_LABELS:
        return words
    only = "Labels are used only for this and the other accuracy; they had no part in the training."
    return f"{words} {'The loss has the labels, too.' if labels_in_loss else only}"


def _on(dataset: Dataset, split: Split, kind: str) -> str:
    return f"on {len(split):,} {kind} {'images' if dataset.image_shape else 'points'}"


def _test(run: Run, dataset: Dataset) -> dict[str, Any] | None:
    """The figures on the test inputs that are shown when the training has ended."""
    shown = {name for name, each in _metrics_of(variant(run.spec.variant)).items() if each.at_end}
    figures = {k: v for k, v in (run.figures_of_stored() or {}).items() if k in shown}
    return {"figures": figures, "place": _on(dataset, dataset.test, "test")} if figures else None


def pca_error(run: Run) -> float | None:
    """The exact PCA's mean squared error with the run's number of codings.

    It is measured on the inputs of the validation curve. None if there are at least as many
    codings as inputs, or if the data are not on this machine.
    """
    try:
        return _pca_error(run.spec.dataset, run.config.codings_size, "watched")
    except LabError:
        return None


def _of_pca(run: Run, rows: Rows) -> dict[str, Any]:
    """The exact PCA's errors on these inputs: with as many codings as the run, and with 0, 1, …."""
    name = run.spec.dataset
    return {
        "reference": _pca_error(name, run.config.codings_size, rows),
        "pca": [float(f"{error:.5g}") for error in _pca_errors(name, rows)],
    }


@st.cache_data(max_entries=128, show_spinner=False)
def _pca_error(name: str, size: int, rows: Rows) -> float | None:
    data = load(name)
    split: Split = getattr(data, rows)
    return data.pca.mse(split.floats(), size) if size < data.n_inputs else None


@st.cache_data(max_entries=32, show_spinner=False)
def _pca_errors(name: str, rows: Rows) -> list[float]:
    """The exact PCA's errors on these inputs with 0, 1, … codings."""
    data = load(name)
    split: Split = getattr(data, rows)
    most = min(MOST_CODINGS, data.n_inputs - 1)
    return [float(error) for error in data.pca.errors(split.floats(), most)]
