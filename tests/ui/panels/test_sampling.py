"""What the two sheets of random images are drawn from."""

from dataclasses import replace

import numpy as np
import pytest

from aecore.data.dataset import as_bytes
from aecore.pretrained import names, pretrained
from ui.panels import sampling


def sampled(name: str) -> sampling.Sampled:
    made = pretrained(name)
    prior = made.network.about["variant"] == "variational"
    return sampling.Sampled(name, made.network, made.extract, prior)


@pytest.mark.parametrize("name", names())
def test_each_density_has_the_mean_and_deviation_that_it_is_said_to_have(name, monkeypatch):
    monkeypatch.setattr(sampling, "ROWS", 1000)
    of = sampled(name)
    (first, alone), (second, mixture) = sampling.draws(of, seed=0)
    assert ("prior" in first, "10 Gaussians" in second) == (of.prior, True)
    mean, deviation = (0, 1) if of.prior else (of.extract.mean, of.extract.deviation)
    size = of.network.codings_size
    assert alone.shape == mixture.shape == (12_000, size)
    np.testing.assert_allclose(alone.mean(axis=0), mean, atol=0.05 * np.max(deviation))
    np.testing.assert_allclose(alone.std(axis=0) / deviation, 1, atol=0.05)
    # the mixture's are those of all codings
    np.testing.assert_allclose(
        mixture.mean(axis=0), of.extract.mean, atol=0.05 * of.extract.deviation.max()
    )
    np.testing.assert_allclose(mixture.std(axis=0) / of.extract.deviation, 1, atol=0.05)


def test_a_seed_gives_the_same_images_again_and_another_gives_others():
    of = sampled("stacked-30")
    one, again, other = ([codings for _, codings in sampling.draws(of, seed)] for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_without_classes_the_second_is_one_gaussian():
    of = sampled("stacked-30")
    clouds = of.extract.clouds
    clouds = replace(clouds, shares=clouds.shares[:1], centres=clouds.centres[:1])
    alone = replace(of, extract=replace(of.extract, clouds=clouds))
    assert sampling.draws(alone, 0)[1][0] == "Codings from a Gaussian with their covariance"


def test_a_sheet_has_the_images_row_by_row():
    images = np.random.default_rng(0).random((48, 28 * 28 * 3), dtype=np.float32)
    sheet = sampling.sheet_of(images, (28, 28, 3))
    assert sheet.shape == (4 * 28, 12 * 28, 3)
    assert np.array_equal(sheet[28:56, 56:84], as_bytes(images[14]).reshape(28, 28, 3))
