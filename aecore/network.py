"""A trained network as plain arrays: what the server, the browser and a download need of a run, and no TensorFlow.

Encoder and decoder are lists of layers that describe themselves. Stored as safetensors: weights that carry no code.
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
from aecore.layers import KINDS, Stored
from aecore.layers.activations import ACTIVATIONS

Array = np.ndarray


@dataclass(frozen=True)
class Network:
    """An encoder to the codings (to their mean, if they are random) and a decoder from them."""

    encoder: tuple[Stored, ...]
    decoder: tuple[Stored, ...]
    about: dict[str, Any] = field(
        default_factory=dict, compare=False, kw_only=True
    )  # what its file tells of it; of a run's, the moment it is from

    @property
    def n_inputs(self) -> int:
        return self.encoder[0].n_inputs

    @property
    def codings_size(self) -> int:
        return self.decoder[0].n_inputs

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that it computes with: what a cache may go by. Not of its file: safetensors writes the metadata in any order."""
        found = hashlib.sha256()
        for name, layer in self._named().items():
            found.update(f"{name} {layer.identity()} ".encode())
            for array in layer.arrays().values():
                found.update(np.ascontiguousarray(array, np.float32).tobytes())
        return found.hexdigest()

    def encode(self, x: Array) -> Array:
        """x [B, n_inputs] float32 in [0, 1] -> codings [B, codings_size] (their mean, if they are random)."""
        return _through(self.encoder, x)

    def decode(self, codings: Array) -> Array:
        """codings [B, codings_size] -> reconstructions [B, n_inputs]."""
        return _through(self.decoder, codings)

    def reconstruct(self, x: Array) -> Array:
        return self.decode(self.encode(x))

    def to_bytes(
        self,
        dtype: type = np.float32,
        about: dict[str, Any] | None = None,
        beside: Mapping[str, Array] | None = None,
    ) -> bytes:
        """As one safetensors file: `encoder.0.kernel`, `encoder.0.bias`, …, and the arrays `beside` them; its metadata holds the layers' kinds
        and settings, and `about`."""
        tensors: dict[str, Array] = dict(beside or {})
        for name, layer in self._named().items():
            tensors |= {
                f"{name}.{part}": np.ascontiguousarray(array, dtype)
                for part, array in layer.arrays().items()
            }
        layers = {name: layer.describe() for name, layer in self._named().items()}
        return save(
            tensors, metadata={"layers": json.dumps(layers), "about": json.dumps(about or {})}
        )

    @classmethod
    def from_bytes(cls, blob: bytes) -> Network:
        """The network of a file written by `to_bytes`; `LabError` if the bytes are anything else."""
        try:
            tensors = load(blob)
            metadata = _metadata(blob)
            sides: dict[str, list[Stored]] = {"encoder": [], "decoder": []}
            for name, description in sorted(
                _layers(metadata).items(), key=lambda item: int(item[0].split(".")[1])
            ):
                parts = {
                    key.removeprefix(f"{name}."): array.astype(np.float32)
                    for key, array in tensors.items()
                    if key.startswith(f"{name}.")
                }
                layer = KINDS[description["kind"]].restore(description, parts)
                if layer.activation not in ACTIVATIONS:
                    raise KeyError(layer.activation)
                sides[name.split(".")[0]].append(layer)
            if not (sides["encoder"] and sides["decoder"]):
                raise KeyError("layers")
            return cls(
                tuple(sides["encoder"]),
                tuple(sides["decoder"]),
                about=json.loads(metadata.get("about", "{}")),
            )
        except (
            SafetensorError,
            KeyError,
            IndexError,
            TypeError,
            AttributeError,
            ValueError,
            UnicodeDecodeError,
        ) as error:
            raise LabError(
                "These weights are damaged or not the lab's own; expected a safetensors file with an encoder and a decoder. "
                "Train again, or open another run."
            ) from error

    def _named(self) -> dict[str, Stored]:
        named = {f"encoder.{i}": layer for i, layer in enumerate(self.encoder)}
        return named | {f"decoder.{i}": layer for i, layer in enumerate(self.decoder)}


def _metadata(blob: bytes) -> dict[str, str]:
    metadata: dict[str, str] = json.loads(blob[8 : 8 + int.from_bytes(blob[:8], "little")])[
        "__metadata__"
    ]
    return metadata


def _layers(metadata: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Each layer's kind and settings, by its name. Files of before had dense layers only, and named their activations."""
    if "layers" in metadata:
        layers: dict[str, dict[str, Any]] = json.loads(metadata["layers"])
        return layers
    return {
        name: {"kind": "dense", "activation": activation}
        for name, activation in json.loads(metadata["activations"]).items()
    }


def load_network(path: Path) -> Network:
    """The network stored at `path`."""
    try:
        blob = path.read_bytes()
    except FileNotFoundError:
        raise LabError(
            f"There are no weights at '{path.name}' yet; train for an epoch first."
        ) from None
    return Network.from_bytes(blob)


def _through(layers: tuple[Stored, ...], x: Array) -> Array:
    for layer in layers:
        x = layer(x)
    return x
