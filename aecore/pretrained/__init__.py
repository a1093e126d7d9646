"""Small networks trained by this project, so that every page works before anything is trained.

Each file's header says what it is, and which command and seed made it. The file was written by
`python -m aecore export RUN`, with a few test images of the data the network was trained on.
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
    """A shipped network, and an extract of its data.

    The network's `about` has the command that trained it, and its test figures.
    """

    name: str
    network: Network
    extract: Extract


def names() -> list[str]:
    """Returns the names of the shipped networks."""
    return sorted(path.stem for path in _FOLDER.glob("*.safetensors"))


def path_of(name: str) -> Path:
    return _FOLDER / f"{name}.safetensors"


@lru_cache(maxsize=4)
def pretrained(name: str) -> Pretrained:
    blob = path_of(name).read_bytes()
    network = Network.from_bytes(blob)
    return Pretrained(name, network, Extract.from_tensors(load(blob), network.about["class_names"]))
