"""Small networks that this project trained itself, so that every page works before anything is trained.

Each file says in its own header what it is and which command and seed made it; `python -m aecore export RUN` wrote it, with a few test images
of the data it was trained on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from safetensors.numpy import load

from aecore.data.extract import Extract
from aecore.network import Network

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Pretrained:
    """A shipped network, whose `about` tells with which command it was trained, and its test figures; and what comes along of its data."""

    name: str
    network: Network
    extract: Extract


def names() -> list[str]:
    """The shipped networks, largest first."""
    return [
        path.stem
        for path in sorted(_FOLDER.glob("*.safetensors"), key=lambda path: -path.stat().st_size)
    ]


@lru_cache(maxsize=4)
def pretrained(name: str) -> Pretrained:
    blob = (_FOLDER / f"{name}.safetensors").read_bytes()
    network = Network.from_bytes(blob)
    return Pretrained(name, network, Extract.from_tensors(load(blob), network.about["class_names"]))
