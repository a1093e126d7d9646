"""Downloads a data set's files into the cache and reports the progress."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Callable

from aecore.data.folders import home
from aecore.data.idx import in_words, read_checked
from aecore.data.sources import load_cached, source_of, title_of
from aecore.errors import LabError

Progress = Callable[[int, int], None]  # bytes so far, bytes in all


def download(name: str, progress: Progress = lambda done, total: None) -> None:
    """Downloads the files of `name` into the cache.

    Each is checked before it gets its final name, so no incomplete file is left.
    """
    source = source_of(name)
    folder = home() / "data" / name
    folder.mkdir(parents=True, exist_ok=True)
    done, total = 0, sum(file.download_size for file in source.files)
    for file in source.files:
        part = folder / f".{file.name}.{os.getpid()}.part"
        try:
            with (
                urllib.request.urlopen(f"{source.url}{file.name}.gz", timeout=20) as answer,
                part.open("wb") as out,
            ):
                while block := answer.read(1 << 16):
                    out.write(block)
                    done += len(block)
                    if done > 2 * total:
                        raise LabError(
                            f"The server sent more than {title_of(name)} holds; "
                            "try again later, or take the digits."
                        )
                    progress(min(done, total), total)
            read_checked(part, file)
            part.replace(folder / f"{file.name}.gz")
        except OSError as error:
            problem = (
                f"{source.title} could not be fetched ({in_words(error)}); "
                "expected a connection to its server."
            )
            raise LabError(
                f"{problem} Name a folder that has its files in AUTOENCODER_LAB_DATA, "
                "or take the digits, which need no network.",
                f"{problem} Press Fetch {source.title} again, "
                "or choose Digits, which need no network.",
            ) from error
        finally:
            part.unlink(missing_ok=True)
    load_cached.cache_clear()
