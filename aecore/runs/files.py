"""Files that are whole or not there, and files of lines that only grow."""

from __future__ import annotations

import os
import sys
import uuid
from pathlib import Path

if sys.platform == "win32":
    pass
else:
    pass


def write_atomically(path: Path, data: bytes) -> None:
    """All of it or nothing: a temporary file in the same folder, flushed to the disk, then renamed."""
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
    """The whole lines of a file from byte `offset` (at most `size` bytes of them), and the offset behind them; a torn last line waits."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            block = file.read(size)
    except FileNotFoundError:
        return [], 0
    end = block.rfind(b"\n") + 1
    return [line for line in block[:end].splitlines() if line.strip()], offset + end


def append_line(path: Path, line: str) -> None:
    """Append a line: on a line of its own even if a killed process left half a line."""
    with path.open("ab+") as file:
        torn = False
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            torn = file.read(1) != b"\n"
        file.write((b"\n" if torn else b"") + line.encode() + b"\n")
