"""Files that are whole or not there, and files of lines."""

import os

import pytest

from aecore.runs import files


def test_a_torn_last_line_waits(tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b'{"a": 1}\n{"a": 2')
    assert files.whole_lines(path, 0) == ([b'{"a": 1}'], 9)
    path.write_bytes(b'{"a": 1}\n{"a": 2}\n')
    assert files.whole_lines(path, 9)[0] == [b'{"a": 2}']


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    """A full disk, as a fault.

    The file that was there stays whole, and no half-written one is left.
    """
    path = tmp_path / "state.json"
    files.write_atomically(path, b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.write_atomically(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]
