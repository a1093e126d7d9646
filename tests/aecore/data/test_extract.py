"""Test images and clouds of codings.

They are the data's own, and what is drawn from them is what it is said to be.
"""

import numpy as np
import pytest

from aecore import pretrained
from aecore.data.extract import BARS, Clouds, Extract, Histograms
from aecore.network import Network
from tests.helpers import few, trained


def test_the_clouds_have_the_mean_and_covariance_of_each_class():
    rng = np.random.default_rng(0)
    labels = rng.choice([2, 5], 6000, p=[0.25, 0.75])
    mixing = {2: rng.standard_normal((3, 3)), 5: rng.standard_normal((3, 3))}
    codings = np.stack(
        [(5.0 if label == 2 else -5.0) + rng.standard_normal(3) @ mixing[label] for label in labels]
    ).astype(np.float32)
    clouds = Clouds.fit(codings, labels)
    assert clouds.shares == pytest.approx([np.mean(labels == 2), np.mean(labels == 5)])
    for centre, factor, label in zip(clouds.centres, clouds.factors, (2, 5), strict=True):
        own = codings[labels == label]
        assert np.allclose(centre, own.mean(axis=0), atol=1e-4)
        assert np.allclose(
            factor.T @ factor, np.cov(own, rowvar=False, bias=True), rtol=1e-3, atol=1e-3
        )
    drawn = clouds.draw(50_000, rng)
    assert np.allclose(drawn.mean(axis=0), codings.mean(axis=0), atol=0.15)
    assert np.allclose(np.cov(drawn, rowvar=False), np.cov(codings, rowvar=False), atol=1)
    cold = clouds.draw(500, rng, temperature=0)
    assert len(np.unique(cold, axis=0)) == 2


def test_a_class_with_fewer_images_than_codings_still_has_its_cloud():
    rng = np.random.default_rng(0)
    codings, labels = rng.standard_normal((14, 40)).astype(np.float32), np.array([0] * 13 + [1])
    clouds = Clouds.fit(codings, labels)
    assert clouds.factors.shape == (2, 13, 40) and not clouds.factors[1].any()
    assert np.allclose(
        clouds.factors[0].T @ clouds.factors[0],
        np.cov(codings[:13], rowvar=False, bias=True),
        atol=1e-4,
    )


def test_an_extract_comes_back_from_its_file(digits):
    network = trained("stacked", few(digits, 500)).model.network()
    extract = Extract.of(network, digits)
    blob = network.to_bytes(about={"class_names": digits.class_names}, beside=extract.tensors())
    from safetensors.numpy import load

    again = Extract.from_tensors(load(blob), Network.from_bytes(blob).about["class_names"])
    assert again.fingerprint == extract.fingerprint and again.names == [
        name for name in "0123456789" for _ in range(2)
    ]
    assert Network.from_bytes(blob).fingerprint == network.fingerprint


@pytest.mark.parametrize("name", pretrained.names())
def test_the_shipped_test_images_are_mnists_own(name, mnist):
    """Not made by a network: each is one of the 10,000, with its label.

    And the codings' figures are those that the export takes.
    """
    shipped = pretrained.pretrained(name)
    for image, label in zip(shipped.extract.images, shipped.extract.labels, strict=True):
        (row,) = np.flatnonzero((mnist.test.x == image).all(axis=1))
        assert mnist.test.labels[row] == label
    again = Extract.of(
        shipped.network, mnist
    )  # from weights in half precision, where the export had them in full
    assert np.array_equal(np.bincount(shipped.extract.labels), [2] * 10)
    assert np.allclose(shipped.extract.clouds.centres, again.clouds.centres, atol=0.01)


def test_draws_at_the_pages_temperature_are_mostly_digits(mnist):
    """Judged by the ten nearest of 20,000 training images: nine of one class. (Real test images.

    84 %; from the whole prior: 55 %.)
    """
    from ui.components.network import TEMPERATURE

    shipped = pretrained.pretrained("variational-20")
    rng, n = np.random.default_rng(0), 400
    known, labels = mnist.train.floats(20_000), mnist.train.labels[:20_000]

    def digits_among(x: np.ndarray) -> float:
        distances = np.square(known).sum(axis=1) - 2 * x @ known.T
        nearest = labels[np.argpartition(distances, 10, axis=1)[:, :10]]
        return float(np.mean([np.bincount(row).max() >= 9 for row in nearest]))

    codings = shipped.extract.clouds.draw(n, rng, TEMPERATURE)
    from_clouds = digits_among(shipped.network.decode(codings))
    from_prior = digits_among(
        shipped.network.decode(rng.standard_normal(codings.shape, dtype=np.float32))
    )
    assert from_clouds > 0.85 and from_prior < 0.6


def test_histograms_count_codings_between_their_quantiles():
    codings = np.random.default_rng(0).standard_normal((4000, 2)).astype(np.float32)
    codings[:, 1] = 3  # dead
    found = Histograms.of(codings)
    np.testing.assert_allclose(found.low[0], np.quantile(codings[:, 0], 0.005), rtol=1e-5)
    np.testing.assert_allclose(found.high[0], np.quantile(codings[:, 0], 0.995), rtol=1e-5)
    inside = np.clip(codings[:, 0], found.low[0], found.high[0])
    counts, _ = np.histogram(inside, BARS, (found.low[0], found.high[0]))
    assert np.abs(found.bars[0] - 255 * counts / counts.max()).max() <= 1.5
    assert found.low[1] == found.high[1] == 3 and found.bars[1].max() == 255
