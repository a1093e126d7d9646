"""Arrays and JSON for a component as one safetensors file, which `shared/packing.js` reads.

A component takes bytes only as its whole `data`: Streamlit sends them once, then by reference. So
header and arrays travel together. The header is the only entry of the file's metadata: safetensors
keeps metadata in no order, so with a second entry the bytes would differ from call to call.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from safetensors.numpy import save

from aecore.layers import Stored, StoredDense
from aecore.network import SIDES, Network


def pack(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> bytes:
    """float16, float32 and uint8 arrays and a JSON header; the same bytes for the same input."""
    # safetensors writes memory as it lies, whatever the strides.
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    return save(contiguous, metadata={"header": json.dumps(header)})


def network_part(
    network: Network, sides: tuple[str, ...] = SIDES
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The header entries and the float16 arrays of a network's sides.

    Of a side "decoder": `{"decoder": [each layer's description]}` and `decoder.0.kernel`, …. A
    kernel that is one of the encoder's, transposed, is not sent again: the layer's description has
    that one's place as `transposed_of`.
    """
    header: dict[str, Any] = {side: [] for side in sides}
    arrays: dict[str, np.ndarray] = {}
    for side in sides:
        for i, layer in enumerate(getattr(network, side)):
            description, parts = layer.describe(), dict(layer.arrays())
            if side == "decoder" and "encoder" in sides:
                source = _transposed_of(layer, network.encoder)
                if source is not None:
                    description["transposed_of"] = source
                    del parts["kernel"]
            header[side].append(description)
            arrays |= {f"{side}.{i}.{name}": np.asarray(a, np.float16) for name, a in parts.items()}
    return header, arrays


def _transposed_of(layer: Stored, encoder: Sequence[Stored]) -> int | None:
    """The place of the encoder's layer whose kernel is this one's, transposed."""
    if isinstance(layer, StoredDense):
        for i, source in enumerate(encoder):
            if isinstance(source, StoredDense) and np.array_equal(source.kernel.T, layer.kernel):
                return i
    return None
