"""What the tests share.

A folder of runs of their own, the real MNIST where it is, small configs that train in a second.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from aecore.backend import tf

tf.config  # noqa: B018 - TensorFlow's threads are set here, before any test's first tensor
BROWSER = "tests/browser/"
CI = bool(os.environ.get("AUTOENCODER_LAB_CI"))


def missing(reason: str) -> None:
    """Skip here, fail in CI, where everything must run."""
    if CI:
        pytest.fail(f"in CI this must run: {reason}")
    pytest.skip(reason)


class BrowserTestsTogether(LoadScopeScheduling):
    """Gives each of the test processes a file at a time, or all files of browser tests.

    Browser tests share a server, and two at once would be slow to answer each other's clicks.
    """

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else nodeid.split("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BrowserTestsTogether:
    return BrowserTestsTogether(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="the long tests, too: half an hour")


def pytest_configure(config: pytest.Config) -> None:
    """Who asks for certain tests gets the long ones among them."""
    named = config.args_source is not pytest.Config.ArgsSource.TESTPATHS
    config.option.whole |= named or bool(config.option.keyword or config.option.lf)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Browser tests come first, as they take the longest."""
    items.sort(key=lambda item: not item.nodeid.startswith(BROWSER))
    if config.option.whole:
        return
    config.hook.pytest_deselected(items=[item for item in items if is_long(item)])
    items[:] = [item for item in items if not is_long(item)]


def is_long(item: pytest.Item) -> bool:
    return item.get_closest_marker("whole") is not None


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the user's own runs and downloads."""
    monkeypatch.setenv("AUTOENCODER_LAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AUTOENCODER_LAB_RUNS", str(tmp_path / "runs"))
    return tmp_path


@pytest.fixture(scope="session")
def digits():
    from aecore.data.sources import load

    return load("digits")


@pytest.fixture(scope="session")
def points():
    from aecore.data.sources import load

    return load("points3d")


@pytest.fixture(scope="session")
def mnist():
    from aecore.data.sources import available, load

    if not available("mnist"):
        missing("MNIST is not on this machine; point AUTOENCODER_LAB_DATA at its folder")
    return load("mnist")
