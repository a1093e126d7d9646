"""One's own images, in colour and not square, on every page that shows a run."""

import numpy as np
import pytest
from PIL import Image

from aecore.cli.parser import main
from aecore.data import sources
from aecore.data.dataset import Dataset, Split
from aecore.data.extract import Extract
from aecore.jobs.work import work
from aecore.runs import store
from tests.helpers import small_config
from tests.pages.helpers import open_page

SHAPE = (20, 24, 3)


@pytest.fixture
def scenes(tmp_path, monkeypatch):
    """A data set of 200 blurred colour patches."""
    coarse = np.random.default_rng(0).integers(0, 256, (200, 5, 6, 3), np.uint8)
    np.save(tmp_path / "scenes.npy", coarse.repeat(4, axis=1).repeat(4, axis=2))
    monkeypatch.setenv("AUTOENCODER_LAB_DATA", str(tmp_path))
    return sources.load("scenes")


@pytest.mark.parametrize("name", ["stacked", "convolutional"])
@pytest.mark.whole
def test_colour_images_are_trained_on_shown_and_generated(name, scenes, own_pool, tmp_path):
    assert scenes.image_shape == SHAPE and not scenes.class_names
    run = store.create(
        own_pool.root,
        variant_name=name,
        dataset="scenes",
        config=small_config(name, epochs=1),
        seed=0,
    )
    work(run)
    assert run.results()["test"]["mse"] > 0
    at = open_page(name, run=run.id)
    for tab in ("Features", "Codings", "Generate", "Figures"):
        at.session_state[f"{run.id}.tabs"] = tab
        at.run()
        assert not at.exception, (tab, [error.message for error in at.exception])
    assert not open_page("generate", run=run.id).exception
    out = tmp_path / "made.png"
    assert main(["generate", run.id, "--n", "3", "--out", str(out)]) == 0
    image = Image.open(out)
    assert image.mode == "RGB" and image.size == (3 * SHAPE[1], SHAPE[0])


def test_images_without_classes_are_one_cloud(digits):
    """Labels without names mean nothing, whatever they are."""
    nameless = Dataset("x", "x", digits.train, digits.valid, digits.test, digits.image_shape)
    assert not nameless.test.labels.any() and len(nameless.shown_rows()) == 10
    from aecore.models import variant

    model = variant("stacked")(
        small_config("stacked"), digits.input_shape, np.random.default_rng(0)
    )
    extract = Extract.of(model.network(), nameless)
    assert len(extract.clouds.shares) == 1 and set(extract.names) == {"image"}
    assert len(extract.images) == 20


def test_a_class_that_no_test_image_has_is_left_out(digits):
    few = Split(digits.test.x[digits.test.labels < 7], digits.test.labels[digits.test.labels < 7])
    data = Dataset(
        "x", "x", digits.train, digits.valid, few, digits.image_shape, digits.class_names
    )
    assert len(data.shown_rows()) == 7
