"""How quickly neurons and codings follow a finger and the time slider, in a real headless Chromium:
`python benchmarks/seeing.py [--dataset mnist] [--epochs 3] [--markdown FILE]`.

A run of the course's variational network and one of the sparse network with 1,000 codings. As in
`benchmarks/page.py`, nothing is asserted, and browser and server share this machine's cores.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any

from page import Measured, answered, dragged, report
from playwright.sync_api import Browser, Page, sync_playwright

from aecore import models
from aecore.jobs.work import work
from aecore.runs import store
from tests.browser.lab import FLAGS, IN_SHADOW, free_port, start_server

MAP = ".plane[data-frames]"
SWEEP = 12  # of the mouse: quicker than the page draws, or moments would be counted, not frames
TILES = ".neurons .sources .tiles[data-frames]"
READY_MAP = f"() => ({IN_SHADOW})('{MAP}', (e) => e.dataset.decoded === 'true')"


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--dataset", default="digits", choices=["digits", "mnist"])
    options.add_argument("--epochs", type=int, default=3)
    options.add_argument("--markdown", type=Path)
    chosen = options.parse_args()
    measured: Measured = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        devtools = free_port()
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[*FLAGS, f"--remote-debugging-port={devtools}"],
        )
        runs = {}
        for name in ("variational", "sparse"):
            config = models.variant(name).Config.build({"epochs": chosen.epochs})
            run = store.create(
                Path(folder) / "runs",
                variant_name=name,
                dataset=chosen.dataset,
                config=config,
                seed=0,
            )
            work(run)
            runs[name] = run.id
        server, address = start_server(Path(folder))
        try:
            for name, run_id in runs.items():
                lesson = f"{address}/{name}?run={run_id}"
                bytes_sent(browser, f"{address}/{name}", f"{name} page, first visit", measured)
                bytes_sent(browser, lesson, f"{name} page with a run, first visit", measured)
                page = opened(browser, lesson)
                codings(page, devtools, name, measured)
                neurons(page, devtools, name, measured)
                page.context.close()
        finally:
            browser.close()
            server.terminate()
            server.wait()
    report(f"Seeing ({chosen.dataset})", measured, chosen.markdown)


def opened(browser: Browser, address: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 1400}).new_page()
    page.goto(address)
    page.get_by_role("slider", name="Moment").wait_for()
    return page


def bytes_sent(browser: Browser, address: str, what: str, measured: Measured) -> None:
    """Bytes over the wire until the page is quiet, WebSocket included."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    session, total = page.context.new_cdp_session(page), [0.0]
    session.send("Network.enable")

    def loaded(event: dict[str, Any]) -> None:
        total[0] += event["encodedDataLength"]

    def framed(event: dict[str, Any]) -> None:
        data = event["response"]
        binary = data["opcode"] == 2
        total[0] += len(data["payloadData"]) * (0.75 if binary else 1)  # binary comes as base64

    session.on("Network.loadingFinished", loaded)
    session.on("Network.webSocketFrameReceived", framed)
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_timeout(8000)
    measured[f"{what}, MB on the wire"] = [total[0] / 1e6]
    page.context.close()


def codings(page: Page, devtools: int, name: str, measured: Measured) -> None:
    """The map of the codings: its first picture, a finger on it, the time slider beside it."""
    tab = page.get_by_role("tab", name="Codings")
    taken = answered(page, tab.click, READY_MAP)
    measured[f"{name}: codings, from the click to the decoded map, ms"] = [taken]
    page.wait_for_timeout(1000)
    page.evaluate(f"""() => ({IN_SHADOW})('.space-of-codings', (space) => {{
      window.took = [];
      new MutationObserver(() => window.took.push(+space.dataset.took))
        .observe(space, {{ attributes: true, attributeFilter: ['data-took'] }});
    }})""")
    count = counter(MAP)
    frames = dragged(page, devtools, page.locator(MAP), count)
    measured[f"{name}: a finger on the map, frames a second"] = [frames]
    measured[f"{name}: a finger on the map, computing and painting, ms"] = page.evaluate(
        "window.took"
    )
    through_time(page, devtools, f"{name}: dots", count, measured)


def neurons(page: Page, devtools: int, name: str, measured: Measured) -> None:
    """The neurons: their tiles, the page of one, the time slider beside them."""
    tab = page.get_by_role("tab", name="Features")
    here = f"() => ({IN_SHADOW})('{TILES}', (e) => +e.dataset.frames > 0)"
    measured[f"{name}: neurons, from the click to their tiles, ms"] = [
        answered(page, tab.click, here)
    ]
    page.wait_for_timeout(1000)
    through_time(page, devtools, f"{name}: tiles", counter(TILES), measured)
    page.wait_for_timeout(1000)
    for i in range(5):
        tile = page.locator(".neurons .sources .tile").nth(3 * i)
        unit = tile.get_attribute("data-unit")
        shown = f"""(unit) => ({IN_SHADOW})('.unit', (e) =>
          e.dataset.unit === unit && e.dataset.moment !== '…')"""
        taken = answered(page, tile.click, shown, unit)
        measured.setdefault(f"{name}: the page of a neuron, ms", []).append(taken)


def through_time(page: Page, devtools: int, what: str, count: str, measured: Measured) -> None:
    """Frames a second while the time slider is dragged: until all moments have come, and then."""
    slider = page.get_by_role("slider", name="Moment")
    for when in ("the first time", "again"):
        frames = dragged(page, devtools, slider, count, SWEEP)
        measured[f"{what} through time {when}, frames a second"] = [frames]
        page.wait_for_timeout(3000)
    page.get_by_role("button", name="Now").click()
    page.wait_for_timeout(1500)


def counter(selector: str) -> str:
    """Counts the frames of an element."""
    return f"""() => [({IN_SHADOW})('{selector}', (e) => +e.dataset.frames),
      performance.now() / 1000]"""


if __name__ == "__main__":
    main()
