"""How every benchmark here tells what it found: Markdown tables under one line with date, machine and commit."""

from __future__ import annotations

import datetime
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path


def heading(title: str) -> str:
    """When, where and what was measured."""
    model = next((line.split(":")[1].strip() for line in _cpuinfo() if line.startswith("model name")), "unknown processor")
    features = ", AVX-512" if any("avx512f" in line for line in _cpuinfo()) else ""
    git = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=Path(__file__).parent)
    commit = git.stdout.strip() or "unknown"
    return f"## {title}\n\n{datetime.date.today()}, {os.cpu_count()} cores ({model}{features}), commit {commit}."


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def write(parts: Sequence[str], markdown: Path | None) -> None:
    """Print the report; write it to `markdown` too, where one is named."""
    text = "\n\n".join(parts) + "\n"
    print(text)
    if markdown:
        markdown.write_text(text)


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []
