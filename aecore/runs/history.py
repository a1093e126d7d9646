"""The whole networks that a run keeps while it trains, for pages to go back to any moment.

<id>/history/<phase>-<step>.safetensors   the layers that were trained so far, in float16
             inputs.safetensors           the inputs that are shown while it trains, as the encoder
                                          gets them (float32)

They are written beside the training by a thread of their own; the first moments follow each other
more closely than a disk can write them, so a few may wait. A run's history takes at most
`most_bytes()`: when it is full, the network goes whose neighbours are closest together.
"""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from aecore.errors import LabError
from aecore.network import Network, load_network
from aecore.runs.files import write_atomically

SETTING = "AUTOENCODER_LAB_HISTORY_MB"
DEFAULT_MB = "64"
INPUTS = "inputs.safetensors"
LONGEST_KEY = 24  # characters of a place
MOST_WAITING = 100_000_000  # bytes of the networks that are yet to be written
Array = np.ndarray
Place = tuple[int, int]  # phase, step
_thread = ThreadPoolExecutor(1, thread_name_prefix="history")  # it starts with the first network


def most_bytes() -> int:
    """Returns how large a run's history may become; 0 keeps none."""
    asked = os.environ.get(SETTING, DEFAULT_MB)
    if not asked.isdecimal() or int(asked) > 1_000_000:
        raise LabError(
            f"{SETTING} is '{asked}'; expected a whole number from 0 to 1,000,000. "
            "Set it to the megabytes that a run's history may take; 0 keeps none."
        )
    return int(asked) * 10**6


def place_key(place: Place) -> str:
    """As files, addresses and pages name a place."""
    return f"{place[0]}-{place[1]}"


def place_of(key: str) -> Place | None:
    """Returns the place that `place_key` names so; None if it names none."""
    phase, _, step = key.partition("-")
    if len(key) > LONGEST_KEY or not (phase.isdecimal() and step.isdecimal()):
        return None
    return int(phase), int(step)


class History:
    """Reads a run's kept networks."""

    def __init__(self, run: Path):
        self.path = run / "history"

    def places(self) -> list[Place]:
        """Returns the phase and step of each kept network, in the order of time."""
        found = (place_of(file.stem) for file in self.path.glob("*.safetensors"))
        return sorted(place for place in found if place)

    def file(self, place: Place) -> Path:
        return self.path / f"{place_key(place)}.safetensors"

    def network(self, place: Place) -> Network:
        return load_network(self.file(place))

    def inputs(self) -> tuple[Array, bool]:
        """Returns the shown inputs [n, n_inputs], and whether they are images; else points."""
        try:
            ((name, x),) = load((self.path / INPUTS).read_bytes()).items()
        except (FileNotFoundError, SafetensorError, ValueError) as error:
            raise LabError(
                "This run kept no networks of earlier moments; expected one that was trained by "
                "this version of the lab. Train it again to go back in time."
            ) from error
        return x, name == "images"


class HistoryWriter(History):
    """Keeps the networks of a run that is training. Only the run's worker has one."""

    def __init__(self, run: Path):
        super().__init__(run)
        self.most = most_bytes()
        self._waiting: deque[tuple[Future[None], int]] = deque()  # each with its bytes

    def keep_inputs(self, x: Array, *, images: bool) -> None:
        """Keeps the shown inputs x [n, n_inputs], as the encoder gets them."""
        if self.most:
            self.path.mkdir(exist_ok=True)
            blob = save({"images" if images else "points": np.asarray(x, np.float32)})
            write_atomically(self.path / INPUTS, blob)

    def keep(self, network: Network, phase: int, epoch: int, step: int) -> None:
        """Keeps a network. It is on the disk after `wait`; `OSError` if an earlier one is not."""
        if not self.most:
            return
        size = network.n_bytes
        while self._waiting and (
            self._waiting[0][0].done()
            or sum(each for _, each in self._waiting) + size > MOST_WAITING
        ):
            self._waiting.popleft()[0].result()
        about = {"phase": phase, "epoch": epoch, "step": step}
        self._waiting.append((_thread.submit(self._write, network, about), size))

    def wait(self) -> None:
        """Returns when every network is on the disk; raises `OSError` if there is no room."""
        while self._waiting:
            self._waiting.popleft()[0].result()

    def drop_after(self, place: Place) -> None:
        """Drops the networks after `place`: those steps will be trained again."""
        for later in self.places():
            if later > place:
                self.file(later).unlink(missing_ok=True)

    def _write(self, network: Network, about: dict[str, int]) -> None:
        self.path.mkdir(exist_ok=True)
        blob = network.to_bytes(np.float16, about)
        write_atomically(self.file((about["phase"], about["step"])), blob)
        sizes = {place: self.file(place).stat().st_size for place in self.places()}
        while sum(sizes.values()) > self.most and (place := least_missed(sizes)):
            self.file(place).unlink()
            del sizes[place]


def least_missed(places: Iterable[Place]) -> Place | None:
    """Returns the place whose neighbours in its phase are closest, by the logarithm of their steps.

    The first of all places and the last of each phase stay; None if there is no other.
    """
    ordered = sorted(places)
    gaps = [
        (math.log((after[1] + 1) / (before[1] + 1)), place)
        for before, place, after in zip(ordered, ordered[1:], ordered[2:], strict=False)
        if before[0] == after[0]
    ]
    return min(gaps)[1] if gaps else None
