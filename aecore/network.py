"""A trained network as plain arrays, for the server, the browser and downloads; no TensorFlow.

Encoder and decoder are lists of layers that describe themselves. The file format is safetensors:
such a file cannot carry code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from aecore.errors import LabError
from aecore.layers import KINDS, Stored, run
from aecore.layers.activations import ACTIVATIONS

Array = np.ndarray
SIDES = ("encoder", "decoder", "spread")  # of a network, in the order of its arguments
# What parsing raises if the bytes are not a network's file; a UnicodeDecodeError is a ValueError.
_UNREADABLE = (SafetensorError, KeyError, IndexError, TypeError, AttributeError, ValueError)


@dataclass(frozen=True)
class Network:
    """An encoder to the codings (to their mean, if they are random) and a decoder from them.

    spread: if they are random, the layers that give their standard deviation, or its negative,
    from what the encoder's last layer gets. Empty if they are not, or in an older file.
    """

    encoder: tuple[Stored, ...]
    decoder: tuple[Stored, ...]
    spread: tuple[Stored, ...] = ()
    # The metadata of its file; in a run's file, the moment that the weights are from.
    about: dict[str, Any] = field(default_factory=dict, compare=False, kw_only=True)

    @property
    def n_inputs(self) -> int:
        return self.encoder[0].n_inputs

    @property
    def codings_size(self) -> int:
        return self.decoder[0].n_inputs

    @property
    def n_bytes(self) -> int:
        """How much memory its weights take."""
        each = self._named().values()
        return sum(array.nbytes for layer in each for array in layer.arrays().values())

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the layers and weights, as a key for caches.

        It is not a hash of the file, because safetensors writes the metadata in any order.
        """
        found = hashlib.sha256()
        for name, layer in self._named().items():
            found.update(f"{name} {layer.identity()} ".encode())
            for array in layer.arrays().values():
                found.update(np.ascontiguousarray(array, np.float32).tobytes())
        return found.hexdigest()

    def encode(self, x: Array) -> Array:
        """x [B, n_inputs] float32 in [0, 1] -> codings [B, codings_size].

        If the codings are random, it returns their mean.
        """
        return run(self.encoder, x)

    def decode(self, codings: Array) -> Array:
        """codings [B, codings_size] -> reconstructions [B, n_inputs]."""
        return run(self.decoder, codings)

    def deviations(self, x: Array) -> Array:
        """x [B, n_inputs] -> the codings' standard deviations [B, codings_size].

        Raises `LabError` if the codings are not random, or the file is an older one.
        """
        if not self.spread:
            raise LabError(
                "This network has no standard deviations of its codings; expected a variational "
                "one of this version of the lab. Train it again."
            )
        deviations: Array = np.abs(run(self.spread, run(self.encoder[:-1], x)))
        return deviations

    def reconstruct(self, x: Array) -> Array:
        return self.decode(self.encode(x))

    def to_bytes(
        self,
        dtype: type = np.float32,
        about: dict[str, Any] | None = None,
        beside: Mapping[str, Array] | None = None,
    ) -> bytes:
        """The network as one safetensors file: `encoder.0.kernel`, `encoder.0.bias`, …

        The arrays in `beside` are stored too. The metadata holds the layers' kinds and settings,
        and `about`.
        """
        tensors: dict[str, Array] = dict(beside or {})
        for name, layer in self._named().items():
            for part, array in layer.arrays().items():
                tensors[f"{name}.{part}"] = np.ascontiguousarray(array, dtype)
        layers = {name: layer.describe() for name, layer in self._named().items()}
        metadata = {"layers": json.dumps(layers), "about": json.dumps(about or {})}
        return save(tensors, metadata=metadata)

    @classmethod
    def from_bytes(cls, blob: bytes) -> Network:
        """The network in a file written by `to_bytes`; `LabError` if `blob` is not such a file."""
        try:
            tensors = load(blob)
            metadata = _metadata(blob)
            sides: dict[str, list[Stored]] = {side: [] for side in SIDES}
            layers = _layers(metadata)
            for name in sorted(layers, key=lambda name: int(name.split(".")[1])):
                parts = {
                    key.removeprefix(f"{name}."): array.astype(np.float32)
                    for key, array in tensors.items()
                    if key.startswith(f"{name}.")
                }
                layer = KINDS[layers[name]["kind"]].restore(layers[name], parts)
                if layer.activation not in ACTIVATIONS:
                    raise KeyError(layer.activation)
                sides[name.split(".")[0]].append(layer)
            if not (sides["encoder"] and sides["decoder"]):
                raise KeyError("layers")
            about = json.loads(metadata.get("about", "{}"))
            return cls(*(tuple(sides[side]) for side in SIDES), about=about)
        except _UNREADABLE as error:
            raise LabError(
                "These weights are damaged or not the lab's own; expected a safetensors file with "
                "an encoder and a decoder. Train again, or open another run."
            ) from error

    def _named(self) -> dict[str, Stored]:
        return {
            f"{side}.{i}": layer for side in SIDES for i, layer in enumerate(getattr(self, side))
        }


def _metadata(blob: bytes) -> dict[str, str]:
    """The metadata of a safetensors file, which `safetensors.numpy` does not return."""
    length = int.from_bytes(blob[:8], "little")
    metadata: dict[str, str] = json.loads(blob[8 : 8 + length])["__metadata__"]
    return metadata


def _layers(metadata: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Each layer's kind and settings, by its name.

    The first version of the format had dense layers only, and stored just their activations.
    """
    if "layers" in metadata:
        layers: dict[str, dict[str, Any]] = json.loads(metadata["layers"])
        return layers
    activations = json.loads(metadata["activations"]).items()
    return {name: {"kind": "dense", "activation": activation} for name, activation in activations}


def load_network(path: Path) -> Network:
    """The network stored at `path`."""
    try:
        blob = path.read_bytes()
    except FileNotFoundError:
        raise LabError(
            f"There are no weights at '{path.name}' yet; train for an epoch first."
        ) from None
    return Network.from_bytes(blob)
