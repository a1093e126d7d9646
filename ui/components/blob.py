"""Arrays for a component as one block of bytes: a JSON header and, behind it, each array's own bytes.

A component takes bytes only as its whole `data` (Streamlit sends them once and then by reference), so header and arrays travel
together: 4 bytes with the header's length, the header padded to a multiple of 8, the arrays each padded to a multiple of 8.
`unpack` in `blob.js` reads it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from aecore.network import Network

UNPACK_JS = (Path(__file__).parent / "blob.js").read_text()


def pack(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> bytes:
    """float16, float32 and uint8 arrays with whatever JSON goes with them."""
    places, body, offset = {}, [], 0
    for name, array in arrays.items():
        raw = np.ascontiguousarray(array).tobytes()
        places[name] = {"dtype": str(array.dtype), "shape": list(array.shape), "offset": offset}
        body.append(raw.ljust(-(-len(raw) // 8) * 8, b"\0"))
        offset += len(body[-1])
    text = json.dumps(header | {"arrays": places}).encode()
    text = text.ljust(-(-(len(text) + 4) // 8) * 8 - 4, b" ")
    return len(text).to_bytes(4, "little") + text + b"".join(body)


def layers(network: Network, sides: tuple[str, ...] = ("encoder", "decoder")) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The header entry and the float16 arrays of a network's sides."""
    header: dict[str, Any] = {side: [layer.activation for layer in getattr(network, side)] for side in sides}
    arrays = {}
    for side in sides:
        for i, layer in enumerate(getattr(network, side)):
            arrays[f"{side}.{i}.kernel"] = layer.kernel.astype(np.float16)
            arrays[f"{side}.{i}.bias"] = layer.bias.astype(np.float16)
    return header, arrays


def javascript(folder: str, name: str) -> str:
    """A component's script with the shared reader in front of it."""
    return UNPACK_JS + (Path(__file__).parent / folder / name).read_text()
