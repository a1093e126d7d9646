"""Small networks that this project trained itself, so that every page works before anything is trained.

Each file says in its own header what it is and which command and seed made it; `python -m aecore export RUN` wrote it, with a few test images
of the data it was trained on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from safetensors.numpy import load

from aecore.extract import Extract
from aecore.network import Network, about

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Pretrained:
    """A shipped network: its name, what comes along of its data, with which command it was trained, its test figures."""

    name: str
    network: Network
    extract: Extract
    about: dict[str, Any]


def names() -> list[str]:
    """The shipped networks, largest first."""
    return [path.stem for path in sorted(_FOLDER.glob("*.safetensors"), key=lambda path: -path.stat().st_size)]


@lru_cache(maxsize=4)
def pretrained(name: str) -> Pretrained:
    blob = (_FOLDER / f"{name}.safetensors").read_bytes()
    told = about(blob)
    return Pretrained(name, Network.from_bytes(blob), Extract.from_tensors(load(blob), told["class_names"]), told)
