"""The data: exact figures where they are published, no leak between splits, one sentence for every damaged file."""

import functools
import gzip
import hashlib
import http.server
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA as ReferencePCA

from aecore.data import download, folders, mnist, sources, user
from aecore.data.idx import IdxFile
from aecore.data.sources import Source
from aecore.errors import LabError
from aecore.measures.pca import PCA, subspace_angle

PUBLISHED_MSE = {  # numbers every implementation must reproduce: PCA fitted on MNIST's 60,000, mean squared error on its 10,000
    1: 0.06073, 2: 0.05567, 3: 0.05161, 5: 0.04453, 10: 0.03407, 16: 0.02686, 20: 0.02354, 30: 0.01769, 32: 0.01683, 50: 0.01149,
    64: 0.00905, 100: 0.00562, 150: 0.00342, 154: 0.00330, 300: 0.00091,
}  # fmt: skip


def test_mnist_has_its_splits_and_its_pca_table(mnist):
    assert [len(split) for split in (mnist.train, mnist.valid, mnist.test)] == [
        55_000,
        5_000,
        10_000,
    ]
    pixels = np.concatenate([mnist.train.x, mnist.valid.x])
    assert pixels.mean() / 255 == pytest.approx(
        0.1307, abs=5e-5
    ) and pixels.std() / 255 == pytest.approx(0.3081, abs=5e-5)
    pca, x = PCA.fit(pixels, 255), mnist.test.floats()
    assert np.mean(np.square(x - pca.mean)) == pytest.approx(0.06747, abs=5e-6)
    for size, mse in PUBLISHED_MSE.items():
        assert pca.mse(x, size) == pytest.approx(mse, abs=6e-6), size
    assert 784 * pca.mse(x, 30) == pytest.approx(
        13.87, abs=0.01
    )  # as Hinton & Salakhutdinov printed it in 2006
    assert pca.variances[:154].sum() / pca.variances.sum() == pytest.approx(0.950, abs=5e-4)


def test_pca_equals_scikit_learn(digits):
    x = digits.train.floats()
    reference = ReferencePCA(20, svd_solver="full").fit(x[:3000])
    ours = PCA.fit(digits.train.x[:3000], 255)
    assert np.allclose(ours.variances[:20], reference.explained_variance_ * 2999 / 3000, rtol=1e-4)
    assert subspace_angle(ours.components[:20], reference.components_) < 0.1
    test = digits.test.floats()
    expected = np.mean(np.square(reference.inverse_transform(reference.transform(test)) - test))
    assert ours.mse(test, 20) == pytest.approx(float(expected), rel=1e-4)


def test_subspace_angle_is_the_angle():
    axes = np.eye(3)[:2]
    for degrees in (0, 0.01, 30, 90):
        a = np.radians(degrees)
        turned = np.array([[1, 0, 0], [0, np.cos(a), np.sin(a)]])
        mixed = np.array([[2, 1], [0.5, -3]]) @ turned  # other axes of the same plane
        assert subspace_angle(mixed, axes) == pytest.approx(degrees, abs=1e-4)


def test_digits_are_the_uci_digits_enlarged(digits):
    """Each original is found again: shrinking the 28x28 image to 8x8 gives back the 8x8 original, nearly."""
    source = load_digits()
    order = np.random.default_rng(1998).permutation(len(source.images))
    originals = source.images[order][:200] / 16
    images = digits.train.floats(200).reshape(-1, 28, 28)[:, 3:25, 3:25]
    grid = np.linspace(0, 22, 9).astype(int)
    shrunk = np.stack(
        [images[:, a:b].mean(axis=1) for a, b in zip(grid, grid[1:], strict=False)], axis=1
    )
    shrunk = np.stack(
        [shrunk[:, :, a:b].mean(axis=2) for a, b in zip(grid, grid[1:], strict=False)], axis=2
    )
    correlation = [
        np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(shrunk, originals, strict=True)
    ]
    assert min(correlation) > 0.85 and np.mean(correlation) > 0.95
    assert np.array_equal(digits.train.labels[:200], source.target[order][:200])


def test_digits_repeat_and_their_splits_share_no_image(digits):
    sources.load_cached.cache_clear()
    again = sources.load("digits")
    assert np.array_equal(again.train.x, digits.train.x)
    seen = {image.tobytes() for image in digits.train.x}
    assert not any(image.tobytes() in seen for image in (*digits.valid.x, *digits.test.x))
    assert [len(digits.train), len(digits.valid), len(digits.test)] == [12_970, 250, 250]
    for split in (digits.train, digits.valid, digits.test):
        assert set(split.labels) == set(range(10))


def test_fixed_handful_has_one_of_each_class(digits):
    assert list(digits.test.labels[digits.fixed_handful()]) == list(range(10))


def test_an_unknown_data_set_gets_a_sentence():
    with pytest.raises(LabError, match="'cifar' is not a data set; expected one of digits, mnist"):
        sources.load("cifar")


