"""The references: there is one for every preset on the embedded data, of its present settings."""

import pytest

from aecore import references
from aecore.data import sources
from aecore.jobs.references import evaluations_of, figures_of, inputs_of
from aecore.jobs.work import work
from aecore.models import variant, variants
from aecore.runs import store
from aecore.runs.records import Moment, Record
from aecore.training.batches import steps_per_epoch
from tests.conftest import missing

EMBEDDED = [name for name, source in sources.SOURCES.items() if not source.files]
SHIPPED = sorted(path.stem for path in references.FOLDER.glob("*.json"))
PRESETS = {
    (dataset, references.key_of(cls, preset)): (cls, preset)
    for dataset in sources.SOURCES
    for cls in variants().values()
    for preset in references.presets_for(cls, dataset)
}


def settings_of(cls, preset: str):
    return cls.Config.build(cls.presets[preset].values)


@pytest.mark.parametrize(("dataset", "key"), [each for each in PRESETS if each[0] in EMBEDDED])
def test_every_preset_has_a_reference_of_its_present_settings(dataset, key):
    """Whoever changes a default or adds a preset makes it."""
    cls, preset = PRESETS[dataset, key]
    assert references.reference(cls, dataset, settings_of(cls, preset)), (
        f"There is no reference of {key} as it is now. Make it: "
        f"python -m aecore references {cls.name} --dataset {dataset}"
    )


@pytest.mark.parametrize("dataset", SHIPPED)
def test_what_is_shipped_fits_the_presets_and_the_data(dataset):
    if not sources.available(dataset):
        missing(f"{dataset} is not on this machine")
    data, shipped = sources.load(dataset), references.shipped(dataset)
    for split, (n, mean) in inputs_of(data).items():
        assert shipped.inputs[split] == (n, pytest.approx(mean, rel=1e-4)), (
            "The data have changed. Make the references again: "
            f"python -m aecore references --dataset {dataset}"
        )
    for key, entry in shipped.presets.items():
        assert (dataset, key) in PRESETS, f"{key} is no preset any more: take its line out"
        cls, preset = PRESETS[dataset, key]
        config = settings_of(cls, preset)
        assert entry.settings == references.fingerprint(config), key
        per_epoch = steps_per_epoch(len(data.train), config.batch_size)
        epochs = cls.phase_epochs(config)
        ends = [sum(epochs[: i + 1]) * per_epoch for i in range(len(epochs))]
        assert [phase.steps[-1] for phase in entry.phases] == ends, key
        for phase in entry.phases:
            assert phase.steps == sorted(set(phase.steps))
            assert list(phase.low) == list(phase.high) and "loss" in phase.low
            for name, lows in phase.low.items():
                highs = phase.high[name]
                assert len(lows) == len(highs) == len(phase.steps)
                # Above 0: it is drawn on a logarithmic axis.
                assert all(0 < low <= high for low, high in zip(lows, highs, strict=True)), key


def test_other_settings_or_data_have_no_reference():
    cls, tied = variant("stacked"), variant("tied")
    config = settings_of(cls, "recommended")
    own = references.reference(cls, "digits", config)
    assert own and settings_of(tied, "recommended") == config
    assert references.reference(tied, "digits", config) not in (None, own)
    for name, value in (("epochs", 21), ("schedule", "cosine"), ("learning_rate", 0.0031)):
        other = cls.Config.build(cls.presets["recommended"].values | {name: value})
        assert references.reference(cls, "digits", other) is None, name
    assert references.reference(cls, "my_own_images", config) is None


def test_a_run_has_its_presets_reference_whatever_its_seed_and_a_branch_has_none(tmp_path):
    cls = variant("stacked")
    config = settings_of(cls, "course")
    given = {"variant_name": "stacked", "dataset": "digits", "config": config, "seed": 77}
    run = store.create(tmp_path, **given)
    assert references.of_run(run) == references.reference(cls, "digits", config)
    settings = run.spec.model_dump(include={"name", "variant", "dataset", "config", "seed"})
    left = Record(interventions=[], end=Moment(phase=0, step=9), **settings)
    assert references.of_run(store.create(tmp_path, **given, origin=left)) is None


@pytest.mark.parametrize("key", ["linear/course", "stacked/course"])
@pytest.mark.whole
def test_a_training_stays_in_its_band(key, tmp_path):
    """Seed 0 is one of the five, so on the machine that made them it lies within.

    Another kind of processor adds in another order. What that changes grows from step to step, so
    the band is wider by 3 % here. It is 2 to 50 % wide itself.
    """
    name, preset = key.split("/")
    cls = variant(name)
    dataset, config = cls.presets[preset].dataset or "digits", settings_of(cls, preset)
    expected = references.reference(cls, dataset, config)
    run = store.create(tmp_path, variant_name=name, dataset=dataset, config=config, seed=0)
    work(run)
    at = {
        step: {name: (phase.low[name][i], phase.high[name][i]) for name in phase.low}
        for phase in expected.phases
        for i, step in enumerate(phase.steps)
    }
    evaluations = evaluations_of(run)
    assert evaluations[-1].x == max(at)
    for each in evaluations:
        for name, value in figures_of(each.valid).items():
            low, high = at[each.x][name]
            assert 0.97 * low < value < 1.03 * high, (each.x, name)
