"""Reads and checks files of the MNIST family (http://yann.lecun.com/exdb/mnist)."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path

from aecore.errors import LabError


@dataclass(frozen=True)
class IdxFile:
    """One file of the MNIST family: magic number, sizes, bytes."""

    name: str
    size: int  # bytes, uncompressed
    download_size: int  # bytes of the .gz
    sha256: str = ""  # of the uncompressed bytes
    gzip_sha256: str = ""  # of the .gz, if only this is published


def in_words(error: Exception) -> str:
    """Returns the system's message for an error, without its number."""
    reason = getattr(error, "reason", error)
    return getattr(reason, "strerror", None) or str(reason)


def read_checked(path: Path, file: IdxFile) -> bytes:
    """Returns the uncompressed bytes of `path`, after checking their size and checksum.

    Decompresses no more than the expected size.
    """
    try:
        packed = path.read_bytes()
        gzipped = packed[:2] == b"\x1f\x8b"
        raw = _gunzip(packed, file.size + 1) if gzipped else packed
    except (OSError, EOFError, zlib.error) as error:
        raise LabError(
            f"The file '{path.name}' cannot be read ({in_words(error) or 'it is cut off'}); "
            f"expected {file.size:,} bytes packed with gzip. "
            "Delete it and fetch it again, or take the digits."
        ) from error
    if len(raw) != file.size:
        more = "more than " if len(raw) > file.size else ""
        raise LabError(
            f"The file '{path.name}' holds {more}{min(len(raw), file.size):,} bytes; "
            f"expected {file.size:,}. Delete it and fetch it again, or take the digits."
        )
    wrong_raw = file.sha256 and hashlib.sha256(raw).hexdigest() != file.sha256
    wrong_packed = (
        file.gzip_sha256 and gzipped and hashlib.sha256(packed).hexdigest() != file.gzip_sha256
    )
    if wrong_raw or wrong_packed:
        raise LabError(
            f"The file '{path.name}' is not the official one (its checksum differs). "
            "Delete it and fetch it again, or take the digits."
        )
    return raw


def _gunzip(packed: bytes, limit: int) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    raw = inflater.decompress(packed, limit)
    if not inflater.eof and len(raw) < limit:
        raise EOFError("it is cut off")
    return raw
