"""What training promises for every variant: its events, repeatable seeds, going on where it stopped."""

import numpy as np
import pytest

from aecore.layers.activations import activate
from aecore.models import variant, variants
from aecore.training.evaluation import METRICS, evaluate
from aecore.training.events import EpochEnded, PhaseStarted, Snapshot, Steps
from aecore.training.loop import Diverged, Training, TrainingControls, train
from tests.helpers import few, same, small_config, trained, weights

NAMES = list(variants())


@pytest.fixture(scope="module")
def data(digits):
    return few(
        digits, 520
    )  # no multiple of the batch of 100: the last batch of an epoch is smaller


@pytest.mark.parametrize("name", NAMES)
def test_training_lowers_the_loss_and_tells_about_it(name, data):
    training = Training.fresh(variant(name), small_config(name, epochs=4), data.input_shape, 0)
    events = list(train(training, data))
    steps = [event for event in events if isinstance(event, Steps)]
    phases = [event for event in events if isinstance(event, PhaseStarted)]
    ended = [event for event in events if isinstance(event, EpochEnded)]
    assert isinstance(events[0], PhaseStarted) and any(
        isinstance(event, Snapshot) for event in events
    )
    assert [phase.phase for phase in phases] == list(range(phases[0].phases))
    for phase in phases:
        mine = [event for event in steps if event.phase == phase.phase]
        taken = sum(len(next(iter(event.terms.values()))) for event in mine)
        assert taken == mine[-1].step == phase.epochs * phase.steps_per_epoch
        assert sum(event.images for event in mine) == phase.epochs * len(
            data.train
        )  # every image once an epoch
    x = data.watched.floats()
    assert ended[-1].train.keys() == steps[-1].terms.keys()
    assert ended[-1].valid["mse"] == pytest.approx(
        float(np.mean(np.square(training.model.network().reconstruct(x) - x))), rel=1e-4
    )
    untrained = Training.fresh(variant(name), small_config(name), data.input_shape, 0)
    figures = evaluate(training.model, data)
    assert figures["mse"] < evaluate(untrained.model, data)["mse"]
    assert figures.keys() <= (METRICS | training.model.metrics).keys(), (
        "the Figures tab says of each what it is"
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_repeats_exactly_however_the_steps_are_cut(name, data):
    whole = trained(name, data, seed=5)
    single = Training.fresh(variant(name), small_config(name), data.input_shape, 5)
    for _ in train(single, data, TrainingControls(most_steps=1)):
        pass
    assert same(weights(whole), weights(single))
    assert not same(weights(whole), weights(trained(name, data, seed=6)))


@pytest.mark.parametrize("name", NAMES)
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
def test_train_more_goes_on_from_where_it_stands(name, data):
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
    with pytest.raises(Diverged, match=r"stopped being a number at step \d+.*a tenth"):
        list(train(training, data))


@pytest.mark.parametrize("name", ["denoising", "variational"])
def test_the_largest_seed_works(name, data):
    trained(name, few(data, 100), seed=2**31 - 1, epochs=1)


def test_the_learning_rate_can_be_turned_while_it_trains(data):
    dial = TrainingControls(most_steps=1)
    training = Training.fresh(
        variant("stacked"), small_config("stacked", schedule="constant"), (28, 28, 1), 0
    )
    rates = []
    for event in train(training, data, dial):
        if isinstance(event, Steps):
            rates.append(event.learning_rate)
            dial.learning_rate = 1e-4
    assert rates[0] == pytest.approx(0.003) and rates[1:] == pytest.approx(
        [1e-4] * (len(rates) - 1)
    )


@pytest.mark.parametrize("name", NAMES)
def test_begins_at_the_training_mean(name, data):
    """With codings that say nothing (all kernels of the decoder at zero) an untrained network gives the training inputs' mean, or, if asked, its zero biases'."""
    for first_output, expected in (("mean", data.train.floats().mean(axis=0)), ("zero", None)):
        training = Training.fresh(
            variant(name), small_config(name, first_output=first_output), data.input_shape, 0
        )
        next(event for event in train(training, data))  # before the first step
        last = training.model.decoder[-1]
        silent = activate(last.activation, last.bias).numpy()
        if expected is None:
            assert not last.bias.numpy().any()
        else:
            assert silent == pytest.approx(
                np.clip(expected, 1 / 255, 1 - 1 / 255)
                if last.activation == "sigmoid"
                else expected,
                abs=1e-5,
            )
