"""The folders of data sets and runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from aecore.data.idx import IdxFile


def home() -> Path:
    """Returns the folder for runs and downloads.

    `AUTOENCODER_LAB_HOME`, or `.autoencoder-lab` in the user's home folder.
    """
    return Path(os.environ.get("AUTOENCODER_LAB_HOME") or Path.home() / ".autoencoder-lab")


def data_folders(data_dir: Path | None) -> list[Path]:
    """Returns the folders of data: the one that was named, if any, and the cache."""
    variable = os.environ.get("AUTOENCODER_LAB_DATA")
    named = data_dir or (Path(variable) if variable else None)
    return [*([named] if named else []), home() / "data"]


def folders_of(name: str, data_dir: Path | None) -> Iterator[Path]:
    """Yields the folders in which the files of `name` may be.

    These are subfolders `name`; for MNIST also the folder that was named.
    """
    *named, cache = data_folders(data_dir)
    for folder in named:
        yield folder / name
        # Not for Fashion-MNIST: its files have the same names.
        if name == "mnist":
            yield folder
    yield cache / name


def find_file(name: str, file: IdxFile, data_dir: Path | None) -> Path | None:
    for folder in folders_of(name, data_dir):
        for path in (folder / f"{file.name}.gz", folder / file.name):
            if path.is_file():
                return path
    return None


def shown(folder: Path) -> str:
    """Returns the folder's path for a message, with `~` for the user's home folder."""
    path, home_folder = str(folder), str(Path.home())
    return path.replace(home_folder, "~", 1) if path.startswith(home_folder) else path
