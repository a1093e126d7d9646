"""What a loss may know beside its inputs: the step, how far its phase has come, and the labels."""

import numpy as np
import pytest
import tensorflow as tf

from aecore import losses
from aecore.data.dataset import Dataset, Split
from aecore.models import Term, variant
from aecore.models.stacked import Stacked
from aecore.training import engine
from aecore.training.evaluation import evaluate
from aecore.training.events import EpochEnded, Steps
from aecore.training.loop import Training, TrainingControls, train
from tests.helpers import few, small_config


class _Knowing(Stacked):
    """Its terms say how far the phase has come, the step, and the labels."""

    name = "knowing"
    uses_labels = True

    def terms(self, x, context):
        assert context.labels is not None
        ones = tf.ones_like(x[:, 0])
        return {
            "reconstruction_loss": Term(losses.squared_error(x, self.decode(self.encode(x)))),
            "progress": Term(context.progress * ones),
            "step": Term(tf.cast(context.step, tf.float32) * ones),
            "labels": Term(tf.cast(context.labels, tf.float32)),
        }


def trained(data, most_steps=None):
    config = _Knowing.Config(hidden_sizes=(16,), codings_size=4, epochs=3, batch_size=100)
    training = Training.fresh(_Knowing, config, data.input_shape, 0)
    events = list(train(training, data, TrainingControls(most_steps=most_steps)))
    steps = [event for event in events if isinstance(event, Steps)]
    terms = {
        name: np.concatenate([event.terms[name] for event in steps]) for name in steps[0].terms
    }
    return training, terms, [event for event in events if isinstance(event, EpochEnded)]


@pytest.fixture(params=["in memory", "streamed"])
def data(request, digits, tmp_path):
    small = few(digits, 430)  # the last batch of an epoch has 30 rows
    if request.param == "in memory":
        return small
    np.save(tmp_path / "x.npy", small.train.x)
    split = Split(np.load(tmp_path / "x.npy", mmap_mode="r"), small.train.labels)
    return Dataset("x", "x", split, small.valid, small.test, small.image_shape, small.class_names)


@pytest.mark.parametrize("most_steps", [None, 1, 3])
@pytest.mark.whole
def test_a_loss_knows_the_step_and_the_labels_of_its_batch(data, most_steps, monkeypatch):
    monkeypatch.setattr(engine, "towers", lambda: 2)
    _, terms, ended = trained(data, most_steps)
    assert np.allclose(terms["step"], np.arange(15))
    assert np.allclose(terms["progress"], np.arange(15) / 15, atol=1e-6)
    sizes = np.array([100, 100, 100, 100, 30])
    for epoch in range(3):  # every image comes once an epoch, with its own label
        labels = terms["labels"][5 * epoch : 5 * epoch + 5]
        assert np.sum(labels * sizes) == pytest.approx(data.train.labels.sum(), rel=1e-5)
    assert np.std(terms["labels"]) > 0
    assert ended[-1].valid["labels"] == pytest.approx(data.watched.labels.mean(), rel=1e-5)
    assert ended[-1].valid["progress"] == 1


def test_figures_are_those_of_a_training_that_is_over(digits):
    training, _, _ = trained(few(digits, 430))
    figures = evaluate(training.model, digits)
    assert figures["progress"] == 1
    assert figures["step"] > 10**9, "no warm-up is that long"
    assert figures["labels"] == pytest.approx(digits.test.labels.mean(), rel=1e-5)


def test_labels_are_for_those_who_ask(digits):
    model = variant("stacked")(
        small_config("stacked"), digits.input_shape, np.random.default_rng(0)
    )
    assert not model.phases()[0].uses_labels
