"""What a component is sent: one safetensors file, the same bytes for the same arrays."""

import json

import numpy as np
from safetensors.numpy import load

from aecore.models import variant
from aecore.pretrained import pretrained
from aecore.training.loop import Training
from tests.helpers import small_config
from ui.components.packing import network_part, pack


def header_of(packed: bytes) -> dict:
    metadata = json.loads(packed[8 : 8 + int.from_bytes(packed[:8], "little")])["__metadata__"]
    assert list(metadata) == [
        "header"
    ]  # with a second one the bytes would differ from call to call
    return json.loads(metadata["header"])


def test_arrays_and_header_come_back_and_the_bytes_are_the_same_each_time():
    arrays = {
        "bytes": np.arange(3, dtype=np.uint8),
        "halves": np.ones((3, 2), np.float16),
        "none": np.zeros((0, 2), np.uint8),
        "transposed": np.arange(6, dtype=np.float32).reshape(2, 3).T,
        "every_second": np.arange(8, dtype=np.float32)[::2],
    }
    packed = pack({"words": "Größe", "order": [2, 0]}, arrays)
    assert header_of(packed) == {"words": "Größe", "order": [2, 0]}
    back = load(packed)
    assert {name: array.dtype for name, array in back.items()} == {
        name: array.dtype for name, array in arrays.items()
    }
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)
    assert all(pack({"words": "Größe", "order": [2, 0]}, arrays) == packed for _ in range(5))
    assert header_of(pack({"figure": "{}"}, {})) == {"figure": "{}"}


def test_every_array_begins_where_the_browser_can_look_at_it():
    """A typed array begins at a multiple of its numbers' size, or has to be copied."""
    packed = pack(
        {"a": "b"},
        {"u": np.ones(3, np.uint8), "h": np.ones(3, np.float16), "f": np.ones(3, np.float32)},
    )
    length = int.from_bytes(packed[:8], "little")
    assert length % 8 == 0
    for name, place in json.loads(packed[8 : 8 + length]).items():
        if name != "__metadata__":
            assert place["data_offsets"][0] % {"F32": 4, "F16": 2, "U8": 1}[place["dtype"]] == 0


def test_a_network_is_its_layers_descriptions_and_halves():
    network = pretrained("variational-20").network
    header, arrays = network_part(network, ("decoder",))
    assert header == {
        "decoder": [
            {"kind": "dense", "activation": activation} for activation in ("elu", "elu", "sigmoid")
        ]
    }
    assert {name: (array.dtype, array.shape) for name, array in arrays.items()} == {
        f"decoder.{i}.{name}": (np.float16, shape)
        for i, (n_in, n_out) in enumerate(((20, 500), (500, 500), (500, 784)))
        for name, shape in (("kernel", (n_in, n_out)), ("bias", (n_out,)))
    }
    np.testing.assert_allclose(
        arrays["decoder.0.kernel"], network.decoder[0].kernel, rtol=1e-3, atol=1e-6
    )
    assert set(network_part(network)[0]) == {"encoder", "decoder", "spread"}


def test_a_tied_kernel_is_sent_once():
    training = Training.fresh(variant("tied"), small_config("tied"), (28, 28, 1), 0)
    network = training.model.network()
    header, arrays = network_part(network)
    assert [layer.get("transposed_of") for layer in header["decoder"]] == [1, 0]
    assert not [name for name in arrays if name.startswith("decoder") and "kernel" in name]
    whole, apart = network_part(network, ("decoder",))
    assert "transposed_of" not in whole["decoder"][0] and "decoder.0.kernel" in apart
