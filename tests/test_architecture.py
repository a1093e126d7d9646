"""Imports run one way, and the server never pays for TensorFlow: shown in fresh interpreters."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def files_in(folder: str, pattern: str = "*.py") -> list[Path]:
    """The files of a folder and the folders in it; at least one, or the test looks at nothing."""
    files = sorted((ROOT / folder).rglob(pattern))
    assert files, folder
    return files


def imports_of(path: Path) -> set[str]:
    """The top-level packages a file names in its import statements."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        ("aecore", {"streamlit", "starlette", "plotly", "ui", "pages", "app"}),
        ("ui", {"tensorflow", "keras", "pages", "app"}),
        ("pages", {"tensorflow", "keras", "app", "numpy"}),
    ],
)
def test_imports_run_one_way(folder, forbidden):
    for path in files_in(folder):
        assert not imports_of(path) & forbidden, path


def test_figures_know_no_streamlit():
    for path in [*files_in("ui/figures"), ROOT / "ui" / "theme.py"]:
        assert "streamlit" not in imports_of(path), path


def test_components_know_no_server():
    for path in files_in("ui/components"):
        assert "ui.server" not in path.read_text(), path


def test_colours_are_written_once():
    """In ui/theme.py; only black and white are anywhere else, and Streamlit's theme agrees."""
    from ui import theme

    for path in [file for kind in ("*.css", "*.html", "*.js") for file in files_in("ui", kind)]:
        text = path.read_text()
        assert set(re.findall(r"#[0-9a-f]{3,8}\b", text)) <= {"#000", "#fff"}, path
        used = set(re.findall(r"var\(--lab-([\w-]+)|\"(printed-\w+)\"", text))
        used = {name for pair in used for name in pair if name}
        assert used <= set(theme.CSS), path
    light = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]["light"]
    assert light["primaryColor"] == light["linkColor"] == theme.ACCENT
    copies = {"ink": "textColor", "paper": "backgroundColor", "grid": "borderColor"}
    for printed, name in copies.items():
        assert light[name] == theme.CSS[f"printed-{printed}"]


@pytest.mark.parametrize(
    "module",
    [
        "aecore",
        "aecore.hyperparameters",
        "aecore.runs.run",
        "aecore.jobs.pool",
        "aecore.data.sources",
        "aecore.network",
        "aecore.models",
        "ui.views.workbench",
        "ui.server.live_socket",
        "ui.views.compare",
        "ui.views.runs",
    ],
)
def test_no_tensorflow_is_loaded(module):
    check = f"""
import {module}, sys
sys.exit(any(name.split(".")[0] in ("tensorflow", "keras") for name in sys.modules))
"""
    assert (
        subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True).returncode == 0
    )


@pytest.mark.parametrize(
    "module", ["ui.views.workbench", "ui.views.compare", "ui.panels.tabs", "ui.server.live_socket"]
)
@pytest.mark.whole
def test_no_plotly_is_loaded_before_a_figure_is_drawn(module):
    """Beyond the part of it that Streamlit itself imports where it is installed."""
    check = f"""
import sys, streamlit
before = set(sys.modules)
import {module}
sys.exit(any(name.startswith("plotly") for name in set(sys.modules) - before))
"""
    assert (
        subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True).returncode == 0
    )


def test_the_core_neither_prints_nor_sleeps_where_it_trains():
    for path in files_in("aecore/training"):
        text = path.read_text()
        assert "print(" not in text and "sleep(" not in text and "open(" not in text, path


def test_pages_are_short():
    for path in files_in("pages"):
        assert len(path.read_text().splitlines()) <= 70, path


def test_a_new_variant_is_one_file():
    """A file dropped into the catalogue's folder brings controls, flags and a place in the list,
    with nothing else touched.
    """
    code = """
import sys, types
import aecore.models as models
from aecore.models.stacked import Stacked
from aecore.models.base import register
from aecore.hyperparameters import hyperparameter

class Config(Stacked.Config):
    leak: float = hyperparameter(0.5, "Leak", "Something new.", low=0, high=1, slider=(0, 1))

@register
class Leaky(Stacked):
    name, title, sentence, order, Config = "leaky", "Leaky", "It leaks.", 1000, Config

from aecore.cli.parser import _parser
options = _parser().parse_args(["train", "leaky", "--leak", "0.25"])
assert vars(options)["hyper.leak"] == "0.25"
assert list(models.variants())[-1] == "leaky"
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
