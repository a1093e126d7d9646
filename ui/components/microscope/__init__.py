"""A card for each term of a run's loss: its number, and the code that computes it.

The numbers come from the live view, of now or of the time slider's moment, by an event of the page.
The term that is pointed at is lit in the formula beside it and in the live view's chart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from aecore.models import variant
from aecore.models.declarations import Formula
from aecore.runs.run import Run
from aecore.source.excerpts import Excerpt, excerpts_of, excerpts_of_sum
from ui.components.bundle import bundle
from ui.figures.losses import term_colours

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "lab_microscope",
    html=(_HERE / "microscope.html").read_text(),
    css=(_HERE / "microscope.css").read_text(),
    js=bundle(_HERE / "microscope.js"),
)
KEY = "microscope"  # of the container that holds the formulas and the cards


@dataclass(frozen=True)
class Card:
    """What a card says of a term, and its code. colour: of its curve; None: as the text."""

    name: str
    unit: str
    reduction: str
    colour: str | None
    code: list[Excerpt]


def formula_key(i: int) -> str:
    """The key of the container of the i-th formula, which the component shows in its phases."""
    return f"{KEY}-{i}"


def distinct(formulas: Sequence[Formula]) -> list[Formula]:
    """The different formulas of a run's phases, in order."""
    return [formula for i, formula in enumerate(formulas) if formula not in formulas[:i]]


def microscope(run: Run, formulas: Sequence[Formula]) -> None:
    """Draws the cards. formulas: of each phase of the run."""
    different = distinct(formulas)
    data = {
        "run": run.id,
        "of_phase": [different.index(formula) for formula in formulas],
        "formulas": [[asdict(card) for card in _cards(run, formula)] for formula in different],
    }
    # In a list: in a dict Streamlit looks for data frames, for which it imports pandas.
    _mount(data=[data], key=f"{KEY}.{run.id}")


def _cards(run: Run, formula: Formula) -> list[Card]:
    cls = variant(run.spec.variant)
    colours = term_colours(cls.units(run.config))
    cards = [
        Card(
            name,
            term.unit,
            term.reduction,
            colours[name],
            excerpts_of(cls, run.config, name, term.given_by),
        )
        for name, term in formula.terms.items()
    ]
    if len(cards) == 1:
        return cards
    return [
        *cards,
        Card("loss", formula.unit, "the sum of the terms", colours["loss"], excerpts_of_sum()),
    ]
