"""The real server, and a real headless Chromium (Debian's package)."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.lab import FLAGS, start_server
from tests.conftest import missing


@dataclass(frozen=True)
class Finished:
    """A lab with finished runs: their ids by variant."""

    address: str
    ids: dict[str, str]
    runs: Path  # the folder that they are in

    def __getitem__(self, variant: str) -> str:
        """The address of a run's lesson."""
        return f"{self.address}/{variant}?run={self.ids[variant]}"

    def compared(self, *variants: str) -> str:
        return f"{self.address}/compare?runs={','.join(self.ids[name] for name in variants)}"


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="session")
def server_runs(server_folder):
    """The folder of the runs that are trained on `server`."""
    return server_folder / "runs"


@pytest.fixture(scope="session")
def server(server_folder):
    """The address of a freshly started lab with its own runs; its first visitor is a test."""
    folder = server_folder
    process, address = start_server(folder, AUTOENCODER_LAB_HOME=str(folder / "home"))
    yield address
    process.terminate()
    process.wait(timeout=20)
    text = (folder / "log").read_text()
    assert "Traceback" not in text, text


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The address of a lab with a finished run of several variants, and the runs by variant."""
    from aecore.jobs.work import work
    from tests.helpers import made

    folder = tmp_path_factory.mktemp("finished")
    runs = {}
    for name in ("greedy", "sparse", "stacked", "tied", "variational", "linear"):
        points = {"dataset": "points3d", "codings_size": 2} if name == "linear" else {}
        runs[name] = made(folder, name, epochs=3, **points)
        work(runs[name])
    process, address = start_server(folder, AUTOENCODER_LAB_HOME=str(folder / "home"))
    yield Finished(address, {name: run.id for name, run in runs.items()}, folder / "runs")
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture(scope="session")
def chromium():
    path = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    if not path:
        missing("no Chromium found; install Debian's package 'chromium'")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A new visitor at a desk; fails on any error the page's own scripts throw."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors, errors
