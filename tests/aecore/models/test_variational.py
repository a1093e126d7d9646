"""The variational autoencoder's bound, its clouds and its prior."""

import numpy as np
import pytest
import tensorflow as tf

from aecore.errors import LabError
from aecore.models import RandomStream, StepContext, variant
from aecore.network import Network
from aecore.training.evaluation import evaluate
from aecore.training.loop import Training
from tests.helpers import few, small_config, trained


def test_variational_of_the_course_has_its_parameter_count():
    cls = variant("variational")
    model = cls(cls.Config(), (28, 28, 1), np.random.default_rng(0))
    assert (
        model.parameters
        == 784 * 500
        + 500
        + 500 * 500
        + 500
        + 2 * (500 * 20 + 20)
        + 20 * 500
        + 500
        + 500 * 500
        + 500
        + 500 * 784
        + 784
    )


@pytest.mark.whole
def test_variational_improves_its_bound_and_uses_its_codings(digits):
    untrained = Training.fresh(variant("variational"), small_config("variational"), (28, 28, 1), 0)
    training = trained("variational", digits, epochs=6, hidden_sizes=(100,))
    before, after = (evaluate(t.model, digits) for t in (untrained, training))
    assert after["loss"] < 0.6 * before["loss"]
    assert after["loss"] == pytest.approx(after["reconstruction_loss"] + after["latent_loss"])
    assert after["active_units"] >= 5


def test_the_bound_does_not_depend_on_the_latent_weight(digits):
    """The same weights under another beta have another loss and the same bound, which is the loss
    where beta is 1.
    """
    light = trained("variational", few(digits, 1000), latent_weight=0.1)
    plain = Training.fresh(variant("variational"), small_config("variational"), (28, 28, 1), 0)
    plain.restore(
        {name: tensor for name, tensor in light.tensors().items() if name.startswith("variable")},
        0,
        0,
    )
    one, other = (evaluate(training.model, digits) for training in (light, plain))
    assert one["bound"] == other["bound"] and one["loss"] < other["loss"]
    assert other["bound"] == pytest.approx(other["loss"], rel=1e-5)
    assert one["bound"] == pytest.approx(
        one["reconstruction_loss"] + one["latent_loss"] / 0.1, rel=1e-4
    )
    assert one["kl"] == pytest.approx(one["latent_loss"] / 0.1, rel=1e-4)


def test_both_posterior_forms_give_the_same_loss_for_the_same_cloud(digits):
    """A sigma head that says exp(log_var / 2) is the same model.

    Equal terms up to the smoothing.
    """
    x = tf.constant(digits.valid.floats(20))
    models = {}
    for form in ("log_var", "sigma"):
        model = variant("variational")(
            small_config("variational", posterior=form), (28, 28, 1), np.random.default_rng(0)
        )
        model.heads[0].kernel.assign(tf.zeros_like(model.heads[0].kernel))
        model.heads[0].bias.assign(
            tf.fill(model.heads[0].bias.shape, -1.0 if form == "log_var" else float(np.exp(-0.5)))
        )
        models[form] = model.loss_terms(x, StepContext(RandomStream(0, 0), True))
    for term in models["log_var"]:
        assert float(models["log_var"][term]) == pytest.approx(
            float(models["sigma"][term]), rel=1e-5
        )


def test_random_codings_are_standard_normal_only_where_a_prior_was_trained(digits):
    rng = np.random.default_rng(0)
    network = trained("stacked", few(digits, 500)).model.network()
    split = digits.train.take(slice(0, 2000))
    fitted = variant("stacked").sample(network, 20_000, rng, split)
    codings = network.encode(split.floats())
    assert np.allclose(fitted.mean(axis=0), codings.mean(axis=0), atol=4 * codings.std() / 100)
    assert np.allclose(
        np.cov(fitted.T), np.cov(codings.T), atol=0.05 * np.var(codings, axis=0).max()
    )
    prior = variant("variational").sample(network, 20_000, rng, split)
    assert abs(prior.mean()) < 0.02 and prior.std() == pytest.approx(1, rel=0.02)


@pytest.mark.parametrize("form", ["log_var", "sigma"])
def test_the_stored_network_has_the_clouds_of_training(digits, form):
    """Their divergence from the prior is what training measured, also out of a file."""
    training = trained("variational", few(digits, 1000), posterior=form)
    network = Network.from_bytes(training.model.network().to_bytes())
    x = digits.test.floats()
    mean, sigma = network.encode(x), network.deviations(x)
    kl = 0.5 * np.sum(sigma**2 + mean**2 - 1 - 2 * np.log(sigma), axis=1)
    assert np.mean(kl) == pytest.approx(evaluate(training.model, digits)["kl"], rel=1e-4)


def test_a_network_without_random_codings_has_no_clouds(digits):
    with pytest.raises(LabError, match="no standard deviations"):
        trained("stacked", few(digits, 100)).model.network().deviations(digits.test.floats(1))
