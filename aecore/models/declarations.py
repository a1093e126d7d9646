"""What a variant declares about itself: presets, the meaning of its figures, and its formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

# In LaTeX: a sum over the pixels of image b, which its reconstruction takes for chances of ink.
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

    def name(self, key: str) -> str:
        return self.title or key.replace("_", " ")


@dataclass(frozen=True)
class Formula:
    """A loss in LaTeX, the meaning of its symbols, and its unit."""

    loss: str
    symbols: Mapping[str, str]  # LaTeX -> words
    unit: str
    where: str = ""  # definitions that it needs, on a line of their own

    @property
    def latex(self) -> str:
        if not self.where:
            return self.loss
        return rf"\begin{{gathered}}{self.loss}\\{self.where}\end{{gathered}}"

    def decayed(self, config: Any, kernels: str = "every kernel weight") -> Formula:
        """The formula with the term of the weight decay, if that is on."""
        weight = getattr(config, "weight_decay", 0.0)
        if not weight:
            return self
        decay = {
            r"\lambda": f"the weight decay, {weight:g}: an L2 term in the loss, "
            "whose gradient goes through Adam (not AdamW)",
            r"\theta": kernels,
        }
        loss = self.loss + r"+\lambda\,\tfrac12\sum_\theta\theta^2"
        return replace(self, loss=loss, symbols=dict(self.symbols) | decay)
