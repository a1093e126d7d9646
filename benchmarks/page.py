"""How quickly the page answers a person, in a real headless Chromium: `python benchmarks/page.py [--dataset mnist] [--rounds 3]`.

Starts the lab with runs of its own, waits until its worker is warm, and prints one Markdown table of medians (worst in brackets). Nothing here is
asserted: it is for reading. The browser, the server and the training share this machine's cores.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parent.parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
IN_SHADOW = "(selector, test) => { for (const e of document.querySelectorAll('*')) { const f = e.shadowRoot?.querySelector(selector); if (f) return test(f) } }"
READY = f"() => ({IN_SHADOW})('.network', (e) => e.dataset.ready)"
FRAMES = f"() => ({IN_SHADOW})('.digit', (e) => +e.dataset.frames)"
FIRST_POINT = f"() => ({IN_SHADOW})('.chart', (e) => +e.dataset.points > 0)"
OVER = f"() => ({IN_SHADOW})('.status', (e) => ['Stopped', 'Done'].includes(e.textContent))"
WARM = f"() => ({IN_SHADOW})('.status', (e) => e.textContent === 'Done')"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--dataset", default="digits", choices=["digits", "mnist"])
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    measured: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server, address = start_server(Path(folder))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        try:
            first_visit(browser.new_context().new_page(), address, measured, "first visit after the start")
            warm_up(browser.new_context().new_page(), address)
            for _ in range(chosen.rounds):
                page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
                first_visit(page, address, measured, "a new visitor")
                drag(page, measured)
                train_and_stop(page, address, chosen.dataset, measured)
                page.context.close()
        finally:
            browser.close()
            server.terminate()
            server.wait()
    print(f"| what ({chosen.dataset}, {os.cpu_count()} cores) | median | worst |\n|---|---|---|")
    for name, values in measured.items():
        worst = min(values) if "frames" in name else max(values)
        print(f"| {name} | {statistics.median(values):.2f} | {worst:.2f} |")


def start_server(folder: Path, **environment: str) -> tuple[subprocess.Popen[bytes], str]:
    """The lab on a free port, with its runs and its log in `folder`; returns once it answers. The browser tests start it so too."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true", "--server.port", str(port)],
            cwd=ROOT, env=os.environ | {"AUTOENCODER_LAB_RUNS": str(folder / "runs")} | environment, stdout=log, stderr=log,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    for _ in range(400):
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
            return server, address
        except OSError:
            time.sleep(0.05)
    server.kill()
    raise RuntimeError(f"the server did not answer; its log:\n{(folder / 'log').read_text()}")


def first_visit(page: Page, address: str, measured: dict[str, list[float]], who: str) -> None:
    begin = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(READY)
    ready = time.perf_counter() - begin
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000
    measured.setdefault(f"{who}: first paint, s", []).append(painted)
    measured.setdefault(f"{who}: a digit can be dragged, s", []).append(ready)


def warm_up(page: Page, address: str) -> None:
    """The worker has imported TensorFlow once a first training is done."""
    page.goto(f"{address}/linear")
    page.get_by_role("button", name="Train").first.click()
    page.wait_for_function(WARM, timeout=60_000)
    page.context.close()


def drag(page: Page, measured: dict[str, list[float]]) -> None:
    """Two seconds of real mouse moves over a slider, as fast as they can be sent."""
    box: Any = page.get_by_role("slider", name="Coding 3", exact=True).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    frames, begin, n = page.evaluate(FRAMES), time.perf_counter(), 0
    while time.perf_counter() - begin < 2:
        n += 1
        page.mouse.move(x + box["width"] * 0.45 * ((n % 60) / 30 - 1), y)
    drawn, seconds = page.evaluate(FRAMES) - frames, time.perf_counter() - begin
    page.mouse.up()
    measured.setdefault("dragging a slider for 2 s: frames a second", []).append(drawn / seconds)


def train_and_stop(page: Page, address: str, dataset: str, measured: dict[str, list[float]]) -> None:
    for variant in ("stacked", "variational"):
        page.goto(f"{address}/{variant}")
        page.get_by_role("button", name="Train").first.wait_for()
        if dataset == "mnist":
            page.get_by_role("combobox", name="Data").click()
            page.get_by_role("option", name="MNIST", exact=True).click()
        page.wait_for_timeout(2000)
        begin = time.perf_counter()
        page.get_by_role("button", name="Train").first.click()
        page.wait_for_function(FIRST_POINT)
        measured.setdefault(f"{variant}: click on Train to the first loss point, s", []).append(time.perf_counter() - begin)
        page.wait_for_timeout(3000)
        begin = time.perf_counter()
        page.get_by_role("button", name="Stop").click()
        page.wait_for_function(OVER)
        measured.setdefault(f"{variant}: click on Stop to stopped, s", []).append(time.perf_counter() - begin)


if __name__ == "__main__":
    main()
