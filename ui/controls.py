"""Turns any config into widgets and back, from its declared hyperparameters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aecore.errors import LabError, SettingError
from aecore.hyperparameters import Config, Hyperparameter
from aecore.models import Autoencoder
from ui.session import state_of
from ui.words import error_text

MOST_NAMED = 3  # changed settings that a preset's caption names


def key(page: str, cls: type[Autoencoder], field: str) -> str:
    return f"{page}.{cls.name}.{field}"


def set_values(page: str, cls: type[Autoencoder], values: Mapping[str, Any]) -> None:
    """Puts values into their widgets; others stay. Call it before they are drawn."""
    declared = cls.Config.declared()
    for name, value in values.items():
        st.session_state[key(page, cls, name)] = (
            declared[name].text(value) if declared[name].kind == "sizes" else value
        )


def preset_picker(page: str, cls: type[Autoencoder]) -> tuple[str, DeltaGenerator]:
    """Draws the presets; a choice fills the controls, and the data set if the preset has one.

    Returns the chosen preset's name, and the place for `say_preset`.
    """
    chosen_key = key(page, cls, "preset")
    if chosen_key not in st.session_state:
        st.session_state[chosen_key] = next(iter(cls.presets))
        if key(page, cls, "codings_size") not in st.session_state:
            _fill(page, cls)
    chosen = st.pills(
        "Preset",
        list(cls.presets),
        format_func=lambda name: cls.presets[name].title,
        key=chosen_key,
        on_change=_fill,
        args=(page, cls),
        persist_state="session",
        wrap=True,
    )
    chosen = chosen or next(iter(cls.presets))
    state_of(page).presets[cls.name] = chosen
    return chosen, st.empty()


def _fill(page: str, cls: type[Autoencoder]) -> None:
    """Puts the chosen preset into the widgets. A click on the selected one takes it again."""
    chosen_key = key(page, cls, "preset")
    chosen = st.session_state[chosen_key] or state_of(page).presets[cls.name]
    st.session_state[chosen_key] = chosen
    preset = cls.presets[chosen]
    set_values(page, cls, dict(cls.Config.build(preset.values)))
    if preset.dataset:
        st.session_state[key(page, cls, "dataset")] = preset.dataset
    elif cls.takes_points:
        st.session_state[key(page, cls, "dataset")] = "digits"


def say_preset(
    place: DeltaGenerator, cls: type[Autoencoder], chosen: str, config: Config | None
) -> None:
    """Describes the preset, or names the settings that were changed since."""
    preset, changed = cls.presets[chosen], []
    if config:
        given = cls.Config.build(preset.values)
        changed = [
            control.title
            for name, control in cls.Config.declared().items()
            if getattr(config, name) != getattr(given, name)
        ]
    if changed:
        more = f" and {len(changed) - MOST_NAMED} more" if len(changed) > MOST_NAMED else ""
        place.caption(
            f"**Changed** from “{preset.title}”: {', '.join(changed[:MOST_NAMED])}{more}.",
            help=f"{preset.about} Click the preset to take its settings again.",
        )
    else:
        place.caption(preset.about)


def config_controls(
    page: str, cls: type[Autoencoder], main: DeltaGenerator, more: DeltaGenerator
) -> Config | None:
    """Draws a variant's controls, the main ones and the others, and builds the config.

    None if the values make no config; then a sentence beside the field says why.
    """
    declared = cls.Config.declared()
    values: dict[str, Any] = {}
    bad: list[str] = []

    def place(name: str) -> None:
        control = declared[name]
        if not control.applies(values):
            return
        values[name] = _widget(page, cls, control)
        try:
            cls.Config.build({name: values[name]})
        except SettingError as error:  # shown beside its field
            st.error(error_text(error))
            bad.append(name)
        except LabError:  # a rule over several fields: checked with all of them, below
            pass

    for container, advanced in ((main, False), (more, True)):
        with container:
            for name, control in declared.items():
                if control.advanced is advanced:
                    place(name)
    for name in declared:  # a control that is folded away keeps its value
        if name not in values:
            values[name] = st.session_state.get(key(page, cls, name), declared[name].default)
    if bad:
        return None
    try:
        return cls.Config.build(values)
    except LabError as error:
        main.error(error_text(error))
        return None


def _widget(page: str, cls: type[Autoencoder], control: Hyperparameter) -> Any:
    widget_key = key(page, cls, control.name)
    st.session_state.setdefault(
        widget_key, control.text(control.default) if control.kind == "sizes" else control.default
    )
    label = f"{control.title} ({control.unit})" if control.unit else control.title
    common: dict[str, Any] = {"key": widget_key, "help": control.help, "persist_state": "session"}
    current = st.session_state[widget_key]
    if control.kind == "choice":
        if len(control.choices) == 1:
            return control.choices[0]
        return st.pills(
            label, control.choices, required=True, format_func=_choice, wrap=True, **common
        )
    if control.kind == "bool":
        return st.toggle(label, **common)
    if control.kind == "sizes":
        return st.text_input(label, placeholder="none", **common)
    low, high = control.slider or (control.low or 0, control.high or 1)
    if control.log:
        options = _series(control, cls, low, high, current)
        return st.select_slider(
            label,
            options,
            format_func=lambda value: f"{value:g}" if control.kind == "float" else f"{value:,}",
            **common,
        )
    whole = control.kind == "int"
    low, high = min(low, current), max(high, current)
    if whole:
        return st.slider(label, int(low), int(high), **common)
    return st.slider(label, float(low), float(high), step=0.01, **common)


def _series(
    control: Hyperparameter, cls: type[Autoencoder], low: float, high: float, current: Any
) -> list[Any]:
    """1, 2, 5, 10, … between the ends, and every other value in use.

    Those are the default, the presets' values and the current one.
    """
    decades = range(math.floor(math.log10(max(low, 1e-9))), math.ceil(math.log10(high)) + 1)
    series = {float(f"{step * 10.0**decade:.6g}") for decade in decades for step in (1, 2, 5)}
    series = {value for value in series if low <= value <= high}
    if control.low == 0 and not control.low_is_open:
        series.add(0)
    series |= {
        control.default,
        current,
        *(preset.values.get(control.name, control.default) for preset in cls.presets.values()),
    }
    return sorted(int(value) if control.kind == "int" else float(value) for value in series)


def words_of(control: Hyperparameter, value: Any) -> str:
    """A hyperparameter's value as pages show it."""
    return _choice(value) if control.kind == "choice" else control.text(value)


def _choice(choice: str) -> str:
    return {
        "elu": "ELU",
        "relu": "ReLU",
        "selu": "SELU",
        "tanh": "tanh",
        "log_var": "log variance",
    }.get(choice, choice.replace("_", " "))
