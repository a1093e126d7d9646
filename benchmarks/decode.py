"""How long it takes to decode codings, in the browser and by every way Python has:
`python benchmarks/decode.py [--markdown FILE]`.

The decoder is the course's variational one (20-500-500-784), the lab's own pretrained weights. In
the browser the page's own JavaScript runs in a headless Chromium. Contenders in turn, round after
round; the median of the rounds is reported.
"""

from __future__ import annotations

import argparse
import base64
import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from report import heading, table, write

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from playwright.sync_api import Page, sync_playwright

from aecore.pretrained import pretrained
from ui.components.bundle import bundle
from ui.components.packing import network_part, pack

SHARED = ROOT / "ui" / "components" / "shared"
COUNTS = (1, 60, 400)
IN_THE_PAGE = """(n) => {
  const z = Float32Array.from({ length: 20 * n }, () => Math.random() - 0.5);
  const begin = performance.now();
  window.last = forward(window.decoder, z, n);
  return performance.now() - begin;
}"""


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--markdown", type=Path)
    chosen = options.parse_args()
    network = pretrained("variational-20").network
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        contenders = {
            "JavaScript, in the page": in_browser(browser.new_page(), network),
            "NumPy": network.decode,
        } | in_tensorflow(network)
        times: dict[str, dict[int, list[float]]] = {
            name: {n: [] for n in COUNTS} for name in contenders
        }
        for _ in range(chosen.rounds + 1):
            for name, decode in contenders.items():
                for n in COUNTS:
                    codings = np.random.default_rng(n).standard_normal((n, 20), dtype=np.float32)
                    begin = time.perf_counter()
                    found = decode(codings)
                    times[name][n].append(
                        found if isinstance(found, float) else 1000 * (time.perf_counter() - begin)
                    )
        browser.close()
    rows = [
        [name, *(f"{statistics.median(of[n][1:]):.2f}" for n in COUNTS), f"{of[1][0]:.1f}"]
        for name, of in times.items()
    ]
    columns = ["", *(f"{n} digit{'s' if n > 1 else ''}" for n in COUNTS), "the first call"]
    write([heading("Decoding"), "Milliseconds, median.", table(columns, rows)], chosen.markdown)


def in_browser(page: Page, network: Any) -> Callable[[np.ndarray], float]:
    """The page's own unpacking and forward pass; returns the milliseconds measured inside it."""
    packed = base64.b64encode(pack(*network_part(network, ("decoder",)))).decode()
    script = bundle(SHARED / "packing.js", SHARED / "network.js")
    page.set_content(
        f"<script type='module'>{script}\n"
        "Object.assign(window, { unpack, layersOf, forward })</script>"
    )
    page.wait_for_function("() => window.forward")
    page.evaluate(
        """(text) => {
          const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
          window.decoder = layersOf(unpack(bytes), 'decoder');
        }""",
        packed,
    )
    return lambda codings: float(page.evaluate(IN_THE_PAGE, len(codings)))


def in_tensorflow(network: Any) -> dict[str, Callable[[np.ndarray], Any]]:
    import keras
    import tensorflow as tf

    layers = [
        keras.layers.Dense(layer.bias.shape[0], activation=layer.activation)
        for layer in network.decoder
    ]
    model = keras.Sequential([keras.Input((network.codings_size,)), *layers])
    model.set_weights([array for layer in network.decoder for array in (layer.kernel, layer.bias)])
    compiled = tf.function(
        model, input_signature=[tf.TensorSpec([None, network.codings_size], tf.float32)]
    ).get_concrete_function()
    return {
        "TensorFlow, concrete function": lambda z: compiled(tf.constant(z)).numpy(),
        "Keras, model called": lambda z: model(z).numpy(),
        "Keras, model.predict": lambda z: model.predict(z, verbose=0),
    }


if __name__ == "__main__":
    main()
