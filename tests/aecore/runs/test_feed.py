"""The live history of a run, as a chart is sent it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from aecore.errors import LabError
from aecore.jobs.work import work
from aecore.runs import codec
from aecore.runs.feed import MOST_POINTS, Feed
from aecore.runs.history import History
from aecore.runs.run import Run
from aecore.runs.statuses import Status
from aecore.training.events import EpochEnded, Intervened, PhaseStarted, Snapshot, Steps
from tests.helpers import made


def test_a_feed_starts_again_if_a_resumed_run_was_cut_and_has_grown_past_it(tmp_path):
    run = made(tmp_path, epochs=4)
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
    run = made(tmp_path, epochs=2)
    feed = Feed(run)
    feed.news()
    work(run)
    assert not feed.catch_up().points  # not looked for: the next news, which goes to all, has it
    assert feed.news().evaluations and feed.finished


def test_a_long_runs_evaluations_are_thinned_from_its_beginning_to_its_end(tmp_path):
    run = made(tmp_path, epochs=2)
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


def test_how_long_it_will_take_is_not_said_after_the_chunk_that_waited_for_its_programs(tmp_path):
    run = made(tmp_path, epochs=2)
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
    run = made(tmp_path, epochs=200)

    def full(*_):
        raise OSError(28, "No space left on device")

    def stop_at_once(_):
        if not run.state.asked:
            monkeypatch.setattr(Run, "commit", full)
            run.command("stop")

    with pytest.raises(LabError, match="No space left"):
        work(run, on_event=stop_at_once)
    assert (
        run.state.status is Status.INTERRUPTED
        and "No space left" in run.state.message
        and not run.state.pid
    )


def test_only_the_last_of_the_new_pictures_is_packed(tmp_path, monkeypatch):
    run, packed = made(tmp_path), []
    shown = [np.full((2, 784), level, np.uint8) for level in (1, 2, 3)]
    run.append(PhaseStarted(0, "all", 1, 2, 100, 10))
    for step, images in enumerate(shown):
        run.append(Snapshot(0, 1, step, images, None, {}))
    pack = codec.pack_images
    monkeypatch.setattr(codec, "pack_images", lambda images: packed.append(images) or pack(images))
    feed = Feed(run)
    snapshot = feed.news().snapshot
    assert snapshot and snapshot.x == 2 and len(packed) == 1 and np.array_equal(packed[0], shown[2])
    assert feed.news().snapshot is None and feed.catch_up().snapshot is snapshot


@pytest.mark.parametrize("epochs", [3, 10, 12])
@pytest.mark.whole
def test_a_restarted_rate_rises_after_a_fifth_and_more_epochs_raise_it_again(epochs, tmp_path):
    """A fifth of 3 or 12 epochs lies within an epoch."""
    run = made(tmp_path, epochs=epochs, schedule="restart")
    work(run)
    feed = Feed(run)
    steps = feed.news().phases[0].steps
    assert feed.rises == [round(steps / 5)]
    run.queue(extra_epochs=epochs)
    work(run)
    assert feed.news().rises == [round(steps / 5), steps] and feed.catch_up().rises == feed.rises


def test_each_rise_by_hand_is_noted_in_every_phase(tmp_path):
    run, terms = made(tmp_path, schedule="constant"), {"reconstruction_loss": np.ones(10)}
    for phase, rates in enumerate(
        ((0.001, 0.002, 0.002, 0.005, 0.003, 0.003, 0.004), (0.005, 0.006))
    ):
        run.append(PhaseStarted(phase, "all", 2, 2, 100, 10))
        for i, rate in enumerate(rates):
            run.append(Steps(phase, 1, 10 * (i + 1), terms, 100, 0.1, rate))
    assert Feed(run).news().rises == [10, 30, 60, 210]


def test_news_say_which_moments_are_kept_and_only_when_that_has_changed(tmp_path):
    run = made(tmp_path, epochs=1)
    feed = Feed(run)
    assert feed.news().moments is None and feed.catch_up().moments == []
    work(run)
    kept = History(run.path).places()
    news = feed.news()
    assert news.moments == kept and json.loads(news.to_json())["moments"] == [list(p) for p in kept]
    assert feed.news().moments is None and feed.catch_up().moments == kept
    History(run.path).file(kept[1]).unlink()
    assert feed.news().moments == [kept[0], *kept[2:]]
    run.queue(extra_epochs=1)
    work(run)
    resumed = feed.news()
    assert resumed.moments == History(run.path).places() and resumed.session == news.session + 1


@pytest.mark.parametrize(
    ("change", "steered"),
    [
        (Intervened(0, 40, "learning_rate", 0.1), True),
        (Intervened(1, 99, "more", 2), True),  # the schedule is stretched from here
        (Intervened(1, 100, "more", 2), False),  # all was done that the settings say
        (Intervened(0, 100, "more", 2), True),  # only the first phase was done
        (Intervened(0, 40, "pause"), False),
        (Intervened(0, 41, "step"), False),
        (Intervened(0, 41, "stop"), False),
    ],
)
def test_a_run_is_steered_if_it_left_the_course_of_its_settings(tmp_path, change, steered):
    run = made(tmp_path)
    for phase in range(change.phase + 1):
        run.append(PhaseStarted(phase, f"Pair {phase + 1}", 2, 10, 10, 7))
    feed = Feed(run)
    assert feed.news().steered is False
    run.append(change)
    assert feed.news().steered is steered and feed.catch_up().steered is steered
    # A resumed run reads its events again from the beginning.
    run.update(sessions=run.state.sessions + 1)
    assert feed.news().steered is steered
