"""The lab as a package.

Its requirements say one thing, its version is written once, and a wheel holds all that an installed
lab needs.
"""

import contextlib
import importlib.util
import re
import subprocess
import sys
import time
import tomllib
import urllib.request
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import aecore
from aecore import launch
from aecore.errors import LabError
from tests import ROOT
from tests.browser.lab import free_port
from tests.conftest import missing
from ui.addresses import PLOTLY_ROUTE

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
BESIDE_PYTHON = {".html", ".css", ".js", ".gz", ".json", ".safetensors", ".toml", ".md"}


def requirements(name: str) -> list[str]:
    return [line for line in (ROOT / name).read_text().splitlines() if not line.startswith("#")]


@pytest.mark.parametrize(
    ("file", "first", "asked"),
    [
        ("requirements.txt", [], PROJECT["dependencies"]),
        ("requirements-dev.txt", ["-r requirements.txt"], PROJECT["optional-dependencies"]["dev"]),
    ],
)
def test_requirements_pin_what_the_project_asks_for_and_nothing_else(file, first, asked):
    lines = requirements(file)
    assert lines[: len(first)] == first
    pins = {
        requirement.name: requirement.specifier
        for requirement in map(Requirement, lines[len(first) :])
    }
    assert list(pins) == [Requirement(line).name for line in asked]
    for requirement in map(Requirement, asked):
        (pin,) = pins[requirement.name]
        assert pin.operator == "==" and "*" not in pin.version, requirement.name
        assert requirement.specifier.contains(pin.version), (
            f"{requirement} does not allow {pin.version}"
        )


def test_the_packages_that_the_product_names_are_required():
    assert {"streamlit", "tensorflow", "numpy", "plotly", "pillow"} <= {
        Requirement(line).name for line in PROJECT["dependencies"]
    }


def test_the_changelog_ends_in_this_version():
    versions = re.findall(
        r"^## \[(\d.*?)\] - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )
    assert versions and versions[0] == aecore.__version__


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built by the backend that is installed here, so without a network."""
    if importlib.util.find_spec("hatchling") is None:
        missing("hatchling is not installed; it is in requirements-dev.txt")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        yield archive


def shipped(*places: str) -> set[str]:
    """The files of these places that git knows or would take: what a clean checkout has."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *places],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return {line for line in listed.stdout.splitlines() if (ROOT / line).exists()}


def test_a_wheel_holds_the_core_and_the_dashboard_and_nothing_else(wheel):
    core, dashboard = shipped("aecore"), shipped("app.py", "pages", "ui", ".streamlit/config.toml")
    assert {
        Path(name).suffix for name in core | dashboard
    } >= BESIDE_PYTHON and "aecore/py.typed" in core
    expected = core | {f"autoencoder_lab/{name}" for name in dashboard}
    assert {name for name in wheel.namelist() if ".dist-info/" not in name} == expected


def test_a_wheel_tells_its_version_command_and_licences(wheel):
    def of(name: str) -> str:
        return wheel.read(f"autoencoder_lab-{aecore.__version__}.dist-info/{name}").decode()

    assert f"\nVersion: {aecore.__version__}\n" in of("METADATA")
    assert "autoencoder-lab = aecore.__main__:main" in of("entry_points.txt")
    assert "MIT License" in of("licenses/LICENSE") and "CC BY 4.0" in of(
        "licenses/aecore/data/README.md"
    )


def test_an_installed_lab_opens_from_any_folder(wheel, tmp_path, monkeypatch):
    """Unpacked where no checkout is, the server is the lab's own, with the lab's settings, and ends
    when asked to.
    """
    installed, elsewhere = tmp_path / "site-packages", tmp_path / "elsewhere"
    wheel.extractall(installed)
    elsewhere.mkdir()
    monkeypatch.setenv("STREAMLIT_SERVER_HEADLESS", "true")
    port = free_port()
    code = f"""
import sys
sys.path.insert(0, {str(installed)!r})
from aecore.launch import open_lab
sys.exit(open_lab({port}))
"""
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-P", "-c", code], cwd=elsewhere, stdout=log, stderr=log
        )
    try:
        answered = wait_for(f"http://127.0.0.1:{port}{PLOTLY_ROUTE}", server)
    finally:
        server.terminate()
        server.wait(timeout=30)
    log = (tmp_path / "log").read_text()
    assert answered, log
    assert f"http://127.0.0.1:{port}" in log and "Network URL" not in log, (
        "the address in .streamlit/config.toml"
    )
    assert "Traceback" not in log


def wait_for(address: str, server: subprocess.Popen) -> bool:
    """Whether the server answers before it ends, within 30 seconds."""
    for _ in range(600):
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(address, timeout=10).status == 200
        if server.poll() is not None:
            break
        time.sleep(0.05)
    return False


def test_the_dashboard_is_found_in_an_installation_and_in_a_checkout(tmp_path):
    assert launch.find_app(ROOT) == ROOT / "app.py"
    (tmp_path / "app.py").touch()  # some packages leave such a file in site-packages
    (tmp_path / "autoencoder_lab").mkdir()
    (tmp_path / "autoencoder_lab" / "app.py").touch()
    assert launch.find_app(tmp_path) == tmp_path / "autoencoder_lab" / "app.py"


def test_what_is_missing_is_said_in_a_sentence(tmp_path, monkeypatch):
    with pytest.raises(
        LabError,
        match=r"dashboard is not here: expected autoencoder_lab/app.py or app.py in .*pip install",
    ):
        launch.find_app(tmp_path)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(LabError, match="needs Streamlit, which is not installed here; install it"):
        launch.open_lab(None)
