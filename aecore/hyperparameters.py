"""Hyperparameters, declared once: default, meaning, unit and range are in one place.

A variant's `Config` is a frozen pydantic model whose fields are made by `hyperparameter()`. The
dashboard's sliders, the command line's flags, the validation and the error messages all read the
same declaration. Longer than other files because of the declarations that all variants share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from aecore.errors import LabError, SettingError

ACTIVATIONS = ("elu", "relu", "selu", "tanh", "sigmoid")
MAX_WIDTH = 4096  # units of a layer: with more, a classroom machine swaps
MAX_LAYERS = 6


@dataclass(frozen=True)
class Hyperparameter:
    """One control: what a slider, a flag and an error message need."""

    name: str
    kind: str  # "int", "float", "choice", "bool" or "sizes"
    default: Any
    title: str
    help: str
    unit: str
    low: float | None  # the hard limits that validation enforces
    high: float | None
    low_is_open: bool  # True: `low` itself is not allowed
    slider: tuple[float, float] | None  # the range of values that usually make sense
    log: bool
    choices: tuple[str, ...]
    # (other field, value): it has an effect only if that field has that value; "any": any value but
    # an empty one.
    when: tuple[str, str] | None
    counts_epochs: bool = False  # True: it sets how long training takes, not what is trained
    advanced: bool = False  # True: a page folds it away
    weighs: str = ""  # the term of the loss that it is the weight of

    def applies(self, values: Mapping[str, Any]) -> bool:
        """Returns whether it has an effect if the config has these values."""
        if self.when is None:
            return True
        other, wanted = self.when
        if wanted == "any":
            return values.get(other) not in ((), "", "none", None)
        return values.get(other) == wanted

    @property
    def expected(self) -> str:
        """The allowed values in words, for help texts and errors."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        if self.kind == "bool":
            return "true or false"
        if self.kind == "sizes":
            return (
                f"whole numbers from 1 to {MAX_WIDTH} separated by commas, "
                f"at most {MAX_LAYERS} of them"
            )
        number = "a whole number" if self.kind == "int" else "a number"
        low = f"above {self.low:g}" if self.low_is_open else f"from {self.low:g}"
        return f"{number} {low} {'and at most' if self.low_is_open else 'to'} {self.high:g}"

    def text(self, value: Any) -> str:
        """Returns the value as a flag accepts it and a table shows it."""
        if self.kind == "sizes":
            return ",".join(str(size) for size in value) or "none"
        if self.kind == "bool":
            return "true" if value else "false"
        short = f"{value:g}" if self.kind == "float" else str(value)
        return short if self.kind != "float" or float(short) == value else repr(value)


def hyperparameter(
    default: Any,
    title: str,
    help: str,
    *,
    low: float | None = None,
    above: float | None = None,
    high: float | None = None,
    slider: tuple[float, float] | None = None,
    log: bool = False,
    unit: str = "",
    choices: tuple[str, ...] = (),
    when: tuple[str, str] | None = None,
    counts_epochs: bool = False,
    advanced: bool = False,
    weighs: str = "",
) -> Any:
    """Returns a pydantic field with its control.

    Either `low <= value <= high` or `above < value <= high`. A page folds it away if
    it is `advanced`.
    """
    extra: Any = {
        "unit": unit,
        "slider": slider,
        "log": log,
        "choices": choices,
        "when": when,
        "counts_epochs": counts_epochs,
        "advanced": advanced,
        "weighs": weighs,
    }
    return Field(
        default, title=title, description=help, ge=low, gt=above, le=high, json_schema_extra=extra
    )


RESTARTS_AT = 0.2  # the share of a phase's steps after which the schedule "restart" starts again


