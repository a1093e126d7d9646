"""A run that the routes of networks find."""

from types import SimpleNamespace

import pytest

from aecore.jobs.work import work
from tests.helpers import made
from ui.server import stored_networks


@pytest.fixture
def run(tmp_path, monkeypatch):
    run = made(tmp_path, epochs=1)
    monkeypatch.setattr(stored_networks, "pool", lambda: SimpleNamespace(root=run.path.parent))
    work(run)
    return run
