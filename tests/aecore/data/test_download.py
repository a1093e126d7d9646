"""Files of data: read, downloaded, and one sentence for every damaged one."""

import functools
import gzip
import hashlib
import http.server
import shutil
import threading
from pathlib import Path

import pytest

from aecore.data import download, folders, mnist, sources
from aecore.data.idx import IdxFile
from aecore.data.sources import Source
from aecore.errors import LabError


@pytest.fixture
def tiny(monkeypatch):
    """A data set of the MNIST family with three images, so that every way of damaging its file can
    be tried.
    """
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
    shown: list[tuple[int, int]] = []
    download.download("tiny", lambda done, total: shown.append((done, total)))
    assert shown[-1] == (len(tiny[1]), len(tiny[1])) and sources.available("tiny")
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