def test_a_missing_data_set_says_where_it_looked_and_what_to_do(tmp_path, monkeypatch):
    monkeypatch.delenv("AUTOENCODER_LAB_DATA", raising=False)
    assert not sources.available("mnist")
    with pytest.raises(
        LabError,
        match=r"MNIST is not on this machine.*train-images.*python -m aecore fetch mnist.*or take the digits",
    ):
        sources.load("mnist", tmp_path)


@pytest.fixture
def tiny(monkeypatch):
    """A data set of the MNIST family with three images, so that every way of damaging its file can be tried."""
    raw = (
        b"\x00\x00\x08\x03"
        + b"\x00\x00\x00\x03\x00\x00\x00\x1c\x00\x00\x00\x1c"
        + bytes(range(256)) * 9
        + bytes(48)
    )
    packed = gzip.compress(raw)
    file = IdxFile("tiny-images", len(raw), len(packed), hashlib.sha256(raw).hexdigest())
    source = Source(
        "Tiny",
        "Three images.",
        lambda folder: mnist.read_idx("tiny", "Tiny", file, folder),
        (file,),
    )
    monkeypatch.setitem(sources.SOURCES, "tiny", source)
    sources.load_cached.cache_clear()
    yield raw, packed
    sources.load_cached.cache_clear()


def put(folder: Path, blob: bytes, name: str = "tiny-images.gz") -> Path:
    (folder / "tiny").mkdir(exist_ok=True)
    (folder / "tiny" / name).write_bytes(blob)
    return folder


def test_files_are_read_packed_or_not(tiny, tmp_path):
    raw, packed = tiny
    assert sources.load("tiny", put(tmp_path, packed)).shape == (3, 784)
    (tmp_path / "tiny" / "tiny-images.gz").unlink()
    sources.load_cached.cache_clear()
    assert sources.load("tiny", put(tmp_path, raw, "tiny-images")).shape == (3, 784)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda raw, packed: packed[: len(packed) // 2], "cut off"),
        (lambda raw, packed: b"", "holds 0 bytes"),
        (
            lambda raw, packed: packed[:20] + b"\xff\x00\xff" + packed[23:],
            "(cannot be read|checksum differs|holds)",
        ),
        (lambda raw, packed: gzip.compress(raw[:-1]), "expected 2,368"),
        (lambda raw, packed: gzip.compress(raw + b"x" * 10**6), "holds more than"),
        (lambda raw, packed: gzip.compress(raw[:-1] + b"\x01"), "not the official one"),
        (lambda raw, packed: b"<html>not found</html>", "holds 22 bytes; expected 2,368"),
    ],
)
def test_a_damaged_file_gets_one_sentence_and_digits_stay_usable(tiny, tmp_path, damage, said):
    with pytest.raises(LabError, match=said) as error:
        sources.load("tiny", put(tmp_path, damage(*tiny)))
    assert "\n" not in str(error.value) and "or take the digits" in str(error.value)
    assert len(sources.load("digits").test) == 250


@pytest.fixture
def server(tmp_path):
    """A real HTTP server over a folder."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{httpd.server_address[1]}/"
    httpd.shutdown()


def serve(monkeypatch, url: str) -> None:
    source = sources.SOURCES["tiny"]
    monkeypatch.setitem(
        sources.SOURCES, "tiny", Source(source.title, source.about, source.build, source.files, url)
    )


def test_download_reports_progress_checks_and_keeps(tiny, server, monkeypatch):
    folder, url = server
    (folder / "tiny-images.gz").write_bytes(tiny[1])
    serve(monkeypatch, url)
    told: list[tuple[int, int]] = []
    download.download("tiny", lambda done, total: told.append((done, total)))
    assert told[-1] == (len(tiny[1]), len(tiny[1])) and sources.available("tiny")
    assert sources.load("tiny").shape == (3, 784)
    shutil.rmtree(folder)  # no second download is needed
    sources.load_cached.cache_clear()
    assert sources.load("tiny").shape == (3, 784)


@pytest.mark.parametrize("served", [None, b"half", "official but for one byte", "much too long"])
def test_a_failed_download_gets_one_sentence_and_leaves_nothing(tiny, server, monkeypatch, served):
    folder, url = server
    raw, packed = tiny
    blob = {
        "official but for one byte": gzip.compress(raw[:-1] + b"\x01"),
        "much too long": packed * 500,
    }.get(served, served)
    if blob is not None:
        (folder / "tiny-images.gz").write_bytes(blob)
    serve(monkeypatch, url)
    with pytest.raises(LabError) as error:
        download.download("tiny")
    assert "\n" not in str(error.value)
    assert not list((folders.home() / "data" / "tiny").iterdir()) and not sources.available("tiny")


def test_no_server_at_all_gets_one_sentence(tiny, monkeypatch):
    serve(monkeypatch, "http://127.0.0.1:9/")
    with pytest.raises(
        LabError,
        match=r"Tiny could not be fetched.*Name a folder.*AUTOENCODER_LAB_DATA.*or take the digits",
    ):
        download.download("tiny")


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
    assert len(data.fixed_handful()) == 10


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
