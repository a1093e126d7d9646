"""Arrays and JSON for a component as one safetensors file, which `shared/packing.js` reads.

A component takes bytes only as its whole `data` (Streamlit sends them once and then by reference), so header and arrays travel together: the header
is the one entry of the file's metadata. With a second one the bytes would differ from call to call, as safetensors keeps metadata in no order.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from safetensors.numpy import save

from aecore.network import Network


def pack(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> bytes:
    """float16, float32 and uint8 arrays with whatever JSON goes with them; the same bytes for the same input."""
    in_order = {
        name: np.ascontiguousarray(array) for name, array in arrays.items()
    }  # safetensors writes memory as it lies, whatever the strides
    return save(in_order, metadata={"header": json.dumps(header)})


def network_part(
    network: Network, sides: tuple[str, ...] = ("encoder", "decoder")
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The header entry and the float16 arrays of a network's sides: `{"decoder": [a layer's description, …]}` and `decoder.0.kernel`, …"""
    header: dict[str, Any] = {}
    arrays: dict[str, np.ndarray] = {}
    for side in sides:
        header[side] = []
        for i, layer in enumerate(getattr(network, side)):
            header[side].append(layer.describe())
            arrays |= {
                f"{side}.{i}.{name}": np.asarray(array, np.float16)
                for name, array in layer.arrays().items()
            }
    return header, arrays
