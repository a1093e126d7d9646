"""A feed's thinning: a long run's curve stays true, whole and short."""

import numpy as np
import pytest

from aecore.runs.feed import MOST_POINTS, Feed
from aecore.training.events import EpochEnded, PhaseStarted, Steps
from tests.helpers import made

CHUNK = 3  # steps reported at once
EPOCH = 12  # steps


def reported(run, losses: np.ndarray, phases: int, between: int) -> None:
    """Appends a training of several equal phases, evaluated every `between` steps."""
    length = len(losses) // phases
    for phase in range(phases):
        run.append(PhaseStarted(phase, f"Phase {phase}", phases, length // EPOCH, EPOCH, 10))
        for step in range(CHUNK, length + 1, CHUNK):
            taken = losses[phase * length + step - CHUNK : phase * length + step]
            terms = {"reconstruction_loss": taken, "weight_decay": taken + 1}
            epoch = -(-step // EPOCH)
            run.append(Steps(phase, epoch, step, terms, CHUNK, 0.1, 0.001))
            if step % between == 0:
                valid = {"reconstruction_loss": float(step)}
                run.append(EpochEnded(phase, epoch, step, {}, valid))


@pytest.fixture(scope="module", params=[(1, 10 * EPOCH), (3, EPOCH), (2, CHUNK)], ids=str)
def thinned(request, tmp_path_factory):
    """The losses of 6,480 steps, and a feed that has read them in 2,160 points."""
    phases, between = request.param
    losses = np.random.default_rng(0).integers(0, 1000, 6480).astype(float)  # exact in the file
    run = made(tmp_path_factory.mktemp("thinned"))
    reported(run, losses, phases, between)
    feed = Feed(run)
    feed.news()
    return losses, feed, feed.catch_up(), phases


def test_every_point_is_the_mean_of_just_its_steps(thinned):
    """The points cover the run without gap or overlap: each its `n` steps up to step `x`."""
    losses, _, news, _ = thinned
    assert len(news.points) < len(losses) / CHUNK
    at = 0
    for point in news.points:
        assert point.x - point.n == at
        expected = losses[at : point.x].mean()
        assert point.terms["reconstruction_loss"] == pytest.approx(expected, rel=1e-12)
        assert point.terms["weight_decay"] == pytest.approx(expected + 1, rel=1e-12)
        at = point.x
    assert at == len(losses)


def test_no_point_mixes_two_phases(thinned):
    losses, _, news, phases = thinned
    length = len(losses) // phases
    for point in news.points:
        assert point.phase == (point.x - 1) // length == (point.x - point.n) // length
    assert [phase.start for phase in news.phases] == [i * length for i in range(phases)]


def test_an_evaluation_keeps_its_point(thinned):
    _, _, news, _ = thinned
    assert {evaluation.x for evaluation in news.evaluations} <= {point.x for point in news.points}


def test_the_curve_is_short_and_evaluations_are_left_out_evenly(thinned):
    _, _, news, _ = thinned
    assert len(news.evaluations) <= MOST_POINTS
    assert len(news.points) <= MOST_POINTS + len(news.evaluations)
    x = [evaluation.x for evaluation in news.evaluations]
    assert x[-1] == 6480 and len(set(np.diff(x))) == 1


def test_thinning_a_little_at_a_time_is_as_true(tmp_path):
    """A page that watches gets the news in pieces; the feed is thinned after each of them."""
    losses = np.random.default_rng(1).integers(0, 1000, 6480).astype(float)
    run, live = made(tmp_path), made(tmp_path)
    reported(run, losses, 2, EPOCH)
    lines = (run.path / "events.jsonl").read_bytes().splitlines(keepends=True)
    feed = Feed(live)
    sent = []
    for i in range(0, len(lines), 300):
        with (live.path / "events.jsonl").open("ab") as file:
            file.writelines(lines[i : i + 300])
        sent += feed.news().points
    assert [point.x for point in sent] == list(range(CHUNK, 6481, CHUNK))  # each once, none thinned
    at = 0
    for point in feed.catch_up().points:
        assert point.x - point.n == at
        assert point.terms["reconstruction_loss"] == pytest.approx(losses[at : point.x].mean())
        at = point.x
    assert at == 6480 and len(feed.points) <= MOST_POINTS + len(feed.evaluations)


def test_the_lone_last_step_of_an_epoch_is_averaged_with_the_chunk_before(tmp_path):
    """A batch of few images says little by itself, and the evaluation belongs to its step."""
    run = made(tmp_path)
    run.append(PhaseStarted(0, "Phase", 1, 1, 5, 10))
    run.append(Steps(0, 1, 4, {"reconstruction_loss": np.array([1.0, 2, 3, 6])}, 4, 0.1, 0.001))
    run.append(Steps(0, 1, 5, {"reconstruction_loss": np.array([8.0])}, 1, 0.1, 0.001))
    run.append(EpochEnded(0, 1, 5, {}, {"reconstruction_loss": 9.0}))
    feed = Feed(run)
    points = feed.news().points
    assert [(point.x, point.terms["reconstruction_loss"]) for point in points] == [(4, 3), (5, 4)]
    assert [evaluation.x for evaluation in feed.evaluations] == [5]
