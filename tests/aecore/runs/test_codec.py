"""Events as lines of JSON, and back."""

from dataclasses import fields

import numpy as np
import pytest

from aecore.runs import codec
from aecore.training.events import EpochEnded, Intervened, PhaseStarted, Snapshot, Steps

EVENTS = [
    PhaseStarted(0, "Tied weights", 1, 20, 130, 1234),
    Steps(
        0,
        1,
        3,
        {
            "reconstruction_loss": np.array([0.25, 0.125, 0.1]),
            "weight_decay": np.array([1e-9, 2.5, 1234.5]),
        },
        300,
        0.5,
        0.003,
    ),
    EpochEnded(1, 2, 260, {"reconstruction_loss": 0.1}, {"reconstruction_loss": 0.2, "mse": 0.3}),
    Snapshot(0, 1, 3, np.arange(20, dtype=np.uint8).reshape(2, 10), None, {"dead_codings": 0.0}),
    Snapshot(0, 1, 3, np.float32([[0.1, -7, 3]]), np.float32([[1e-8, 2, 3]]), {}),
    Intervened(0, 3, "learning_rate", 0.1 + 0.2),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_read_as_it_was_written(event):
    again = codec.from_json(codec.to_json(event))
    assert type(again) is type(event)
    for field in fields(event):
        written, read = getattr(event, field.name), getattr(again, field.name)
        if isinstance(written, np.ndarray):
            assert written.dtype == read.dtype and np.array_equal(written, read)
        elif field.name == "terms":
            assert written.keys() == read.keys() and all(
                np.array_equal(written[name], read[name]) for name in written
            )
        else:
            assert written == read


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b"7",
        b'{"event": "Steps"}',
        b'{"event": "Nothing"}',
        b"\xff\xff",
        b'{"event": "Steps", "terms": 3}',
        codec.to_json(EVENTS[0]).replace("130", '"many"').encode(),
        codec.to_json(EVENTS[1]).replace("300", '"many"').encode(),
        codec.to_json(EVENTS[2]).replace("0.3", '"little"').encode(),
        codec.to_json(EVENTS[5]).replace("learning_rate", "weather").encode(),
    ],
)
def test_a_line_that_is_no_event_is_passed_over(line):
    good = codec.to_json(EVENTS[0]).encode()
    assert [type(event) for event in codec.read_events([good, line, good])] == [
        PhaseStarted,
        PhaseStarted,
    ]
