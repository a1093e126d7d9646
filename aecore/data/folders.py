"""The folders in which data sets and runs lie."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from aecore.data.idx import IdxFile


def home() -> Path:
    """The folder for runs and downloads: `AUTOENCODER_LAB_HOME`, or `.autoencoder-lab` in the user's own."""
    return Path(os.environ.get("AUTOENCODER_LAB_HOME") or Path.home() / ".autoencoder-lab")


def data_folders(data_dir: Path | None) -> list[Path]:
    """Where data lies: the folder that was named, if any, and the cache."""
    named = data_dir or (
        Path(os.environ["AUTOENCODER_LAB_DATA"]) if os.environ.get("AUTOENCODER_LAB_DATA") else None
    )
    return [*([named] if named else []), home() / "data"]


def folders_of(name: str, data_dir: Path | None) -> Iterator[Path]:
    """Where the files of `name` may lie: in a subfolder `name`; for MNIST the folder that was named will do itself."""
    *named, cache = data_folders(data_dir)
    for folder in named:
        yield folder / name
        if (
            name == "mnist"
        ):  # Fashion-MNIST's files bear the same names, so only its own folder will do
            yield folder
    yield cache / name


def find_file(name: str, file: IdxFile, data_dir: Path | None) -> Path | None:
    for folder in folders_of(name, data_dir):
        for path in (folder / f"{file.name}.gz", folder / file.name):
            if path.is_file():
                return path
    return None


def shown(folder: Path) -> str:
    home_folder = str(Path.home())
    return (
        str(folder).replace(home_folder, "~", 1)
        if str(folder).startswith(home_folder)
        else str(folder)
    )
