"""Properties of the hyperparameter declarations, over values that Hypothesis looks for."""

import functools
import json
import shlex
import string
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from aecore.cli.parser import _parser
from aecore.cli.training import chosen_settings
from aecore.errors import LabError, SettingError
from aecore.hyperparameters import MAX_LAYERS, MAX_WIDTH, Config, Hyperparameter
from aecore.models import variant, variants
from aecore.runs.store import create

NAMES = list(variants())
# Each declaration once: (one of the variants that have it, its field's name).
CONTROLS = list(
    {
        control: (name, field)
        for name in NAMES
        for field, control in variant(name).Config.declared().items()
    }.values()
)
parser = functools.cache(_parser)
quickly = settings(max_examples=12, deadline=None, derandomize=True, database=None)


def control_of(name: str, field: str) -> Hyperparameter:
    return variant(name).Config.declared()[field]


def allowed(control: Hyperparameter) -> st.SearchStrategy:
    """Any value within the declared limits; fractions have six digits, as a flag writes them."""
    if control.kind == "float":
        return (
            every_float(control)
            .map(lambda value: float(f"{value:g}"))
            .filter(lambda value: not (control.low_is_open and value == control.low))
        )
    return {
        "int": lambda: st.integers(int(control.low or 0), int(control.high or 0)),
        "choice": lambda: st.sampled_from(control.choices),
        "bool": st.booleans,
        "sizes": lambda: st.lists(st.integers(1, MAX_WIDTH), max_size=MAX_LAYERS).map(tuple),
    }[control.kind]()


def every_float(control: Hyperparameter) -> st.SearchStrategy:
    return st.floats(
        control.low, control.high, exclude_min=control.low_is_open, allow_subnormal=False
    )


def outside(control: Hyperparameter) -> st.SearchStrategy:
    """Values that the control must refuse: beyond its limits, or of another kind."""
    words = st.text(string.ascii_letters + " ;=-", min_size=1).filter(
        lambda word: word not in control.choices and not understood(word)
    )
    if control.kind == "int":
        low, high = int(control.low or 0), int(control.high or 0)
        beyond = st.integers(max_value=low - 1) | st.integers(min_value=high + 1)
        return beyond | beyond.map(str) | st.just(low + 0.5) | no_number() | words | st.none()
    if control.kind == "float":
        below = st.floats(max_value=control.low, exclude_max=not control.low_is_open)
        beyond = below | st.floats(min_value=control.high, exclude_min=True)
        return beyond | beyond.map(str) | no_number() | words | st.none()
    if control.kind == "sizes":
        width = st.integers(1, MAX_WIDTH)
        bad = st.integers(max_value=0) | st.integers(min_value=MAX_WIDTH + 1)
        holed = st.tuples(st.lists(width, max_size=2), bad).map(lambda parts: [*parts[0], parts[1]])
        many = st.lists(width, min_size=MAX_LAYERS + 1, max_size=MAX_LAYERS + 3)
        return holed | many | holed.map(lambda sizes: ",".join(map(str, sizes))) | st.just("a,b")
    return words | st.just("") | st.integers(2) | st.none()


def understood(word: str) -> bool:
    """Whether pydantic takes the word for a truth value or a number."""
    return word.strip().lower() in set(
        ["0", "1", "t", "f", "y", "n", "true", "false", "yes", "no", "on", "off", "inf", "nan", "e"]
    )


def no_number() -> st.SearchStrategy:
    return st.sampled_from([float("nan"), float("inf"), "nan", "-inf", "1e999", "", "1,5", "0x10"])


@st.composite
def configs(draw: st.DrawFn, name: str) -> Config:
    """A config of the variant in which every control has some allowed value."""
    cls = variant(name)
    values = {field: draw(allowed(c), label=field) for field, c in cls.Config.declared().items()}
    try:
        return cls.Config.build(values)
    except SettingError:
        raise
    except LabError:  # a rule over several fields, in a sentence of its own
        assume(False)


BESIDE = {  # fields whose limits depend on another: the other, out of the way
    ("k_sparse", "k"): {"codings_size": 4096},
    ("k_sparse", "codings_size"): {"k": 1},
}


@pytest.mark.parametrize(("name", "field"), CONTROLS)
@given(data=st.data())
@quickly
def test_any_value_within_the_limits_is_accepted_and_survives_its_text(name, field, data):
    cls, control = variant(name), control_of(name, field)
    value, others = data.draw(allowed(control)), BESIDE.get((name, field), {})
    config = cls.Config.build({field: value} | others)
    assert getattr(config, field) == value
    assert cls.Config.build({field: control.text(value)} | others) == config


@pytest.mark.parametrize(("name", "field"), CONTROLS)
@given(data=st.data())
@quickly
def test_any_value_outside_is_refused_in_one_sentence_that_names_the_control(name, field, data):
    control = control_of(name, field)
    with pytest.raises(SettingError) as error:
        variant(name).Config.build({field: data.draw(outside(control))})
    sentence = str(error.value)
    assert error.value.field == field and sentence.startswith(f"{control.title} is ")
    assert "; expected " in sentence and "\n" not in sentence and sentence.endswith(".")


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@quickly
def test_a_whole_config_survives_json_and_the_command_line(name, data):
    cls, config = variant(name), data.draw(configs(name))
    assert cls.Config.build(json.loads(config.model_dump_json())) == config
    with tempfile.TemporaryDirectory() as folder:
        dataset = "points3d" if cls.takes_points else "digits"
        run = create(Path(folder), variant_name=name, dataset=dataset, config=config, seed=7)
        options = parser().parse_args(shlex.split(run.as_command())[3:])
    assert chosen_settings(cls, options) == (config, dataset) and options.seed == "7"


@pytest.mark.parametrize("field", ["learning_rate", "weight_decay"])
@given(data=st.data())
@example(data=None)
@quickly
def test_a_fraction_of_any_length_survives_its_text(field, data):
    control = control_of("stacked", field)
    value = data.draw(every_float(control)) if data else 0.001234567
    assert float(control.text(value)) == value
