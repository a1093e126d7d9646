"""The route of earlier moments: what it sends, and what it refuses."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
from safetensors.numpy import load
from starlette.requests import Request

from aecore.jobs.work import work
from aecore.runs.film import film
from aecore.runs.history import History
from tests.helpers import made
from ui.server import films


@pytest.fixture
def run(tmp_path, monkeypatch):
    run = made(tmp_path, epochs=1)
    monkeypatch.setattr(films, "pool", lambda: SimpleNamespace(root=run.path.parent))
    return run


def asked(run_id: str, at: str):
    scope = {
        "type": "http",
        "method": "GET",
        "headers": [],
        "query_string": f"at={at}".encode(),
        "path_params": {"run_id": run_id},
    }
    # this thread's event loop may be Playwright's
    return ThreadPoolExecutor().submit(lambda: asyncio.run(films.answer(Request(scope)))).result()


def test_it_sends_the_frames_of_the_moments_that_are_kept(run):
    work(run)
    kept = History(run.path)
    first, *_, last = kept.places()
    answer = asked(run.id, f"{first[0]}-{first[1]},0-7,{last[0]}-{last[1]}")
    length = int.from_bytes(answer.body[:8], "little")
    header = json.loads(json.loads(answer.body[8 : 8 + length])["__metadata__"]["header"])
    assert answer.status_code == 200 and header["places"] == [list(first), list(last)]
    sent, shown = load(answer.body), film(kept, [first, last], run.spec.dataset)
    assert np.array_equal(sent["frames"], shown.frames)
    assert np.array_equal(sent["errors"], shown.errors) and np.isfinite(sent["errors"]).all()
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "at", ["", "x", "0", "0-1-2", "0-1,", "../run.json", ",".join(["0-1"] * 2000)]
)
def test_a_malformed_question_gets_a_sentence(run, at):
    work(run)
    answer = asked(run.id, at)
    assert answer.status_code == 400 and b"Expected" in answer.body


def test_a_run_that_kept_nothing_or_is_not_there_gets_a_sentence(run):
    assert asked(run.id, "0-0").status_code == 404
    answer = asked("0" * 32, "0-0")
    assert answer.status_code == 404 and b"There is no run" in answer.body
