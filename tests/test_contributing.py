"""What CONTRIBUTING tells a newcomer to write is written, in a copy of the core, and works."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def blocks(section: str) -> list[str]:
    """The Python code in a section of CONTRIBUTING.md."""
    text = (ROOT / "CONTRIBUTING.md").read_text().split(f"## {section}\n")[1].split("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", text, flags=re.S)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    root = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "aecore", root / "aecore", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "aecore" / "models" / "frugal.py").write_text(blocks("Add a variant")[0])
    (root / "aecore" / "export" / "codings.py").write_text(blocks("Add an export")[0])
    return root


def lab(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "aecore", *arguments],
        cwd=root,
        env=os.environ | {"AUTOENCODER_LAB_RUNS": str(root / "runs")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_variant_trains_and_the_export_writes(copy):
    flags = ("--epochs", "1", "--price", "0.01", "--codings-size", "5", "--hidden-sizes", "16")
    results = json.loads(lab(copy, "train", "frugal", *flags, "--json"))
    assert results["test"]["price_loss"] > 0
    out = copy / "codings.csv"
    lab(copy, "export", results["run_id"], "--as", "codings", "--out", str(out))
    lines = out.read_text().splitlines()
    assert len(lines) == 250, "the digits' test images"
    assert all(len(line.split(",")) == 5 for line in lines)
