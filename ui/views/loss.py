"""The loss as a formula: for a lesson, and, when a run is open, term by term with its numbers."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from aecore.models import variant
from aecore.models.declarations import Formula
from aecore.runs.run import Run
from ui.components.microscope import KEY, distinct, formula_key, microscope


def write_formula(formula: Formula) -> None:
    """The formula, what each term is, and the meaning of the symbols."""
    st.latex(formula.latex)
    terms = "; ".join(
        f"{name.replace('_', ' ')} in {term.unit}, {term.reduction}"
        for name, term in formula.terms.items()
    )
    st.caption(f"{terms[0].upper()}{terms[1:]}. {_meaning(formula.symbols)}")


def _meaning(symbols: Mapping[str, str]) -> str:
    return f"Here {'; '.join(f'${each}$ {words}' for each, words in symbols.items())}."


def loss_microscope(run: Run) -> None:
    """The formula of the run's loss, and a card for each term with its present number."""
    formulas = variant(run.spec.variant).phase_formulas(run.config)
    with st.container(key=KEY, gap=6):
        for i, formula in enumerate(distinct(formulas)):
            with st.container(key=formula_key(i), gap=2):
                st.latex(formula.latex)
                st.caption(_meaning(formula.symbols))
        microscope(run, formulas)
