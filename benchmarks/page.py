"""How quickly the page answers a person, in a real headless Chromium: `python benchmarks/page.py
[--dataset mnist] [--rounds 3] [--markdown FILE]`.

Starts the lab with runs of its own and prints one table: median, 95th percentile and worst of what
was measured. Nothing here is asserted: it is for reading. The browser, the server and the training
share this machine's cores. An answer's time is taken in the page itself, from the browser's own
stamp on the key or the click to the first frame that shows what was asked for; so the tool that
presses keys is not in it.

Longer than other files: each of a dozen measurements is a function.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, sync_playwright
from websockets.sync.client import connect

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from report import heading, table, write

from aecore import models
from aecore.jobs.work import work
from aecore.runs import store
from tests.browser.lab import (
    AT_FIRST,
    FIRST_POINT,
    FLAGS,
    FRAMES,
    IN_SHADOW,
    OVER,
    READY,
    TIME_FRAMES,
    WARM,
    WATCH,
    free_port,
    start_server,
)

PAD_FRAMES = f"""() => [({IN_SHADOW})('.pad', (e) => +e.dataset.frames),
  performance.now() / 1000]"""
PAGES = ("Stacked", "Denoising", "Variational", "Generate", "Compare", "Runs", "Lab", "Home")
Measured = dict[str, list[float]]


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--dataset", default="digits", choices=["digits", "mnist"])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--markdown", type=Path)
    chosen = options.parse_args()
    measured: Measured = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        devtools = free_port()
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[*FLAGS, f"--remote-debugging-port={devtools}"],
        )
        server, address = start_server(Path(folder))
        try:
            for _ in range(
                chosen.rounds
            ):  # a server of its own each time; the disk is warm after the first start
                server.terminate()
                server.wait()
                server, address = start_server(Path(folder))
                first_visit(
                    browser.new_context().new_page(), address, measured, "right after the start"
                )
            visitors(browser, address, server.pid, measured)
            warm_up(browser.new_context().new_page(), address)
            for _ in range(chosen.rounds):
                page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
                first_visit(page, address, measured, "a new visitor")
                drag(page, devtools, measured, "")
                walk(page, measured, "")
                press_keys(page, address, measured, "")
                train_and_stop(page, address, chosen.dataset, measured)
                go_back(page, devtools, measured, "")
                page.context.close()
            draw(browser, devtools, address, Path(folder), measured)
            while_training(browser, devtools, address, server.pid, chosen, measured)
        finally:
            browser.close()
            server.terminate()
            server.wait()
    report(f"The page ({chosen.dataset})", measured, chosen.markdown)


def report(title: str, measured: Measured, markdown: Path | None) -> None:
    """Prints a table of what was measured; also into a file, if one is named."""
    rows = [
        [name, *(f"{value:.{2 if value < 100 else 0}f}" for value in summary(name, values))]
        for name, values in measured.items()
    ]
    write([heading(title), table(["what", "median", "95 %", "worst"], rows)], markdown)


def summary(name: str, values: list[float]) -> tuple[float, float, float]:
    """Median, 95th percentile, worst; of frames and updates more is better."""
    values = sorted(values, reverse="a second" in name)
    return (
        statistics.median(values),
        values[min(len(values) - 1, round(0.95 * (len(values) - 1)))],
        values[-1],
    )


def answered(page: Page, act: Callable[[], None], test: str, arg: Any = None) -> float:
    """Milliseconds from the browser's stamp on the key or the click that `act` sends to the first
    frame in which `test(arg)` holds.
    """
    page.evaluate(
        f"""(arg) => {{
          const test = {test};
          let begin = 0;
          window.answered = 0;
          const stamp = (event) => {{ begin ||= event.timeStamp; }};
          for (const kind of ["keydown", "click"])
            addEventListener(kind, stamp, {{ capture: true, once: true }});
          const look = (now) => {{
            if (begin && test(arg)) window.answered = now - begin;
            else requestAnimationFrame(look);
          }};
          requestAnimationFrame(look);
        }}""",
        arg,
    )
    act()
    page.wait_for_function("() => window.answered")
    return float(page.evaluate("window.answered"))


def first_visit(page: Page, address: str, measured: Measured, who: str) -> None:
    begin = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(READY)
    ready = time.perf_counter() - begin
    painted = (
        page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000
    )
    measured.setdefault(f"first paint, {who}, s", []).append(painted)
    measured.setdefault(f"a digit can be dragged, {who}, s", []).append(ready)


def visitors(browser: Browser, address: str, pid: int, measured: Measured) -> None:
    """The server's memory when one visitor has opened a lesson, and what ten more add."""
    page = browser.new_context().new_page()
    page.goto(f"{address}/stacked")
    # until the data set's PCA is fitted; the worker's import is in a process of its own
    time.sleep(8)
    page.context.close()
    before = resident(pid)
    measured["server's memory before any training, MB"] = [before]
    contexts = [browser.new_context() for _ in range(10)]
    for context in contexts:
        page = context.new_page()
        page.goto(f"{address}/stacked")
        page.get_by_role("button", name="Train").first.wait_for()
    measured["memory for ten more visitors, MB"] = [resident(pid) - before]
    for context in contexts:
        context.close()


