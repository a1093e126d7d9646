"""Images of one's own."""

import numpy as np
import pytest

from aecore.data import sources, user
from aecore.errors import LabError


def test_a_file_of_images_is_a_data_set_of_ones_own(tmp_path, monkeypatch):
    images = np.random.default_rng(0).integers(0, 256, (400, 28, 28), dtype=np.uint8)
    np.save(tmp_path / "mine.npy", images)
    monkeypatch.setenv("AUTOENCODER_LAB_DATA", str(tmp_path))
    assert "mine" in sources.sources() and sources.available("mine")
    data = sources.load("mine")
    assert [len(split) for split in (data.train, data.valid, data.test)] == [360, 20, 20]
    assert np.array_equal(
        np.concatenate([data.train.x, data.valid.x, data.test.x]), images.reshape(400, 784)
    )
    assert len(data.shown_rows()) == 10


def test_flat_images_are_square_ones(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (200, 100), dtype=np.uint8)
    np.save(tmp_path / "small.npy", images)
    data = sources.load("small", tmp_path)
    assert data.input_shape == (10, 10, 1) and np.array_equal(data.train.x, images[:180])


def test_more_images_than_memory_should_hold_stay_on_the_disk(tmp_path, monkeypatch):
    np.save(tmp_path / "large.npy", np.zeros((1000, 784), np.uint8))
    monkeypatch.setattr(user, "RESIDENT_ROWS", 500)
    data = sources.load("large", tmp_path)
    assert isinstance(data.train.x, np.memmap) and len(data.train) == 900


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (np.zeros((200, 28, 28), np.float32), "holds float32 200 x 28 x 28; expected .* uint8"),
        (
            np.zeros((200, 80, 80), np.uint8),
            "holds uint8 200 x 80 x 80; expected .* at most 4,096 numbers",
        ),
        (np.zeros((200, 28, 28, 2), np.uint8), "holds uint8 200 x 28 x 28 x 2; expected"),
        (np.zeros((50, 784), np.uint8), "expected at least 100 images"),
        (np.zeros((200, 783), np.uint8), "holds uint8 200 x 783; expected .* flat, if .* square"),
        (np.array(3), "a single number"),
        (b"not an array", "cannot be read as a NumPy array"),
        (np.array([{"a": 1}], dtype=object), "cannot be read as a NumPy array"),
    ],
)
def test_a_file_that_holds_no_images_is_refused_in_one_sentence(content, said, tmp_path):
    path = tmp_path / "mine.npy"
    path.write_bytes(content) if isinstance(content, bytes) else np.save(
        path, content, allow_pickle=True
    )
    with pytest.raises(LabError, match=said):
        sources.load("mine", tmp_path)
