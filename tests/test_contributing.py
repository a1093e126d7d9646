"""What CONTRIBUTING has a newcomer write is written, in a copy of the core, and works."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import copy_lab

ROOT = Path(__file__).parent.parent


def blocks(section: str) -> list[str]:
    """The code in a section of CONTRIBUTING.md: whole files of Python, and lines to insert."""
    text = (ROOT / "CONTRIBUTING.md").read_text().split(f"## {section}\n")[1].split("\n## ")[0]
    return re.findall(r"```(?:python|text)\n(.*?)```", text, flags=re.S)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    root = tmp_path_factory.mktemp("copy")
    copy_lab(root)
    (root / "aecore" / "models" / "frugal.py").write_text(blocks("Add a variant")[0])
    (root / "aecore" / "export" / "codings.py").write_text(blocks("Add an export")[0])
    lesson, about, line = blocks("Add a page")
    (root / "pages" / "frugal.py").write_text(lesson)
    (root / "pages" / "about.py").write_text(about)
    with_line_after(root / "app.py", '            "Results": [', line)
    module, entry = blocks("Add a data set")
    (root / "aecore" / "data" / "stripes.py").write_text(module)
    sources = root / "aecore" / "data" / "sources.py"
    with_line_after(sources, "SOURCES: dict[str, Source] = {", entry)
    imported = "from aecore.data.stripes import stripes"
    with_line_after(sources, "from aecore.data.points import points3d", imported)
    return root


def with_line_after(file: Path, after: str, line: str) -> None:
    text = file.read_text()
    assert text.count(f"{after}\n") == 1
    file.write_text(text.replace(f"{after}\n", f"{after}\n{line.rstrip()}\n"))


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


@pytest.mark.whole
def test_the_variant_trains_and_the_export_writes(copy):
    flags = ("--epochs", "1", "--price", "0.01", "--codings-size", "5", "--hidden-sizes", "16")
    results = json.loads(lab(copy, "train", "frugal", *flags, "--json"))
    assert results["test"]["price_loss"] > 0 and results["test"]["mean_size"] > 0
    out = copy / "codings.csv"
    lab(copy, "export", results["run_id"], "--as", "codings", "--out", str(out))
    lines = out.read_text().splitlines()
    assert len(lines) == 250, "the digits' test images"
    assert all(len(line.split(",")) == 5 for line in lines)


@pytest.mark.whole
def test_the_data_set_is_learned(copy):
    flags = ("--dataset", "stripes", "--epochs", "2", "--codings-size", "8", "--json")
    results = json.loads(lab(copy, "train", "stacked", *flags))
    assert results["config"]["codings_size"] == 8
    assert results["test"]["mse"] < results["test"]["mean_mse"]


@pytest.mark.whole
def test_the_variant_keeps_the_contract_and_its_types(copy):
    """What the whole suite would ask of it, but for the page's prose."""
    shutil.copytree(ROOT / "tests", copy / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    contracts = [
        f"tests/aecore/{name}.py" for name in ("models/test_catalogue", "training/test_loop")
    ]
    for command in (
        ["pytest", "-q", "-n", "0", "-k", "frugal", *contracts],
        ["mypy", "--no-incremental", "aecore", "pages"],
        ["ruff", "check", "aecore", "pages"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=copy, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


PAGES = """
from streamlit.testing.v1 import AppTest
at = AppTest.from_file("app.py", default_timeout=60).run()
for page, words in (("frugal", "What is dear is used sparingly."), ("about", "noisy images of a")):
    at.switch_page(f"pages/{page}.py").run()
    assert not at.exception, at.exception
    assert any(words in each.value for each in at.markdown), [each.value for each in at.markdown]
"""


def test_the_pages_open(copy):
    done = subprocess.run(
        [sys.executable, "-c", PAGES],
        cwd=copy,
        env=os.environ | {"AUTOENCODER_LAB_RUNS": str(copy / "runs")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
