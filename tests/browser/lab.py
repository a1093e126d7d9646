"""The lab in a browser, for the tests and for `benchmarks/page.py`.

Its server, what is read in a page, and what a person does there.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tests import ROOT

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The components live in shadow roots. Playwright's own selectors see into them; these run in the
# page.
IN_SHADOW = """(selector, test) => {
  for (const host of document.querySelectorAll('*')) {
    const found = host.shadowRoot?.querySelector(selector);
    if (found) return test(found);
  }
}"""
READY = f"() => ({IN_SHADOW})('.network', (e) => e.dataset.ready)"
# How many frames the digit has been drawn in so far, and the time.
FRAMES = f"() => [({IN_SHADOW})('.digit', (e) => +e.dataset.frames), performance.now() / 1000]"
# The same of the pictures in the live view, and whether they are those before training.
TIME_FRAMES = f"""() => [({IN_SHADOW})('.pictures', (e) => +(e.dataset.frames || 0)),
  performance.now() / 1000]"""
AT_FIRST = f"() => ({IN_SHADOW})('.when', (e) => e.textContent === 'before training')"
FIRST_POINT = f"() => ({IN_SHADOW})('.chart', (e) => +e.dataset.points > 0)"
OVER = f"() => ({IN_SHADOW})('.status', (e) => ['Stopped', 'Done'].includes(e.textContent))"
WARM = f"() => ({IN_SHADOW})('.status', (e) => e.textContent === 'Done')"
# Of a chart, through `in_plot`: the rows of its read-out, and what its lines hold.
TIP = """() => {
  const rows = [...PLOT.parentNode.querySelectorAll('.tip div')];
  return rows.filter((row) => !row.hidden).map((row) => row.textContent);
}"""
LINES = """() => PLOT.data.map(({ name, visible, x, y, meta }) =>
  ({ name, visible: visible ?? true, x: [...x], y: [...y], meta }))"""
# Points after which the page no longer changes: about 25 are of the first, short chunks of steps.
SETTLED = 40
STOPPED = f"() => ({IN_SHADOW})('.status', (e) => e.textContent === 'Stopped')"
POINTS = f"() => ({IN_SHADOW})('.chart', (e) => +(e.dataset.points || 0)) ?? 0"
# Counts the updates that were drawn, and how many elements of the live view were replaced. Plotly
# may write its ticks again, but the chart, its drawing, its lines and its legend must stay, and
# outside of the drawing nothing may be added or removed.
WATCH = f"""() => ({IN_SHADOW})('.live', (root) => {{
  const names = [".plot", ".main-svg", ".scatterlayer .trace", ".js-line", ".keys button"];
  const kept = names.flatMap((name) => [...root.querySelectorAll(name)]);
  let outside = 0;
  window.updates = 0;
  window.replaced = () => outside + kept.filter((node) => !node.isConnected).length;
  // an earlier observer would count each update a second time
  window.watching?.forEach((observer) => observer.disconnect());
  const chart = root.querySelector('.chart');
  let last = chart.dataset.updates;
  const around = new MutationObserver((all) => {{
    for (const m of all) {{
      if (m.target.closest('.plot')) continue;
      outside += [...m.addedNodes, ...m.removedNodes].filter((n) => n.nodeType === 1).length;
    }}
  }});
  around.observe(root, {{ childList: true, subtree: true }});
  const drawn = new MutationObserver(() => {{
    if (chart.dataset.updates === last) return;
    last = chart.dataset.updates;
    window.updates++;
  }});
  drawn.observe(chart, {{ attributes: true, attributeFilter: ['data-updates'] }});
  window.watching = [around, drawn];
  return true;
}})"""


def start_server(
    folder: Path, root: Path = ROOT, **environment: str
) -> tuple[subprocess.Popen[bytes], str]:
    """Starts the lab of `root` on a free port, its runs and log in `folder`.

    Waits until it answers.
    """
    port = free_port()
    streamlit = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*streamlit, "--server.port", str(port)],
            cwd=root,
            env=os.environ | {"AUTOENCODER_LAB_RUNS": str(folder / "runs")} | environment,
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    for _ in range(400):
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
            return server, address
        except OSError:
            time.sleep(0.05)
    server.kill()
    raise RuntimeError(f"the server did not answer; its log:\n{(folder / 'log').read_text()}")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def pixels(page, canvas: str = ".digit", channel: int = 0) -> list[int]:
    """A canvas (the digit's) as levels of red, green or blue: of grey, if it is grey."""
    return page.locator(canvas).evaluate(
        """(c, channel) => {
          const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
          return Array.from(data).filter((_, i) => i % 4 === channel);
        }""",
        channel,
    )


def settled(page, canvas: str = ".digit", unlike: list[int] | None = None) -> list[int]:
    """A canvas's levels once it has come to rest, and is not as it was before."""
    last = None
    for _ in range(100):
        now = pixels(page, canvas)
        if now == last and now != unlike:
            return now
        last = now
        page.wait_for_timeout(150)
    raise AssertionError(f"{canvas} " + ("has not changed" if last == unlike else "goes on moving"))


def open_page(page, address: str) -> None:
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for()


def set_field(page, label: str, value: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(value)
    field.press("Enter")


def start_small_vae(page, server: str) -> str:
    """Train a small variational autoencoder on the embedded digits; the run's id."""
    open_page(page, f"{server}/variational")
    set_field(page, "Hidden layers", "64")
    page.get_by_role("slider", name="Epochs").first.press("End")
    return _train(page)


def start_long_vae(page, server: str) -> str:
    """Train one that is still at it however slowly the rest of a test goes; the run's id."""
    open_page(page, f"{server}/variational")
    page.get_by_role("slider", name="Epochs").first.press("End")
    return _train(page)


def _train(page) -> str:
    page.wait_for_timeout(500)
    page.get_by_role("button", name="Train").first.click()
    page.wait_for_url(re.compile(r"run=[0-9a-f]{32}"))
    return page.url.split("run=")[1][:32]


def wait_for_points(page, n: int, seconds: float = 60) -> None:
    page.wait_for_function(f"() => ({POINTS})() >= {n}", timeout=seconds * 1000)


def in_plot(page, script: str, which: str = ".plot"):
    """What `script` gives, with PLOT standing for the chart's element."""
    return page.evaluate(
        f"() => ({IN_SHADOW})('{which}', (plot) => ({script.replace('PLOT', 'plot')})())"
    )
