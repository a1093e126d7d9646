"""What a variant declares about itself: presets, the meaning of its figures, and its loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from aecore.models.phases import Phase

# In LaTeX: a mean over the batch; and, for image b, whose pixels its reconstruction takes for
# chances of ink, a sum over the pixels.
BATCH_MEAN = r"\frac1B\sum_b"
MEAN_ERROR = "a mean over the pixels and over the batch"
CROSS_ENTROPY = r"\sum_i\big[-x_{bi}\log\hat x_{bi}-(1-x_{bi})\log(1-\hat x_{bi})\big]"


@dataclass(frozen=True)
class Preset:
    """A named setting: the values that differ from the defaults, and the data it is meant for."""

    title: str
    about: str
    values: Mapping[str, Any] = field(default_factory=dict)
    dataset: str | None = None  # None: the one that is chosen


@dataclass(frozen=True)
class Metric:
    """The meaning of a figure: a term of the loss, or a measurement."""

    meaning: str
    title: str = ""  # "": its name, with spaces
    unit: str = ""
    better: Literal["down", "up", ""] = ""  # the better direction; "": neither
    target: str = ""  # the hyperparameter that sets the wanted value
    of_inputs: bool = True  # False: it follows from the weights alone
    # How to read it, in a sentence, with its unit and over what it is a mean: for the live view.
    reading: str = ""
    # Of the test inputs, the live view shows it when the training has ended.
    at_end: bool = False

    def name(self, key: str) -> str:
        return self.title or key.replace("_", " ")


@dataclass(frozen=True)
class LossTerm:
    """A term of a loss: what the number is that `terms()` gives by this name."""

    latex: str  # with its weight, and its sum or mean over the batch
    unit: str  # terms of two units get two axes on a chart
    reduction: str  # in words: over what it is a sum, and over what a mean
    # The function that gives the term; None: the variant's `terms`.
    given_by: Callable[..., Any] | None = None


@dataclass(frozen=True)
class Formula:
    """A loss: its terms by the names that `terms()` gives them, and the meaning of its symbols."""

    terms: Mapping[str, LossTerm]
    symbols: Mapping[str, str]  # LaTeX -> words
    where: str = ""  # definitions that it needs, on a line of their own
    name: str = r"\mathcal L"

    @property
    def latex(self) -> str:
        """The whole loss; each of several terms has its name below it."""
        named = [
            rf"\underbrace{{{term.latex}}}_{{\text{{{name.replace('_', ' ')}}}}}"
            for name, term in self.terms.items()
        ]
        alone = [term.latex for term in self.terms.values()]
        loss = f"{self.name}={'+'.join(named if len(named) > 1 else alone)}"
        return (
            rf"\begin{{gathered}}{loss}\\[4pt]{self.where}\end{{gathered}}" if self.where else loss
        )

    @property
    def units(self) -> dict[str, str]:
        """The unit of each term, by name."""
        return {name: term.unit for name, term in self.terms.items()}

    @property
    def unit(self) -> str:
        """The unit of the whole loss: its terms' units, added."""
        return " + ".join(dict.fromkeys(self.units.values()))

    def decayed(self, config: Any, kernels: str = "every kernel weight") -> Formula:
        """The formula with the term of the weight decay, if that is on."""
        weight = getattr(config, "weight_decay", 0.0)
        if not weight:
            return self
        symbols = {
            r"\lambda": f"the weight decay, {weight:g}: an L2 term in the loss, "
            "whose gradient goes through Adam (not AdamW)",
            r"\theta": kernels,
        }
        decay = LossTerm(
            r"\lambda\,\tfrac12\sum_\theta\theta^2",
            self.terms["reconstruction_loss"].unit,  # the weight's unit makes it so
            "a sum over the weights, the same for every batch",
            given_by=Phase.decay,
        )
        return replace(
            self,
            terms=dict(self.terms) | {"weight_decay": decay},
            symbols=dict(self.symbols) | symbols,
        )