class Config(BaseModel):
    """The hyperparameters that every variant has. Frozen; rejects unknown names."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    codings_size: int = hyperparameter(
        30,
        "Codings",
        "Width of the bottleneck: how many numbers describe one input.",
        low=1,
        high=MAX_WIDTH,
        slider=(1, 300),
    )
    epochs: int = hyperparameter(
        20,
        "Epochs",
        "Passes over the training images (for each phase, if there are phases).",
        low=1,
        high=10_000,
        slider=(1, 100),
        log=True,
        counts_epochs=True,
    )
    learning_rate: float = hyperparameter(
        0.002,
        "Learning rate",
        "Step size of Adam. Can be changed while training.",
        above=0,
        high=10,
        slider=(1e-5, 0.1),
        log=True,
    )
    schedule: str = hyperparameter(
        "cosine",
        "Schedule",
        "Keep the learning rate; let it fall to zero along half a cosine by the last epoch; "
        "or let it do so twice: over the first fifth, then over the rest.",
        choices=("constant", "cosine", "restart"),
        advanced=True,
    )
    batch_size: int = hyperparameter(
        150,
        "Batch size",
        "Inputs per step; more than the training set holds means all of them at once.",
        low=1,
        high=60_000,
        slider=(10, 1000),
        log=True,
        unit="inputs",
        advanced=True,
    )
    first_output: str = hyperparameter(
        "zero",
        "First output",
        "What the untrained network's last biases give: the mean of the training inputs, "
        "or zero, which is grey if the outputs are squeezed.",
        choices=("mean", "zero"),
        advanced=True,
    )

    @classmethod
    def declared(cls) -> dict[str, Hyperparameter]:
        """Returns every hyperparameter by name, in the order of the controls."""
        return {name: _declared(name, field) for name, field in cls.model_fields.items()}

    @classmethod
    def build(cls, values: Mapping[str, Any]) -> Config:
        """Returns the config with these values, which may be text.

        Raises `LabError` with one sentence if one is invalid.
        """
        declared = cls.declared()
        for name in values:
            if name not in declared:
                raise LabError(
                    f"'{name}' is not a hyperparameter here; expected one of {', '.join(declared)}."
                )
        try:
            return cls(**{name: _parsed(declared[name], value) for name, value in values.items()})
        except ValidationError as error:
            first = error.errors()[0]
            if not first["loc"]:  # a rule over several fields, which has its own sentence
                raise LabError(str(first["ctx"]["error"])) from None
            control = declared[str(first["loc"][0])]
            raise _wrong(control, values[control.name]) from None


def redeclared(base: type[Config], name: str, default: Any, **changes: Any) -> Any:
    """Returns the hyperparameter `name` of `base` with another default and other changes."""
    control = base.declared()[name]
    declaration = {
        "title": control.title,
        "help": control.help,
        "unit": control.unit,
        "high": control.high,
        "slider": control.slider,
        "log": control.log,
        "choices": control.choices,
        "when": control.when,
        "counts_epochs": control.counts_epochs,
        "advanced": control.advanced,
        "weighs": control.weighs,
        "above" if control.low_is_open else "low": control.low,
    }
    return hyperparameter(default, **(declaration | changes))


class NetworkConfig(Config):
    """The hyperparameters of every variant with hidden layers."""

    hidden_sizes: tuple[int, ...] = hyperparameter(
        (300,), "Hidden layers", "Widths from the input to the codings; the decoder mirrors them."
    )
    activation: str = hyperparameter(
        "elu",
        "Activation",
        "Of the hidden layers, on both sides.",
        choices=ACTIVATIONS,
        when=("hidden_sizes", "any"),
        advanced=True,
    )
    codings_activation: str = hyperparameter(
        "linear",
        "Codings' activation",
        "Of the codings alone. Any but linear bounds them on one side or both, "
        "and a coding can die at a bound.",
        choices=("linear", *ACTIVATIONS),
        advanced=True,
    )
    weight_decay: float = hyperparameter(
        0.0,
        "Weight decay (L2)",
        "Adds this times half the sum of the squared kernel weights to the loss; biases stay free.",
        low=0,
        high=10,
        slider=(1e-6, 0.01),
        log=True,
        advanced=True,
        weighs="weight_decay",
    )

    @classmethod
    def declared(cls) -> dict[str, Hyperparameter]:
        """As for every variant, but `hidden_sizes` comes first, as in the network."""
        controls = super().declared()
        return {"hidden_sizes": controls.pop("hidden_sizes"), **controls}


def _declared(name: str, field: FieldInfo) -> Hyperparameter:
    extra: dict[str, Any] = (
        field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    )
    limits = {type(limit).__name__: limit for limit in field.metadata}
    low_is_open = "Gt" in limits
    low = limits["Gt"].gt if low_is_open else limits["Ge"].ge if "Ge" in limits else None
    kinds: dict[Any, str] = {int: "int", float: "float", bool: "bool", str: "choice"}
    kind = kinds.get(field.annotation, "sizes")
    if get_origin(field.annotation) is tuple and get_args(field.annotation)[0] is not int:
        raise TypeError(f"{name}: only tuples of whole numbers can be hyperparameters")
    return Hyperparameter(
        name=name,
        kind=kind,
        default=field.default,
        title=field.title or name,
        help=field.description or "",
        unit=extra["unit"],
        low=low,
        high=limits["Le"].le if "Le" in limits else None,
        low_is_open=low_is_open,
        slider=extra["slider"],
        log=extra["log"],
        choices=extra["choices"],
        when=extra["when"],
        counts_epochs=extra["counts_epochs"],
        advanced=extra["advanced"],
        weighs=extra["weighs"],
    )


def _parsed(control: Hyperparameter, value: Any) -> Any:
    """Parses text from a flag or a URL if pydantic does not.

    Returns other values unchanged, for pydantic to convert or reject.
    """
    if control.kind == "sizes":
        parts = value
        if isinstance(value, str):
            parts = [part for part in value.replace(" ", ",").split(",") if part and part != "none"]
        try:
            sizes = tuple(int(size) for size in parts)
        except (TypeError, ValueError):
            sizes = (0,)
        if len(sizes) > MAX_LAYERS or any(not 1 <= size <= MAX_WIDTH for size in sizes):
            raise _wrong(control, value)
        return sizes
    if control.kind == "choice" and value not in control.choices:
        raise SettingError(
            control.name, f"{control.title} is {_shown(value)}; expected {control.expected}."
        )
    return value


def _wrong(control: Hyperparameter, value: Any) -> SettingError:
    example = "300" if control.default == () else control.text(control.default)
    return SettingError(
        control.name,
        f"{control.title} is {_shown(value)}; expected {control.expected}, for example {example}.",
    )


def _shown(value: Any) -> str:
    text = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return f"'{text[:60]}'" if isinstance(value, str) or not text else text[:60]
