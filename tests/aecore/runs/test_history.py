"""A run keeps its networks of earlier moments: which, how exactly, and how many."""

import errno
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aecore.data.dataset import as_bytes
from aecore.data.sources import load
from aecore.errors import LabError
from aecore.jobs.work import work
from aecore.models import variant
from aecore.runs import history
from aecore.runs.film import film
from aecore.runs.history import History, HistoryWriter, least_missed
from aecore.training.events import EpochEnded, Snapshot, Steps
from aecore.training.loop import Training, train
from aecore.training.moments import is_moment
from tests.helpers import made, same_weights


@pytest.mark.parametrize("name", ["tied", "greedy"])
@pytest.mark.whole
def test_each_kept_network_is_the_trainings_at_that_step(tmp_path, digits, name):
    run = made(tmp_path, name, seed=4, epochs=1)
    work(run)
    config = run.config
    training = Training.fresh(variant(name), config, (28, 28, 1), 4)
    own = {}
    for event in train(training, digits):
        if isinstance(event, Steps):
            phase = training.phases()[training.phase]
            own[training.phase, training.step] = phase.network()
    kept, phases = History(run.path).places(), len(training.phases())
    last = training.step
    assert kept == sorted(
        (phase, step)
        for phase in range(phases)
        for step in range(last + 1)
        if is_moment(step, last, phases)
    )
    for place in kept:
        if place[1]:
            network = History(run.path).network(place)
            assert (network.about["phase"], network.about["step"]) == place
            for half in ("encoder", "decoder"):
                for found, layer in zip(
                    getattr(network, half), getattr(own[place], half), strict=True
                ):
                    for part, array in layer.arrays().items():
                        assert np.array_equal(found.arrays()[part], array.astype(np.float16))


def test_keeping_them_changes_no_weight(tmp_path, monkeypatch):
    kept, none = made(tmp_path / "kept"), made(tmp_path / "none")
    work(kept)
    monkeypatch.setenv(history.SETTING, "0")
    work(none)
    assert History(kept.path).places() and not (none.path / "history").exists()
    assert same_weights(kept, none)


@pytest.mark.parametrize("name", ["denoising", "variational", "convolutional"])
@pytest.mark.whole
def test_the_film_shows_what_the_networks_make_of_the_shown_inputs(tmp_path, digits, name):
    run = made(tmp_path, name, epochs=1)
    work(run)
    kept = History(run.path)
    x, images = kept.inputs()
    made_of = film(kept, kept.places(), "digits")
    places, frames = made_of.places, made_of.frames
    assert images and places == kept.places() and frames.dtype == np.uint8
    for place, frame in zip(places, frames, strict=True):
        assert np.array_equal(frame, as_bytes(kept.network(place).reconstruct(x)))
    snapshot = next(event for event in reversed(run.events()) if isinstance(event, Snapshot))
    if snapshot.seen is None:
        assert np.array_equal(as_bytes(x), digits.test.x[digits.shown_rows()])
    else:
        assert np.array_equal(as_bytes(x), snapshot.seen)
    # float16 moves a pixel by less than a hundredth
    assert np.abs(frames[-1].astype(int) - snapshot.reconstructions).max() <= 2


@pytest.mark.whole
def test_a_phase_of_one_pair_is_shown_by_that_pair_alone(tmp_path):
    run = made(tmp_path, "greedy", hidden_sizes=(20,))
    work(run)
    kept = History(run.path)
    ends = [
        event
        for event, after in zip(run.events(), run.events()[1:], strict=False)
        if isinstance(event, Snapshot) and getattr(after, "phase", -1) == event.phase + 1
    ]
    assert len(ends) == 2
    for end in ends:
        place = (end.phase, end.step)
        assert kept.network(place).codings_size == (20, 8)[end.phase]
        (frame,) = film(kept, [place], "digits").frames
        assert np.abs(frame.astype(int) - end.reconstructions).max() <= 2


def test_points_stay_numbers(tmp_path):
    run = made(tmp_path, "linear", dataset="points3d", codings_size=2, epochs=3)
    work(run)
    kept = History(run.path)
    found = film(kept, kept.places(), "points3d")
    frames = found.frames
    assert frames.dtype == np.float32 and frames.shape[::2] == (len(found.places), 3)


@pytest.mark.parametrize(
    "name", ["stacked", "greedy", "variational", "denoising", "k_sparse", "linear"]
)
@pytest.mark.whole
def test_each_moment_has_the_error_of_its_network_on_the_validation_inputs(tmp_path, name):
    points = {"dataset": "points3d", "codings_size": 2} if name == "linear" else {}
    run = made(tmp_path, name, epochs=2, **points)
    work(run)
    kept, data = History(run.path), load(run.spec.dataset)
    found, x = film(kept, kept.places(), run.spec.dataset), data.measured.floats()
    assert found.places == kept.places()
    for place, error in zip(found.places, found.errors, strict=True):
        network = kept.network(place)
        by_hand = ((network.decode(network.encode(x)).astype(np.float64) - x) ** 2).mean()
        assert error == pytest.approx(by_hand, rel=1e-6)
    # The curve's, by TensorFlow in float32; here the weights are float16.
    ends = {event.phase: event for event in run.events() if isinstance(event, EpochEnded)}
    assert len(data.watched) == len(x)
    for phase, event in ends.items():
        error = found.errors[found.places.index((phase, event.step))]
        assert error == pytest.approx(event.valid["mse"], rel=0.005)


