"""What a run lacks for an export is said, before anything is made."""

import numpy as np
import pytest
from safetensors.numpy import load

from aecore.errors import LabError
from aecore.export import EXPORTS, export
from aecore.jobs.work import work
from aecore.runs.statuses import Status
from tests.helpers import made


@pytest.mark.whole
def test_a_run_is_exported_whole_once_it_is_over(tmp_path):
    run = made(tmp_path)
    for needy in (each for each in EXPORTS.values() if each.needs_results):
        with pytest.raises(LabError, match="no results yet"):
            needy.bytes_of(run, None)
    work(run)
    for each in EXPORTS.values():
        assert len(each.bytes_of(run, None)) > 1000, each.name
    run.queue(extra_epochs=1)
    run.move(Status.RUNNING, pid=1)  # its results are about to be out of date
    for needy in (each for each in EXPORTS.values() if each.needs_results):
        with pytest.raises(LabError, match="no results yet"):
            needy.bytes_of(run, None)


def test_an_export_with_images_says_which_data_are_missing(digits, tmp_path, monkeypatch):
    images = tmp_path / "mine.npy"
    np.save(images, digits.train.x[:400].reshape(-1, 28, 28))
    monkeypatch.setenv("AUTOENCODER_LAB_DATA", str(tmp_path))
    run = made(tmp_path, epochs=1, dataset="mine")
    work(run)
    network = export("network")
    assert network.needs_data
    tensors = load(network.bytes_of(run, None))
    assert tensors and all(np.isfinite(tensor).all() for tensor in tensors.values())
    images.unlink()
    with pytest.raises(LabError, match="'mine' is not a data set"):
        network.bytes_of(run, None)
