"""Finds the file of a network that a page asks for.

That is a run's last one, one of its earlier moments, or one that the lab comes with.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aecore import pretrained
from aecore.errors import LabError
from aecore.runs import store
from aecore.runs.history import History, place_of
from ui.session import pool


@dataclass(frozen=True)
class StoredNetwork:
    """A file, when it was last changed, and the names of its data set and variant."""

    path: Path
    changed: int
    source: str
    variant: str


def stored_network(name: str, at: str) -> StoredNetwork:
    """Returns the network of a run, by its id, or of a name that the lab comes with.

    at: the moment, as in addresses; "" is the last. Raises `LabError` if there is none.
    """
    if name in pretrained.names():
        about = pretrained.pretrained(name).network.about
        return StoredNetwork(pretrained.path_of(name), 0, about["dataset"], about["variant"])
    run = store.open_run(pool().root, name)
    path, missing = run.path / "network.safetensors", "The run has no network yet; train it."
    if at:
        missing = (
            f"The run keeps no network of '{at[:20]}'; expected the phase and step of a "
            "kept one, such as 0-10. The page asks for those that there are."
        )
        if not (place := place_of(at)):
            raise LabError(missing)
        path = History(run.path).file(place)
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        raise LabError(missing) from None
    return StoredNetwork(path, changed, run.spec.dataset, run.spec.variant)