def test_no_error_is_measured_if_that_takes_long_or_without_the_data(tmp_path):
    run = made(tmp_path, "convolutional", epochs=1)
    work(run)
    kept = History(run.path)
    assert np.isnan(film(kept, kept.places(), "digits").errors).all()
    run = made(tmp_path, "tied", epochs=1)
    work(run)
    kept = History(run.path)
    away = film(kept, kept.places(), "not-here")
    assert np.isnan(away.errors).all() and len(away.frames) == len(kept.places())


def test_what_was_kept_after_the_last_checkpoint_is_dropped_with_its_steps(tmp_path):
    run = made(tmp_path, epochs=1)
    work(run)
    end = run.stored().place
    writer = HistoryWriter(run.path)
    writer.keep(run.network(), end[0], 1, end[1] + 7)
    writer.wait()
    assert writer.places()[-1] == (end[0], end[1] + 7)
    run.queue(extra_epochs=1)
    work(run)
    places = History(run.path).places()
    assert end in places and (end[0], end[1] + 7) not in places
    assert places[-1] == run.stored().place and places[-1][1] == 2 * end[1]


@pytest.mark.parametrize("most", [10**8, 0], ids=["all wait", "one at a time"])
def test_moments_that_come_faster_than_the_disk_are_all_kept(tmp_path, monkeypatch, most):
    monkeypatch.setattr(history, "MOST_WAITING", most)
    run = made(tmp_path, epochs=1)
    work(run)
    network, writer = run.network(), HistoryWriter(tmp_path)
    written, slow = [], history.write_atomically

    def slowly(path, blob):
        time.sleep(0.05)
        slow(path, blob)
        written.append(path)

    monkeypatch.setattr(history, "write_atomically", slowly)
    for step in range(8):
        writer.keep(network, 0, 1, step)
        assert len(written) >= (0 if most else step)
    writer.wait()
    assert writer.places() == [(0, step) for step in range(8)]
    assert len({writer.network(place).fingerprint for place in writer.places()}) == 1


def test_a_moment_that_found_no_room_is_told_by_the_next_one(tmp_path, monkeypatch):
    run = made(tmp_path, epochs=1)
    work(run)
    network, writer = run.network(), HistoryWriter(tmp_path)

    def full(path, blob):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(history, "write_atomically", full)
    writer.keep(network, 0, 1, 1)
    with pytest.raises(OSError, match="No space"):
        for step in range(2, 100):
            time.sleep(0.01)
            writer.keep(network, 0, 1, step)


def test_a_full_history_is_thinned_evenly(tmp_path, monkeypatch):
    monkeypatch.setenv(history.SETTING, "1")
    run = made(tmp_path, epochs=1, hidden_sizes=(100,))
    work(run)
    kept = History(run.path)
    sizes = [kept.file(place).stat().st_size for place in kept.places()]
    assert sum(sizes) <= 10**6 < sum(sizes) + sizes[0]
    assert kept.places()[0] == (0, 0) and kept.places()[-1] == run.stored().place


@settings(deadline=None)
@given(
    steps=st.lists(st.integers(1, 10**5), min_size=1, max_size=60, unique=True), n=st.integers(2, 9)
)
def test_thinning_keeps_the_ends_and_never_leaves_two_close_ones(steps, n):
    places = {(0, step) for step in [0, *steps]}
    ends = (min(places), max(places))
    while len(places) > n and (gone := least_missed(places)):
        places.remove(gone)
    assert len(places) == min(n, len(steps) + 1) and {*ends} <= places


def test_thinning_tends_to_equal_ratios():
    places = [(0, step) for step in range(1000)]
    while len(places) > 11:
        places.remove(least_missed(places))
    ratios = [(b + 1) / (a + 1) for (_, a), (_, b) in zip(places, places[1:], strict=False)]
    assert max(ratios) / min(ratios) < 2.6


def test_a_run_of_an_earlier_version_says_that_it_has_none(tmp_path):
    run = made(tmp_path)
    assert History(run.path).places() == []
    with pytest.raises(LabError, match="kept no networks"):
        film(History(run.path), [], "digits")


@pytest.mark.parametrize("value", ["lots", "-1", "1.5", "9999999"])
def test_a_wrong_setting_gets_a_sentence(monkeypatch, value):
    monkeypatch.setenv(history.SETTING, value)
    with pytest.raises(LabError, match="whole number from 0"):
        history.most_bytes()


def test_a_damaged_network_is_left_out(tmp_path):
    run = made(tmp_path, epochs=1)
    work(run)
    kept = History(run.path)
    first, second, *_ = kept.places()
    kept.file(second).write_bytes(b"nothing")
    assert film(kept, [first, second], "digits").places == [first]