def warm_up(page: Page, address: str) -> None:
    """The worker has imported TensorFlow once a first training is done."""
    page.goto(f"{address}/linear")
    page.get_by_role("button", name="Train").first.click()
    page.wait_for_function(WARM, timeout=60_000)
    page.context.close()


def drag(page: Page, devtools: int, measured: Measured, when: str) -> None:
    slider = page.locator(".network input[data-coding]").first
    frames = dragged(page, devtools, slider, FRAMES)
    measured.setdefault(f"dragging a slider{when}, frames a second", []).append(frames)


def go_back(page: Page, devtools: int, measured: Measured, when: str) -> None:
    """From the last moment of a run to its first, then through all of them."""
    slider = page.get_by_role("slider", name="Moment")
    slider.focus()
    taken = answered(page, lambda: slider.press("Home"), AT_FIRST)
    measured.setdefault(f"to the first moment of a run{when}, ms", []).append(taken)
    page.wait_for_timeout(2000)
    # A drag passes some twenty moments a second; the pictures should have followed each.
    slider.evaluate("""(range) => {
      window.passed = 0;
      range.addEventListener('input', () => window.passed++);
    }""")
    (before, _), _ = page.evaluate(TIME_FRAMES), dragged(page, devtools, slider, TIME_FRAMES)
    drawn = page.evaluate(TIME_FRAMES)[0] - before
    measured.setdefault(f"moments drawn of those that a drag passes{when}", []).append(
        drawn / page.evaluate("window.passed")
    )
    page.get_by_role("button", name="Now").click()
    page.wait_for_timeout(2000)  # the tabs follow


def draw(browser: Browser, devtools: int, address: str, folder: Path, measured: Measured) -> None:
    """Strokes on the pad, rebuilt by one, four and six of the course's networks at once."""
    ids = []
    for name in ("variational", "stacked", "tied", "denoising", "sparse", "greedy"):
        config = models.variant(name).Config.build({"epochs": 1})
        run = store.create(
            folder / "runs", variant_name=name, dataset="digits", config=config, seed=0
        )
        work(run)
        ids.append(run.id)
    for n in (1, 4, 6):
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.goto(f"{address}/draw?networks={','.join(ids[:n])}")
        page.locator(".pad .bars[aria-label]").nth(n - 1).wait_for()
        page.evaluate(f"""() => ({IN_SHADOW})('.pad', (pad) => {{
          window.took = [];
          new MutationObserver(() => window.took.push(+pad.dataset.took))
            .observe(pad, {{ attributes: true, attributeFilter: ['data-took'] }});
        }})""")
        what = f"drawing, {n} network{'s' if n > 1 else ''}"
        frames = dragged(page, devtools, page.locator(".pad .sheet"), PAD_FRAMES)
        measured.setdefault(f"{what}, frames a second", []).append(frames)
        took = page.evaluate("window.took")
        measured.setdefault(f"{what}, computing and painting, ms", []).extend(took)
        page.context.close()


def dragged(page: Page, devtools: int, slider: Locator, count: str, pace: float = 3) -> float:
    """The frames a second that `count` counts while a slider is dragged.

    Two seconds of a mouse that reports its place 125 times a second, as mice do, whether or not the
    page keeps up. pace: it goes there and back in 2 pi / pace seconds.
    """
    slider.scroll_into_view_if_needed()
    box: Any = slider.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    target = page.context.new_cdp_session(page).send("Target.getTargetInfo")["targetInfo"][
        "targetId"
    ]
    with connect(f"ws://127.0.0.1:{devtools}/devtools/page/{target}", max_queue=None) as mouse:
        (before, since), begin, n = page.evaluate(count), time.perf_counter(), 0
        while (now := time.perf_counter() - begin) < 2:
            n += 1
            at = {
                "x": x + box["width"] * 0.45 * math.sin(pace * now),
                "y": y,
                "button": "left",
                "buttons": 1,
            }
            mouse.send(
                json.dumps(
                    {
                        "id": n,
                        "method": "Input.dispatchMouseEvent",
                        "params": {"type": "mouseMoved"} | at,
                    }
                )
            )
            time.sleep(max(0.0, begin + n / 125 - time.perf_counter()))
        drawn, until = page.evaluate(count)
    page.mouse.up()
    return float((drawn - before) / (until - since))


def walk(page: Page, measured: Measured, when: str) -> None:
    """From page to page by the links at the side, until the new page's heading is there.

    The first round through is not counted.
    """
    for count in (False, True, True):
        for title in PAGES:
            taken = answered(
                page,
                page.get_by_test_id("stSidebarNav")
                .get_by_role("link", name=title, exact=True)
                .click,
                """([title, before]) => {
                  const heading = document.querySelector('h1')?.innerText;
                  return document.title.startsWith(title) && ![undefined, before].includes(heading);
                }""",
                [title, page.inner_text("h1")],
            )
            if count:
                measured.setdefault(f"from page to page{when}, ms", []).append(taken)
            page.wait_for_timeout(250)


def press_keys(page: Page, address: str, measured: Measured, when: str) -> None:
    """A key pressed on a control, until the drawing of the network, which the server makes, shows
    it.
    """
    page.goto(f"{address}/stacked")
    slider = page.get_by_role("slider", name="Codings").first
    slider.wait_for()
    page.wait_for_selector(".lab-drawing .bar.codings span")
    page.wait_for_timeout(1500)
    slider.focus()
    for number in range(14):
        key = "ArrowRight" if number % 2 else "ArrowLeft"
        taken = answered(
            page,
            partial(page.keyboard.press, key),
            """(before) =>
              document.querySelector('.lab-drawing .bar.codings span')?.innerText !== before""",
            page.inner_text(".lab-drawing .bar.codings span"),
        )
        if number > 1:
            measured.setdefault(f"a control answers{when}, ms", []).append(taken)
        page.wait_for_timeout(200)


def train_and_stop(page: Page, address: str, dataset: str, measured: Measured) -> None:
    for variant in ("stacked", "tied", "denoising", "sparse", "variational"):
        start(page, address, variant, dataset)
        taken = answered(page, page.get_by_role("button", name="Train").first.click, FIRST_POINT)
        measured.setdefault("click on Train to the first loss point, ms", []).append(taken)
        page.wait_for_timeout(2000)
        taken = answered(page, page.get_by_role("button", name="Stop").click, OVER)
        measured.setdefault("click on Stop to stopped, ms", []).append(taken)


def start(page: Page, address: str, variant: str, dataset: str) -> None:
    """A lesson with its data chosen, ready for Train."""
    page.goto(f"{address}/{variant}")
    page.get_by_role("button", name="Train").first.wait_for()
    if dataset == "mnist":
        page.get_by_role("combobox", name="Data").click()
        page.get_by_role("option", name="MNIST", exact=True).click()
    page.wait_for_timeout(2000)


def while_training(
    browser: Browser,
    devtools: int,
    address: str,
    pid: int,
    chosen: argparse.Namespace,
    measured: Measured,
) -> None:
    """One long training, watched.

    Beside it fifty more viewers listen; then another visitor drags, changes pages and presses keys.
    """
    watcher = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    start(watcher, address, "variational", chosen.dataset)
    for _ in range(3):  # more epochs, so that it lasts
        watcher.get_by_role("slider", name="Epochs").first.press("End")
    watcher.wait_for_timeout(1000)
    train_again(watcher)
    browser_says = watcher.context.new_cdp_session(watcher)
    browser_says.send("Performance.enable")
    for zoomed in (
        False,
        True,
    ):  # if it shows all, Plotly has to redraw it whenever a line leaves its axes
        shown = read_zoomed(watcher) if zoomed else None
        watcher.evaluate(WATCH)
        begin, busy = time.perf_counter(), on_main_thread(browser_says)
        watcher.wait_for_timeout(8000)
        seconds, busy = time.perf_counter() - begin, on_main_thread(browser_says) - busy
        updates = watcher.evaluate("window.updates")
        measured.setdefault("live chart, updates a second", []).append(updates / seconds)
        measured[f"live chart{', zoomed' * zoomed}, the page's main thread for an update, ms"] = [
            1000 * busy / updates
        ]
        measured.setdefault("live chart, elements replaced in 8 s", []).append(
            watcher.evaluate("window.replaced()")
        )
        if zoomed:
            measured["live chart, zoom and read-out kept (1: yes)"] = [
                float(looks(watcher) == shown)
            ]
    run_id = watcher.url.split("run=")[1][:32]
    measured[
        "server's CPU for an update and viewer, ms"
    ] = [  # in a thread of its own: Playwright has this one's event loop
        ThreadPoolExecutor().submit(lambda: asyncio.run(push_cost(address, run_id, pid))).result()
    ]
    for _ in range(chosen.rounds):
        go_back(watcher, devtools, measured, " while it trains")
    watcher.get_by_role("tab", name="Generate").click()
    watcher.wait_for_function(READY)
    for _ in range(chosen.rounds):
        drag(watcher, devtools, measured, " beside a live chart")
    visitor = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    for _ in range(chosen.rounds):
        watcher.get_by_role("button", name="Stop").click()
        watcher.wait_for_function(OVER)
        train_again(watcher)  # lasts longer than the round
        visitor.goto(address)
        visitor.wait_for_function(READY)
        drag(visitor, devtools, measured, " while a training runs")
        walk(visitor, measured, " while a training runs")
        press_keys(visitor, address, measured, " while a training runs")
    watcher.get_by_role("button", name="Stop").click()
    watcher.wait_for_function(OVER)


def train_again(page: Page) -> None:
    page.get_by_role("button", name="Train").first.click()
    page.wait_for_function(f"() => !({OVER})() && ({FIRST_POINT})()")
    page.wait_for_timeout(2000)


def read_zoomed(page: Page) -> Any:
    """Zoom into the first steps, point at the chart, and give what is then shown."""
    box: Any = page.locator(".losses .plot").bounding_box()
    page.mouse.move(box["x"] + 70, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 130, box["y"] + 60, steps=5)
    page.mouse.up()
    page.wait_for_timeout(1000)
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + 60)
    page.wait_for_timeout(500)
    return looks(page)


def looks(page: Page) -> Any:
    """The part of the steps that the live chart shows, and its read-out."""
    return page.evaluate(
        f"""() => ({IN_SHADOW})('.losses .chart', (chart) => [
          chart.querySelector('.plot')._fullLayout.xaxis.range,
          chart.querySelector('.tip:not([hidden])')?.innerText,
        ])"""
    )


def on_main_thread(session: Any) -> float:
    """Seconds that the page's main thread has worked so far."""
    return float(
        next(
            each["value"]
            for each in session.send("Performance.getMetrics")["metrics"]
            if each["name"] == "TaskDuration"
        )
    )


async def push_cost(address: str, run_id: str, pid: int) -> float:
    """CPU milliseconds that the server spends for each message and each further viewer.

    Fifty viewers against none, ten seconds each.
    """
    from websockets.asyncio.client import connect

    async def listen(viewers: int) -> tuple[float, int]:
        sockets = [
            await connect(f"{address.replace('http', 'ws')}/lab/live/{run_id}", max_size=None)
            for _ in range(viewers)
        ]
        received = 0

        async def take(each: Any) -> None:
            nonlocal received
            async for _ in each:
                received += 1

        tasks = [asyncio.create_task(take(each)) for each in sockets]
        await asyncio.sleep(1)
        received, spent = 0, cpu_seconds(pid)
        await asyncio.sleep(10)
        spent = cpu_seconds(pid) - spent
        for task in tasks:
            task.cancel()
        for each in sockets:
            await each.close()
        return spent, received

    (base, _), (spent, received) = await listen(0), await listen(50)
    return 1000 * (spent - base) / received


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """Megabytes of the process itself."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
