"""The denoising autoencoder: corrupted inputs, clean targets."""

import numpy as np
import pytest
import tensorflow as tf

from aecore import losses
from aecore.models import RandomStream, StepContext, variant
from aecore.training.corruption import Corruption
from aecore.training.evaluation import evaluate
from aecore.training.loop import Training
from tests.helpers import few, small_config, trained


def test_every_network_s_cleaning_is_measured_at_one_level(digits):
    """Whatever it was trained with.

    The same figure as for the same weights under another noise level.
    """
    loud = trained("denoising", few(digits, 500), noise_level=1.0)
    quiet = Training.fresh(
        variant("denoising"), small_config("denoising", noise_level=0.1), (28, 28, 1), 0
    )
    quiet.restore(
        {name: tensor for name, tensor in loud.tensors().items() if name.startswith("variable")},
        0,
        0,
    )
    one, other = (evaluate(training.model, digits) for training in (loud, quiet))
    assert (
        one["mse_at_noise_0.4"] == other["mse_at_noise_0.4"]
        and one["mse_from_noisy"] != other["mse_from_noisy"]
    )
    x = tf.constant(digits.test.floats())
    by_hand = float(
        tf.reduce_mean(
            tf.square(loud.model.reconstruct(x + 0.4 * RandomStream.measuring().normal(x)) - x)
        )
    )
    assert one["mse_at_noise_0.4"] == pytest.approx(by_hand, rel=1e-5)
    assert "mse_at_noise_0.4" in evaluate(trained("stacked", few(digits, 500)).model, digits)
    assert quiet.model.cleaning_error(
        digits.test.floats(), Corruption("gaussian", 0.1)
    ) == pytest.approx(other["mse_from_noisy"])


def test_corruption_is_off_at_prediction_and_the_target_is_clean(digits):
    model = variant("denoising")(
        small_config("denoising", noise_level=1.0), (28, 28, 1), np.random.default_rng(0)
    )
    x = tf.constant(digits.valid.floats(50))
    clean = float(tf.reduce_mean(losses.squared_error(x, model.reconstruct(x))))
    predicting = model.loss_terms(x, StepContext(RandomStream(0, 0)))["reconstruction_loss"]
    assert float(predicting) == pytest.approx(clean, rel=1e-6)
    seen = model.corrupt(x, RandomStream(0, 0))
    by_hand = float(tf.reduce_mean(losses.squared_error(x, model.reconstruct(seen))))
    assert float(
        model.loss_terms(x, StepContext(RandomStream(0, 0), True))["reconstruction_loss"]
    ) == pytest.approx(by_hand, rel=1e-6)


@pytest.mark.whole
def test_denoising_beats_the_plain_autoencoder_on_noisy_images(digits):
    noisy = {"noise_level": 0.5, "epochs": 5, "hidden_sizes": (100,), "codings_size": 50}
    denoiser = evaluate(trained("denoising", digits, **noisy).model, digits)["mse_from_noisy"]
    plain = trained("stacked", digits, epochs=5, hidden_sizes=(100,), codings_size=50).model
    x = tf.constant(digits.test.floats())
    seen = x + 0.5 * RandomStream.measuring().normal(x)
    assert denoiser < 0.7 * float(tf.reduce_mean(losses.squared_error(x, plain.reconstruct(seen))))


def test_the_corrupted_images_and_what_pca_makes_of_them_are_measured_too(digits):
    model = trained("denoising", few(digits, 500), codings_size=12).model
    figures = model.measure_at_end(digits)
    # Gaussian noise adds its variance
    level = model.config.noise_level
    assert figures["mse_of_noisy"] == pytest.approx(level**2, rel=0.01)
    rng = np.random.default_rng(0)
    x = digits.test.floats()
    seen = x + level * rng.standard_normal(x.shape, dtype=np.float32)
    by_hand = np.mean(np.square(digits.pca.reconstruct(seen, 12) - x))
    assert figures["pca_mse_from_noisy"] == pytest.approx(by_hand, rel=0.02)
