"""What the live view knows of a run's meters."""

import os

from aecore.data.sources import load
from aecore.jobs.work import work
from aecore.training.evaluation import METRICS, ON_LABELS
from tests.helpers import made
from ui.components.live_chart import meters


def test_the_test_figures_are_those_of_the_stored_network(tmp_path):
    run, data = made(tmp_path, "denoising", epochs=1), load("digits")
    assert meters.declared(run, data)["test"] is None
    work(run)
    shown = meters.declared(run, data)["test"]
    names = {"mse_from_noisy", "mse_of_noisy", "pca_mse_from_noisy", *ON_LABELS}
    assert shown["place"] == "on 250 test images" and shown["figures"].keys() == names
    assert all(shown["figures"][name] == run.results()["test"][name] for name in names)
    now = (run.path / "results.json").stat().st_mtime_ns + 10**9
    os.utime(run.path / "HEAD.json", ns=(now, now))  # stopped again: its figures are yet to come
    assert meters.declared(run, data)["test"] is None


def test_labels_are_said_to_have_no_part_only_if_they_have_none():
    for name in ON_LABELS:
        words = [meters._reading(name, METRICS[name], in_loss) for in_loss in (False, True)]
        assert ["had no part in the training" in each for each in words] == [True, False]
