"""Runs side by side."""

import numpy as np

from aecore.jobs.work import work
from aecore.runs import store
from tests.helpers import small_config
from tests.pages.helpers import components, open_page


def test_variational_runs_are_compared_by_their_bounds_and_all_by_one_noise_level(own_pool):
    made = {}
    for weight in (5.0, 0.1, 1.0):
        run = store.create(
            own_pool.root,
            variant_name="variational",
            dataset="digits",
            config=small_config("variational", epochs=1, latent_weight=weight),
            seed=0,
            name=f"{weight}",
        )
        work(run)
        made[run.spec.name] = (run.id, run.results()["test"])
    table = (
        open_page("compare", runs=",".join(run_id for run_id, _ in made.values()))
        .dataframe[0]
        .value
    )
    best_first = sorted(made, key=lambda name: made[name][1]["bound"])
    assert list(table["run"]) == best_first != sorted(made, key=lambda name: made[name][1]["loss"])
    assert list(table["mse at noise 0.4"]) == [
        made[name][1]["mse_at_noise_0.4"] for name in best_first
    ]


def test_runs_on_ones_own_images_are_compared(own_pool, tmp_path, monkeypatch, digits):
    np.save(tmp_path / "mine.npy", digits.train.x[:1000].reshape(-1, 28, 28))
    monkeypatch.setenv("AUTOENCODER_LAB_DATA", str(tmp_path))
    made = []
    for seed in (0, 1):
        made.append(
            store.create(
                own_pool.root,
                variant_name="stacked",
                dataset="mine",
                config=small_config("stacked", epochs=1),
                seed=seed,
            )
        )
        work(made[-1])
    at = open_page("compare", runs=",".join(each.id for each in made))
    assert not at.exception and len(at.dataframe[0].value) == 2
    assert any("The same test images" in each.value for each in at.subheader)


def test_runs_on_points_are_compared_by_their_coordinates(own_pool):
    made = []
    for seed in (0, 1):
        config = small_config("linear", epochs=1, codings_size=2)
        made.append(
            store.create(
                own_pool.root, variant_name="linear", dataset="points3d", config=config, seed=seed
            )
        )
        work(made[-1])
    at = open_page("compare", runs=",".join(each.id for each in made))
    assert at.subheader[0].value == "Coordinate error while training"


def test_two_runs_are_compared(run, own_pool):
    other = store.create(
        own_pool.root,
        variant_name="tied",
        dataset="digits",
        config=small_config("tied", epochs=1),
        seed=1,
    )
    work(other)
    at = open_page("compare", runs=f"{run.id},{other.id}")
    assert "lab_chart" in components(at) and len(at.dataframe) == 2
    differing = at.dataframe[1].value
    assert "Variant" in set(differing["setting"]) and "Codings" not in set(differing["setting"])


def test_settings_that_differ_are_in_the_pages_words(run, own_pool):
    config = small_config("variational", epochs=1, posterior="sigma")
    other = store.create(
        own_pool.root, variant_name="variational", dataset="digits", config=config, seed=0
    )
    work(other)
    differing = open_page("compare", runs=f"{run.id},{other.id}").dataframe[1].value
    assert "log variance" in differing.to_string() and "log_var" not in differing.to_string()
