"""The route of codings: where test inputs lie, and what is refused."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from aecore.data import sources
from aecore.jobs.work import work
from aecore.network import Network
from aecore.runs.history import History
from tests.helpers import made
from tests.ui.server.asking import asked as asked_of
from ui.server import codings, stored_networks

asked = partial(asked_of, codings.answer)


def trained(tmp_path, monkeypatch, *args, **values):
    run = made(tmp_path, *args, epochs=1, **values)
    monkeypatch.setattr(stored_networks, "pool", lambda: SimpleNamespace(root=run.path.parent))
    work(run)
    return run


@pytest.mark.parametrize("at", ["", "0-0"])
def test_it_sends_the_codings_their_plane_and_their_neighbours(tmp_path, monkeypatch, digits, at):
    run = trained(tmp_path, monkeypatch)
    network = History(run.path).network((0, 0)) if at else run.network()
    z = network.encode(digits.test.floats())
    _, header, arrays = asked(run.id, f"at={at}")
    assert header == {"size": z.shape[1], "kept": list(range(z.shape[1]))}
    np.testing.assert_allclose(arrays["codings"], z, atol=1e-5)
    np.testing.assert_allclose(arrays["mean"], z.mean(axis=0), atol=1e-5)
    # the plane takes the most variance that two directions can
    variances = np.linalg.eigvalsh(np.cov(z, rowvar=False, ddof=0))[::-1]
    np.testing.assert_allclose(arrays["along"].var(axis=0), variances[:2], rtol=1e-3)
    np.testing.assert_allclose(arrays["along"], (z - z.mean(axis=0)) @ arrays["axes"].T, atol=1e-4)
    distances = np.linalg.norm(z[:, None] - z[None], axis=2)
    nearest = np.argsort(distances[7])[1:11]
    assert set(arrays["neighbours"][7].astype(int)) == set(nearest)
    mean = z[digits.test.labels == 3].mean(axis=0)
    np.testing.assert_allclose(arrays["class_means"][3], mean, atol=1e-5)


def test_of_many_codings_those_that_vary_most_can_be_axes(tmp_path, monkeypatch, digits):
    monkeypatch.setattr(codings, "MOST_CODINGS", 3)
    run = trained(tmp_path, monkeypatch)
    z = run.network().encode(digits.test.floats())
    _, header, arrays = asked(run.id)
    assert header["kept"] == sorted(np.argsort(-z.std(axis=0))[:3].tolist())
    np.testing.assert_allclose(arrays["codings"], z[:, header["kept"]], atol=1e-5)


def test_one_coding_and_points_have_a_map_too(tmp_path, monkeypatch):
    run = trained(tmp_path, monkeypatch, codings_size=1)
    _, header, arrays = asked(run.id)
    assert header["size"] == 1 and "axes" not in arrays and arrays["codings"].shape[1] == 1
    run = trained(tmp_path / "points", monkeypatch, "linear", dataset="points3d", codings_size=2)
    _, header, arrays = asked(run.id)
    assert header["size"] == 2 and arrays["along"].shape[1] == 2


def test_what_cannot_be_shown_gets_a_sentence(tmp_path, monkeypatch):
    run = trained(tmp_path, monkeypatch)
    answer, _, _ = asked(run.id, "at=9-9")
    assert answer.status_code == 404 and b"expected the phase and step" in answer.body
    network = run.network()
    first = network.encoder[0]
    broken = type(first)(first.kernel * np.nan, first.bias, first.activation)
    run.show(Network((broken, *network.encoder[1:]), network.decoder), {})
    answer, _, _ = asked(run.id)
    assert answer.status_code == 404 and b"not finite numbers" in answer.body
    monkeypatch.setattr(sources, "available", lambda name: False)
    answer, _, _ = asked(run.id)
    assert answer.status_code == 404 and b"not on this machine" in answer.body
