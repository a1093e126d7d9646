"""Declared once: validation, defaults and the sentence of an error come from the same place."""

import pytest

from aecore.errors import LabError
from aecore.models import variant, variants
from aecore.runs.run import Run
from aecore.runs.store import create


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("stacked", {"learning_rate": -1}, "Learning rate is -1; expected a number above 0"),
        ("stacked", {"learning_rate": "fast"}, "Learning rate is 'fast'; expected a number"),
        ("stacked", {"learning_rate": "nan"}, "Learning rate is 'nan'; expected a number"),
        ("stacked", {"codings_size": 0}, "Codings is 0; expected a whole number from 1 to 4096"),
        ("stacked", {"codings_size": 2.5}, "Codings is 2.5; expected a whole number"),
        (
            "stacked",
            {"hidden_sizes": "300,-2"},
            "Hidden layers is '300,-2'; expected whole numbers",
        ),
        ("stacked", {"hidden_sizes": [1] * 7}, "at most 6 of them"),
        ("stacked", {"activation": "step"}, "Activation is 'step'; expected one of elu"),
        (
            "stacked",
            {"weight_decay": -0.1},
            "Weight decay (L2) is -0.1; expected a number from 0 to 10",
        ),
        ("stacked", {"noise_level": 1}, "'noise_level' is not a hyperparameter here"),
        (
            "denoising",
            {"keep_prob": 0},
            "Kept pixels is 0; expected a number above 0 and at most 1",
        ),
        ("sparse", {"sparsity_target": 1}, "Sparsity target is 1; expected a number above 0"),
        ("greedy", {"fine_tune_epochs": -1}, "Fine-tuning epochs is -1"),
        (
            "variational",
            {"epochs": 10**9},
            "Epochs is 1000000000; expected a whole number from 1 to 10000",
        ),
    ],
)
def test_a_bad_value_gets_one_sentence(name, values, said):
    with pytest.raises(LabError) as error:
        variant(name).Config.build(values)
    assert (
        said in str(error.value) and "\n" not in str(error.value) and str(error.value).endswith(".")
    )


def test_text_from_a_flag_is_understood():
    config = variant("stacked").Config.build(
        {"hidden_sizes": "500, 250", "codings_size": "30", "learning_rate": "1e-3"}
    )
    assert (
        config.hidden_sizes == (500, 250)
        and config.codings_size == 30
        and config.learning_rate == 1e-3
    )
    assert variant("sparse").Config.build({"hidden_sizes": "none"}).hidden_sizes == ()


@pytest.mark.parametrize("name", list(variants()))
def test_every_value_survives_its_text(name):
    """What a table shows, a flag takes."""
    cls = variant(name)
    for preset in cls.presets.values():
        config = cls.Config.build(preset.values)
        texts = {
            field: control.text(getattr(config, field))
            for field, control in config.declared().items()
        }
        assert cls.Config.build(texts) == config


def test_the_command_of_a_run_gives_its_config(tmp_path):
    from aecore.cli.parser import _parser
    from aecore.cli.training import chosen_settings

    cls = variant("denoising")
    config = cls.Config.build(
        {"corruption": "dropout", "keep_prob": 0.6, "rescale": True, "hidden_sizes": (64, 32)}
    )
    run: Run = create(tmp_path, variant_name="denoising", dataset="digits", config=config, seed=9)
    options = _parser().parse_args(run.as_command().split()[3:])
    assert chosen_settings(cls, options) == (config, "digits") and options.seed == "9"
