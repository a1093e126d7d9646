"""Writes events as lines of JSON, and reads them back as the same types."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any, get_args

import numpy as np
from pydantic import TypeAdapter, ValidationError

from aecore.training.events import Event, Intervened, Snapshot, Steps

EVENTS: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}
ADAPTERS = {kind: TypeAdapter(kind) for kind in EVENTS.values()}
RENAMED = {"meters": "metrics"}  # fields of a snapshot, as schemas up to 4 wrote them


def to_json(event: Event) -> str:
    """Returns the event as one line.

    Numbers have six digits and pictures are base64. An intervention is exact, as a replay uses it.
    """
    values = {"event": type(event).__name__} | vars(event)
    return json.dumps(values) if isinstance(event, Intervened) else _json(values)


def from_json(line: bytes | str) -> Event:
    """Returns the event on a line; raises `ValueError` if the line is not an event."""
    values = json.loads(line)
    try:
        kind = EVENTS[values["event"]]
        known = {RENAMED.get(name, name): value for name, value in values.items()}
        found: dict[str, Any] = {
            field.name: known[field.name] for field in fields(kind) if field.name in known
        }
        if kind is Steps:
            found["terms"] = {name: np.array(c, float) for name, c in found["terms"].items()}
            if not found["terms"] or any(
                c.ndim != 1 or not c.size for c in found["terms"].values()
            ):
                raise TypeError("steps without losses")
        if kind is Snapshot:
            found |= {
                name: unpack_images(found[name])
                for name in ("reconstructions", "seen")
                if found[name] is not None
            }
        return ADAPTERS[kind].validate_python(found)
    except (KeyError, TypeError, AttributeError, ValidationError) as error:
        raise ValueError(f"'{str(line)[:60]}' is no event") from error


def read_events(lines: Iterable[bytes]) -> Iterator[Event]:
    """Yields the events on these lines; skips lines that are damaged."""
    for line in lines:
        try:
            yield from_json(line)
        except (ValueError, RecursionError):  # the latter: a thousand brackets
            continue


def _json(value: Any) -> str:
    if isinstance(value, dict):
        items = (f"{json.dumps(name)}: {_json(item)}" for name, item in value.items())
        return "{" + ", ".join(items) + "}"
    # Losses, up to 8,000 at once. They are finite, or the training would have ended.
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return "[" + ", ".join(["%.6g"] * len(value)) % tuple(value.tolist()) + "]"
    if isinstance(value, np.ndarray):
        return json.dumps(pack_images(value))
    return json.dumps(float(f"{value:.6g}") if isinstance(value, float) else value)


def pack_images(images: np.ndarray) -> dict[str, Any]:
    """Encodes images [n, D] as base64: pixels (uint8) or points (float32)."""
    kind = "uint8" if images.dtype == np.uint8 else "float32"
    data = np.ascontiguousarray(images, np.dtype(kind).newbyteorder("<")).tobytes()
    return {"shape": list(images.shape), kind: base64.b64encode(data).decode()}


def unpack_images(packed: dict[str, Any]) -> np.ndarray:
    """Decodes the result of `pack_images`: uint8 or float32 [n, D]."""
    kind = "uint8" if "uint8" in packed else "float32"
    return np.frombuffer(base64.b64decode(packed[kind]), np.dtype(kind).newbyteorder("<")).reshape(
        packed["shape"]
    )
