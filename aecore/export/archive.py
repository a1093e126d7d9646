"""The whole run as a ZIP: settings, figures, history and weights."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from aecore.export.base import Export, register
from aecore.runs.run import Run

FILES = ("run.json", "results.json", "events.jsonl", "network.safetensors")


def make(run: Run, data_dir: Path | None = None) -> bytes:
    """The run's own files, in a folder named by the beginning of its id."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in FILES:
            if (run.path / name).exists():
                packed.write(run.path / name, f"{run.id[:8]}/{name}")
    return buffer.getvalue()


ARCHIVE = register(
    Export("archive", "settings, figures, history and weights as a ZIP", ".zip", make)
)
