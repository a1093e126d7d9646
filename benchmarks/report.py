"""The report of every benchmark here.

Markdown tables under one line with date, machine and commit.
"""

from __future__ import annotations

import datetime
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def heading(title: str) -> str:
    """When, where and what was measured."""
    model = next(
        (line.split(":")[1].strip() for line in _cpuinfo() if line.startswith("model name")),
        "unknown processor",
    )
    features = ", AVX-512" if any("avx512f" in line for line in _cpuinfo()) else ""
    git = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
    )
    commit = git.stdout.strip() or "unknown"
    machine = f"{os.cpu_count()} cores ({model}{features})"
    return f"## {title}\n\n{datetime.date.today()}, {machine}, commit {commit}."


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def write(parts: Sequence[str], markdown: Path | None) -> None:
    """Print the report.

    If a Markdown file is named, put it there too, in place of the section with the same title.
    """
    text = "\n\n".join(parts) + "\n"
    print(text)
    if markdown is None:
        return
    title = text.splitlines()[0]
    sections = re.split(
        r"(?m)^(?=## )", markdown.read_text() if markdown.exists() else "# What was measured\n\n"
    )
    kept = [section.rstrip() for section in sections if section.splitlines()[:1] != [title]]
    markdown.write_text("\n\n".join([*kept, text]))


def chart(figure: Any, path: Path) -> None:
    """A Plotly figure as a PNG, drawn by the Chromium that the browser tests use."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(
            viewport={"width": figure.layout.width, "height": figure.layout.height}
        )
        page.set_content(figure.to_html(include_plotlyjs=True, config={"staticPlot": True}))
        page.wait_for_selector(".main-svg")
        page.screenshot(path=str(path))
        browser.close()


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []
