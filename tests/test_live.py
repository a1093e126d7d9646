"""What a page that watches a training is sent."""

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from aecore.errors import LabError
from aecore.jobs.work import work
from aecore.runs import codec, store
from aecore.runs.feed import MOST_POINTS, Feed
from aecore.runs.run import Run
from aecore.runs.statuses import Status
from aecore.training.events import EpochEnded, PhaseStarted, Steps
from tests.helpers import small_config
from ui.server.live_socket import _Channel


def new_run(root, **values):
    return store.create(
        root,
        variant_name="stacked",
        dataset="digits",
        config=small_config("stacked", **values),
        seed=0,
    )


def test_a_feed_begins_anew_where_a_resumed_run_was_cut_and_has_grown_past_it(tmp_path):
    run = new_run(tmp_path, epochs=4)
    work(run)
    feed = Feed(run)
    feed.news()
    whole = (run.path / "events.jsonl").read_bytes()
    lines = whole.splitlines(keepends=True)
    kept = sum(map(len, lines[: len(lines) // 3]))
    run.truncate_events(kept)  # as a worker that takes it up from its last checkpoint,
    run.update(sessions=run.state.sessions + 1)
    longer = [
        json.dumps(json.loads(line) | {"padding": "." * 40}).encode() + b"\n"
        for line in lines[len(lines) // 3 :]
    ]
    with (run.path / "events.jsonl").open(
        "ab"
    ) as file:  # and reports what followed again, in other bytes
        file.writelines(longer)
    news, afresh = feed.news(), Feed(run)
    afresh.news()
    assert news.reset and news.points == afresh.points and len(news.evaluations) == 4


def test_a_page_that_joins_takes_nothing_from_those_that_watch_already(tmp_path):
    run = new_run(tmp_path, epochs=2)
    feed = Feed(run)
    feed.news()
    work(run)
    assert not feed.catch_up().points  # not looked for: the next news, which goes to all, has it
    assert feed.news().evaluations and feed.finished


def test_a_long_runs_evaluations_are_thinned_from_its_beginning_to_its_end(tmp_path):
    run = new_run(tmp_path, epochs=2)
    work(run)
    ended = next(event for event in run.events() if isinstance(event, EpochEnded))
    with (run.path / "events.jsonl").open("a") as file:
        file.writelines(
            codec.to_json(replace(ended, step=1000 + i)) + "\n" for i in range(3 * MOST_POINTS)
        )
    feed = Feed(run)
    feed.news()
    steps = [evaluation.x for evaluation in feed.catch_up().evaluations]
    assert len(steps) <= MOST_POINTS and steps[-1] == 1000 + 3 * MOST_POINTS - 1 and steps[1] < 1010


def test_news_keep_their_beat_however_often_the_state_changed_before(tmp_path):
    donor, run = new_run(tmp_path / "a", epochs=1), new_run(tmp_path / "b")
    work(donor)
    phase = next(event for event in donor.events() if isinstance(event, PhaseStarted))
    steps = next(event for event in donor.events() if isinstance(event, Steps))
    sent: list[float] = []

    class Socket:
        async def send_text(self, text: str) -> None:
            sent.append(time.monotonic())

        async def close(self) -> None:
            pass

    async def watch() -> None:
        channel, step = _Channel(run), 0
        run.append(phase)
        await channel.join(Socket())
        for changes in (True, False):
            until = time.monotonic() + 1.5
            while time.monotonic() < until:
                step += 1
                run.append(replace(steps, step=step))
                if changes:
                    run.update(images=step)
                await asyncio.sleep(0.06)
        channel.sockets.clear()
        await channel.task

    ThreadPoolExecutor().submit(
        lambda: asyncio.run(watch())
    ).result()  # this thread's event loop may be Playwright's
    late = [moment for moment in sent if moment > time.monotonic() - 1.2]
    assert len(late) >= 3, "five a second, and none at all if each change had put the next news off"


def test_how_long_it_will_take_is_not_said_after_the_chunk_that_waited_for_its_programs(tmp_path):
    run = new_run(tmp_path, epochs=2)
    work(run)
    lines = (run.path / "events.jsonl").read_bytes().splitlines(keepends=True)
    first = next(i for i, line in enumerate(lines) if b'"Steps"' in line)
    (run.path / "events.jsonl").write_bytes(b"".join(lines[: first + 1]))
    feed = Feed(run)
    assert feed.news().progress.step and feed.progress.seconds_left is None
    with (run.path / "events.jsonl").open("ab") as file:
        file.writelines(lines[first + 1 :])
    assert feed.news().progress.images_per_second > 0 and feed.progress.seconds_left is not None


def test_a_stop_whose_checkpoint_could_not_be_stored_says_so(tmp_path, monkeypatch):
    run = new_run(tmp_path, epochs=200)

    def full(*_):
        raise OSError(28, "No space left on device")

    def stop_at_once(_):
        if not run.state.asked:
            monkeypatch.setattr(Run, "commit", full)
            run.command("stop")

    try:
        work(run, on_event=stop_at_once)
    except LabError as error:
        assert "No space left" in str(error)
    assert (
        run.state.status is Status.INTERRUPTED
        and "No space left" in run.state.message
        and not run.state.pid
    )
