"""The route of networks: what a pad gets, and what is refused."""

from functools import partial

import numpy as np
import pytest

from aecore.data import sources
from aecore.pretrained import pretrained
from aecore.runs.history import History
from tests.ui.server.asking import asked as asked_of
from ui.server import networks

asked = partial(asked_of, networks.answer)


def test_it_sends_both_sides_the_percentiles_of_the_errors_and_pca(run, digits):
    _, header, arrays = asked(run.id, "pca=1")
    network, x = run.network(), digits.test.floats(networks.MEASURED)
    assert arrays["encoder.0.kernel"].shape == (784, network.encoder[0].n_outputs)
    errors = np.mean(np.square(network.reconstruct(x) - x), axis=1)
    assert header["quantiles"][0] == pytest.approx(errors.min(), rel=1e-3)
    assert header["quantiles"][50] == pytest.approx(np.median(errors), rel=1e-3)
    assert header["quantiles"][100] == pytest.approx(errors.max(), rel=1e-3)
    made_of_it = (x - arrays["pca_mean"]) @ arrays["pca_axes"].astype(np.float32).T
    flat = made_of_it @ arrays["pca_axes"].astype(np.float32) + arrays["pca_mean"]
    assert np.abs(flat - digits.pca.reconstruct(x, network.codings_size)).max() < 5e-3
    assert "pca_mean" not in asked(run.id)[2]


def test_it_sends_the_network_of_a_moment(run):
    first = History(run.path).places()[0]
    _, _, arrays = asked(run.id, "at=0-0")
    kept = History(run.path).network(first)
    assert np.array_equal(arrays["encoder.0.kernel"], kept.encoder[0].kernel.astype(np.float16))


def test_plain_it_is_only_the_network(run):
    _, header, arrays = asked(run.id, "plain=1&pca=1")
    assert header["quantiles"] is None and "pca_mean" not in arrays
    kernel = run.network().encoder[0].kernel
    assert np.array_equal(arrays["encoder.0.kernel"], kernel.astype(np.float16))


def test_a_network_that_comes_with_the_lab_needs_no_data(monkeypatch):
    monkeypatch.setattr(sources, "available", lambda name: False)
    networks._packed.cache_clear()
    answer, header, arrays = asked("variational-2", "pca=1")
    assert answer.status_code == 200 and header["quantiles"] is None and "pca_mean" not in arrays
    kernel = pretrained("variational-2").network.decoder[0].kernel
    assert np.array_equal(arrays["decoder.0.kernel"], kernel.astype(np.float16))


@pytest.mark.parametrize(
    "query",
    ["at=7-7", "at=x", "at=../run.json", "at=0-1-2", f"at=0-{'9' * 300}", f"at=0-{'9' * 5000}"],
)
def test_a_moment_that_is_not_kept_gets_a_sentence(run, query):
    answer, _, _ = asked(run.id, query)
    assert answer.status_code == 404 and b"expected the phase and step" in answer.body


@pytest.mark.parametrize("name", ["0" * 32, "x", "../../etc"])
def test_an_unknown_network_gets_a_sentence(run, name):
    answer, _, _ = asked(name)
    assert answer.status_code == 404 and b"There is no run" in answer.body
