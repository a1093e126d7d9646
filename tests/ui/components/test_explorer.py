"""What the explorer's page is sent of a network."""

import json
from dataclasses import replace

import numpy as np
import pytest

from aecore.data.extract import Extract
from aecore.pretrained import pretrained
from tests.helpers import few, trained
from ui.components.network import packed


def header_of(blob: bytes) -> dict:
    length = int.from_bytes(blob[:8], "little")
    return json.loads(json.loads(blob[8 : 8 + length])["__metadata__"]["header"])


@pytest.mark.parametrize("dead", [[], [2, 5]])
def test_dead_codings_of_a_plain_network_are_told(digits, dead):
    network = trained("stacked", few(digits, 500)).model.network()
    last = network.encoder[-1]
    kernel = last.kernel.copy()
    kernel[:, dead] = 0  # these give their bias for every input
    network = replace(network, encoder=(*network.encoder[:-1], replace(last, kernel=kernel)))
    header = header_of(packed(network, Extract.of(network, digits), False, False, 0, "here"))
    used = dict(zip(header["order"], header["active"], strict=True))
    assert [coding for coding in used if not used[coding]] == dead


def test_of_a_variational_one_the_active_units_are_told():
    shipped = pretrained("variational-20")
    header = header_of(packed(shipped.network, shipped.extract, True, False, 0, "there"))
    deviation = shipped.extract.deviation[header["order"]]
    assert header["active"] == (np.square(deviation) > 0.01).tolist()
