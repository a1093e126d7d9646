"""A trained network as plain arrays: what the server, the browser and a download need of a run, and no TensorFlow.

Encoder and decoder are lists of (kernel, bias, activation). Stored as safetensors: weights that carry no code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from aecore.errors import LabError

Array = np.ndarray


def _elu(x: Array) -> Array:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def _sigmoid(x: Array) -> Array:
    return 0.5 * (1 + np.tanh(0.5 * x))  # the same function as 1 / (1 + exp(-x)), without its overflow


def _selu(x: Array) -> Array:
    return 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0)))


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda x: x,
    "elu": _elu,
    "relu": lambda x: np.maximum(x, 0),
    "selu": _selu,
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
}


@dataclass(frozen=True)
class Layer:
    """activation(x @ kernel + bias); kernel [n_in, n_out], bias [n_out]."""

    kernel: Array
    bias: Array
    activation: str

    def __call__(self, x: Array) -> Array:
        return ACTIVATIONS[self.activation](x @ self.kernel + self.bias)


@dataclass(frozen=True)
class Network:
    """An encoder to the codings (to their mean, if they are random) and a decoder from them."""

    encoder: tuple[Layer, ...]
    decoder: tuple[Layer, ...]
    about: dict[str, Any] = field(
        default_factory=dict, compare=False, kw_only=True
    )  # what its file tells of it; of a run's, the moment it is from

    @property
    def n_inputs(self) -> int:
        return self.encoder[0].kernel.shape[0]

    @property
    def codings_size(self) -> int:
        return self.decoder[0].kernel.shape[0]

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that it computes with: what a cache may go by. Not of its file: safetensors gives the metadata any order."""
        found = hashlib.sha256()
        for name, layer in self._named().items():
            found.update(f"{name} {layer.activation} {layer.kernel.shape} ".encode())
            found.update(np.ascontiguousarray(layer.kernel, np.float32).tobytes())
            found.update(np.ascontiguousarray(layer.bias, np.float32).tobytes())
        return found.hexdigest()

    def encode(self, x: Array) -> Array:
        """x [B, n_inputs] float32 in [0, 1] -> codings [B, codings_size] (their mean, if they are random)."""
        return _through(self.encoder, x)

    def decode(self, codings: Array) -> Array:
        """codings [B, codings_size] -> reconstructions [B, n_inputs]."""
        return _through(self.decoder, codings)

    def reconstruct(self, x: Array) -> Array:
        return self.decode(self.encode(x))

    def to_bytes(self, dtype: type = np.float32, about: dict[str, Any] | None = None, beside: Mapping[str, Array] | None = None) -> bytes:
        """As one safetensors file: `encoder.0.kernel`, `encoder.0.bias`, …, and the arrays `beside` them; the activations (and `about`) stand
        in its metadata."""
        tensors: dict[str, Array] = dict(beside or {})
        activations: dict[str, str] = {}
        for name, layer in self._named().items():
            tensors[f"{name}.kernel"] = np.ascontiguousarray(layer.kernel, dtype)
            tensors[f"{name}.bias"] = np.ascontiguousarray(layer.bias, dtype)
            activations[name] = layer.activation
        return save(tensors, metadata={"activations": json.dumps(activations), "about": json.dumps(about or {})})

    @classmethod
    def from_bytes(cls, blob: bytes) -> Network:
        """The network of a file written by `to_bytes`; `LabError` if the bytes are anything else."""
        try:
            tensors = load(blob)
            metadata = _metadata(blob)
            activations = json.loads(metadata["activations"])
            layers = {
                name: Layer(tensors[f"{name}.kernel"].astype(np.float32), tensors[f"{name}.bias"].astype(np.float32), kind)
                for name, kind in activations.items()
            }
            sides = {
                side: tuple(layers[f"{side}.{i}"] for i in range(sum(name.startswith(side + ".") for name in layers)))
                for side in ("encoder", "decoder")
            }
            if not (sides["encoder"] and sides["decoder"]) or not set(activations.values()) <= set(ACTIVATIONS):
                raise KeyError("layers")
            return cls(**sides, about=json.loads(metadata.get("about", "{}")))
        except (SafetensorError, KeyError, ValueError, UnicodeDecodeError) as error:
            raise LabError(
                "These weights are damaged or not the lab's own; expected a safetensors file with an encoder and a decoder. "
                "Train again, or open another run."
            ) from error

    def _named(self) -> dict[str, Layer]:
        named = {f"encoder.{i}": layer for i, layer in enumerate(self.encoder)}
        return named | {f"decoder.{i}": layer for i, layer in enumerate(self.decoder)}


def _metadata(blob: bytes) -> dict[str, str]:
    metadata: dict[str, str] = json.loads(blob[8 : 8 + int.from_bytes(blob[:8], "little")])["__metadata__"]
    return metadata


def load_network(path: Path) -> Network:
    """The network stored at `path`."""
    try:
        blob = path.read_bytes()
    except FileNotFoundError:
        raise LabError(f"There are no weights at '{path.name}' yet; train for an epoch first.") from None
    return Network.from_bytes(blob)


def _through(layers: tuple[Layer, ...], x: Array) -> Array:
    for layer in layers:
        x = layer(x)
    return x
