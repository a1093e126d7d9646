"""Small networks that this project trained itself, so that every page works before anything is trained.

Each file says in its own header what it is and which command and seed made it; `python -m aecore export RUN` wrote it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from aecore.network import Network, about

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Pretrained:
    """A shipped network: its name, what it was trained on and with which command, its test figures."""

    name: str
    network: Network
    about: dict[str, Any]


def names() -> list[str]:
    """The shipped networks, largest first."""
    return [path.stem for path in sorted(_FOLDER.glob("*.safetensors"), key=lambda path: -path.stat().st_size)]


@lru_cache(maxsize=4)
def pretrained(name: str) -> Pretrained:
    blob = (_FOLDER / f"{name}.safetensors").read_bytes()
    return Pretrained(name, Network.from_bytes(blob), about(blob))
