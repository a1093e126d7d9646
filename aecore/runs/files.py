"""Writes files atomically, and reads and appends lines of files that only grow."""

from __future__ import annotations

import os
import uuid
from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Writes all of `data` or nothing: to a temporary file in the same folder, then renamed."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def whole_lines(path: Path, offset: int, size: int | None = None) -> tuple[list[bytes], int]:
    """Reads the complete lines from byte `offset`, and returns them with the offset after them.

    An incomplete last line is left for the next call. size: the most bytes to read.
    """
    try:
        with path.open("rb") as file:
            file.seek(offset)
            block = file.read(size)
    except FileNotFoundError:
        return [], 0
    end = block.rfind(b"\n") + 1
    return [line for line in block[:end].splitlines() if line.strip()], offset + end


def append_line(path: Path, line: str) -> None:
    """Appends a line, after a newline if a killed process left an incomplete line."""
    with path.open("ab+") as file:
        torn = False
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            torn = file.read(1) != b"\n"
        file.write((b"\n" if torn else b"") + line.encode() + b"\n")
