"""What training promises for every variant.

Its events, repeatable seeds, going on where it stopped.
"""

import numpy as np
import pytest

from aecore.models import variant, variants
from aecore.training.evaluation import METRICS, evaluate
from aecore.training.events import EpochEnded, PhaseStarted, Snapshot, Steps
from aecore.training.loop import Diverged, Training, TrainingControls, train
from tests.helpers import few, same, small_config, trained, weights

NAMES = list(variants())


@pytest.fixture(scope="module", params=NAMES)
def finished(request, data):
    """A small training of a variant to its end, and its events."""
    config = small_config(request.param, epochs=4)
    training = Training.fresh(variant(request.param), config, data.input_shape, 0)
    return training, list(train(training, data))


def of_kind(events, kind):
    return [event for event in events if isinstance(event, kind)]


@pytest.mark.whole
def test_every_step_and_every_image_is_reported_once(finished, data):
    _, events = finished
    phases = of_kind(events, PhaseStarted)
    assert isinstance(events[0], PhaseStarted) and of_kind(events, Snapshot)
    assert [phase.phase for phase in phases] == list(range(phases[0].phases))
    for phase in phases:
        steps = [event for event in of_kind(events, Steps) if event.phase == phase.phase]
        at = 0
        for event in steps:
            at += len(next(iter(event.terms.values())))
            assert event.step == at and {len(term) for term in event.terms.values()} == {
                len(next(iter(event.terms.values())))
            }
        assert at == phase.epochs * phase.steps_per_epoch
        assert sum(event.images for event in steps) == phase.epochs * len(data.train)


def test_an_epochs_means_are_those_of_its_steps(finished):
    _, events = finished
    since: list[dict[str, np.ndarray]] = []
    for event in events:
        if isinstance(event, Steps):
            since.append(event.terms)
        elif isinstance(event, EpochEnded):
            means = {
                name: float(np.mean([value for terms in since for value in terms[name]]))
                for name in since[0]
            }
            assert event.train == pytest.approx(means, rel=1e-5)
            since = []
    assert not since  # the last step ends an epoch


def test_the_last_validation_error_is_the_networks(finished, data):
    training, events = finished
    x = data.watched.floats()
    error = float(np.mean(np.square(training.model.network().reconstruct(x) - x)))
    assert of_kind(events, EpochEnded)[-1].valid["mse"] == pytest.approx(error, rel=1e-4)


def test_every_figure_has_its_explanation(finished, data):
    """The Figures tab says of each what it is."""
    training, _ = finished
    explained = METRICS | training.model.metrics
    assert evaluate(training.model, data).keys() <= explained.keys()


def test_every_meter_says_how_to_read_it(finished, data):
    """The live view shows what is measured while it trains, and some of the test figures."""
    training, _ = finished
    explained = METRICS | training.model.metrics
    at_end = {name for name in evaluate(training.model, data) if explained[name].at_end}
    assert {"linear_probe", "ten_neighbours"} == at_end - training.model.metrics.keys()
    for name in at_end | training.model.measure(data.measured, data).keys():
        words = explained[name].reading
        assert words[:1].isupper() and words.endswith(".") and words.count(". ") == 0, name


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.whole
def test_training_learns_more_than_the_mean_image(name, digits):
    """What an untrained network gives is no better than the mean; 120 steps are enough to be."""
    data = few(digits, 3000)
    untrained = Training.fresh(variant(name), small_config(name), data.input_shape, 0)
    x = digits.test.floats()
    of_mean = float(np.mean(np.square(x - data.train.floats().mean(axis=0))))
    before = untrained.model.network().reconstruct(x)
    after = trained(name, data, epochs=4).model.network().reconstruct(x)
    assert np.mean(np.square(after - x)) < 0.9 * of_mean < np.mean(np.square(before - x))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.whole
def test_a_seed_repeats_exactly_however_the_steps_are_cut(name, data):
    whole = trained(name, data, seed=5)
    single = Training.fresh(variant(name), small_config(name), data.input_shape, 5)
    for _ in train(single, data, TrainingControls(most_steps=1)):
        pass
    assert same(weights(whole), weights(single))
    assert not same(weights(whole), weights(trained(name, data, seed=6)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.whole
def test_stored_and_taken_up_again_equals_uninterrupted(name, data):
    whole = trained(name, data, seed=2)
    first = Training.fresh(variant(name), small_config(name), data.input_shape, 2)
    for event in train(first, data, TrainingControls(most_steps=1)):
        if isinstance(event, Steps) and event.step == 4:
            break
    second = Training.fresh(variant(name), small_config(name), data.input_shape, 2)
    second.restore(first.tensors(), first.phase, first.step)
    for _ in train(second, data):
        pass
    assert same(weights(whole), weights(second))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.whole
def test_train_more_goes_on_from_where_it_ended(name, data):
    training = trained(name, data)
    before = weights(training)
    training.extra_epochs = 2
    events = list(train(training, data))
    assert sum(event.images for event in events if isinstance(event, Steps)) == 2 * len(data.train)
    assert not same(before, weights(training))


@pytest.mark.parametrize("name", ["stacked", "variational"])
def test_a_loss_that_stops_being_a_number_ends_in_one_sentence(name, data):
    training = Training.fresh(
        variant(name),
        small_config(name, learning_rate=10.0, output="linear" if name == "stacked" else "sigmoid"),
        (28, 28, 1),
        0,
    )
    training.model.encoder[0].kernel.assign(training.model.encoder[0].kernel * 1e30)
    with pytest.raises(Diverged, match=r"stopped being a number at step \d+.*Try 0\.003\."):
        list(train(training, data))


@pytest.mark.parametrize("name", ["denoising", "variational"])
def test_the_largest_seed_works(name, data):
    last, next_to_last = (
        weights(trained(name, few(data, 100), seed=seed, epochs=1))
        for seed in (2**31 - 1, 2**31 - 2)
    )
    assert all(np.isfinite(values).all() for values in last) and not same(last, next_to_last)


def test_the_learning_rate_can_be_changed_while_it_trains(data):
    controls = TrainingControls(most_steps=1)
    training = Training.fresh(
        variant("stacked"), small_config("stacked", schedule="constant"), (28, 28, 1), 0
    )
    rates = []
    for event in train(training, data, controls):
        if isinstance(event, Steps):
            rates.append(event.learning_rate)
            controls.learning_rate = 1e-4
    assert rates[0] == pytest.approx(0.003) and rates[1:] == pytest.approx(
        [1e-4] * (len(rates) - 1)
    )


@pytest.mark.parametrize("name", NAMES)
def test_begins_at_the_training_mean(name, data):
    """With a silent decoder (kernels of zero) an untrained network gives the training inputs' mean.

    A bias that many pixels share (a convolution's) gives the mean over them.
    """
    last = untrained_end(name, data, "mean")
    mean = data.train.floats().mean(axis=0, dtype=np.float64)
    mean = mean.reshape(-1, len(last.bias.numpy())).mean(axis=0)
    if last.activation == "sigmoid":
        mean = np.clip(mean, 1 / 255, 1 - 1 / 255)
        mean = np.log(mean / (1 - mean))
    assert last.bias.numpy() == pytest.approx(mean, abs=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_begins_at_zero_if_asked(name, data):
    assert not untrained_end(name, data, "zero").bias.numpy().any()


def untrained_end(name, data, first_output):
    """The decoder's last layer, before the first step."""
    config = small_config(name, first_output=first_output)
    training = Training.fresh(variant(name), config, data.input_shape, 0)
    next(iter(train(training, data)))
    return training.model.decoder[-1]
