"""What the browser decodes is what TensorFlow decodes."""

import numpy as np
import tensorflow as tf

from aecore.layers.dense import TrainableDense
from aecore.models import variant
from aecore.network import Network
from aecore.training.loop import Training
from tests import ROOT
from tests.browser.lab import open_page, pixels
from tests.helpers import small_config
from ui.components.bundle import bundle
from ui.components.packing import network_part, pack

SHARED = ROOT / "ui" / "components" / "shared"


def test_the_browser_decodes_like_tensorflow(page, server):
    """Every activation, the tied decoder, both sides, float16 weights, one by one and all at once.

    Each output is within 1e-3 of TensorFlow's."""
    rng = np.random.default_rng(0)
    page.goto(f"{server}/_stcore/health")
    script = bundle(SHARED / "packing.js", SHARED / "network.js")
    activations = ("elu", "relu", "selu", "tanh", "sigmoid")
    for name, activation in [*(("stacked", each) for each in activations), ("tied", "elu")]:
        config = small_config(name, hidden_sizes=(60, 30), codings_size=10, activation=activation)
        model = Training.fresh(variant(name), config, (28, 28, 1), 0).model
        rounded = Network.from_bytes(model.network().to_bytes(np.float16))
        for layer, stored in zip(model.layers, (*rounded.encoder, *rounded.decoder), strict=True):
            if isinstance(layer, TrainableDense):
                layer.kernel.assign(stored.kernel)
            layer.bias.assign(stored.bias)
        x = rng.random((5, 784), dtype=np.float32)
        header, arrays = network_part(model.network())
        packed = pack(header, arrays | {"x": x})
        run = """([bytes, script]) => {
            eval(script + '; globalThis.lab = {unpack, layersOf, forward}');
            const m = lab.unpack(Uint8Array.from(bytes)), each = [];
            const encoder = lab.layersOf(m, 'encoder'), decoder = lab.layersOf(m, 'decoder');
            for (let i = 0; i < 5; i++) {
              const x = m.arrays.x.subarray(784 * i, 784 * (i + 1));
              each.push(...lab.forward(decoder, lab.forward(encoder, x)));
            }
            const all = lab.forward(decoder, lab.forward(encoder, m.arrays.x, 5), 5);
            return [each, Array.from(all)]; }"""
        made = np.array(page.evaluate(run, [list(packed), script])).reshape(2, 5, 784)
        expected = model.reconstruct(tf.constant(x)).numpy()
        assert np.abs(made - expected).max() < 1e-3, (name, activation)


def test_what_the_page_shows_is_what_tensorflow_decodes(server, page):
    """The shipped network's float16 decoder at codings 0, pixel by pixel, on the canvas."""
    from aecore.pretrained import pretrained

    open_page(page, server)
    page.get_by_role("button", name="Reset").click()
    page.wait_for_timeout(200)
    x = tf.zeros([1, 20])
    for layer in pretrained("variational-20").network.decoder:
        x = tf.matmul(x, layer.kernel) + layer.bias
        x = {"elu": tf.nn.elu, "sigmoid": tf.sigmoid}[layer.activation](x)
    assert np.abs(np.array(pixels(page)) / 255 - x.numpy()[0]).max() <= 1e-3 + 0.5 / 255
