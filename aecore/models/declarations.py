"""What a variant says of itself: its presets, the meaning of its figures, and its loss as a formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal


@dataclass(frozen=True)
class Preset:
    """A named setting: what differs from the config's defaults, and the data it is meant for."""

    title: str
    about: str
    values: Mapping[str, Any] = field(default_factory=dict)
    dataset: str | None = None  # None: whatever is chosen


@dataclass(frozen=True)
class Metric:
    """What a figure of a network means: a term of its loss, or something measured."""

    meaning: str
    title: str = ""  # "": its name, with spaces
    unit: str = ""
    better: Literal["down", "up", ""] = ""  # in which direction; "": neither is better in itself
    target: str = ""  # the hyperparameter that says which value is wanted

    def name(self, key: str) -> str:
        return self.title or key.replace("_", " ")


@dataclass(frozen=True)
class Formula:
    """A loss in LaTeX, what each symbol in it means, and the unit of its value."""

    loss: str
    symbols: Mapping[str, str]  # LaTeX -> words
    unit: str
    where: str = ""  # what must be said beside it, on a line of its own

    @property
    def latex(self) -> str:
        return (
            rf"\begin{{gathered}}{self.loss}\\{self.where}\end{{gathered}}"
            if self.where
            else self.loss
        )

    def decayed(self, config: Any, kernels: str = "every kernel weight") -> Formula:
        """With weight decay's term, if the config has any."""
        weight = getattr(config, "weight_decay", 0.0)
        if not weight:
            return self
        decay = {
            r"\lambda": f"the weight decay, {weight:g}: an L2 term in the loss, whose gradient goes through Adam (not AdamW)",
            r"\theta": kernels,
        }
        return replace(
            self,
            loss=self.loss + r"+\lambda\,\tfrac12\sum_\theta\theta^2",
            symbols=dict(self.symbols) | decay,
        )
