"""When a training that came to its end gets a warning."""

import numpy as np
import pytest
import tensorflow as tf

from aecore.models import variant
from aecore.training.evaluation import evaluate, warning
from tests.helpers import few, small_config, trained

STACKED = variant("stacked"), small_config("stacked")  # 8 codings


@pytest.mark.parametrize("name", ["digits", "mnist"])
def test_one_coding_of_pca_is_no_collapse(name, request):
    data = request.getfixturevalue(name)
    x = data.test.floats()
    figures = {
        "mse": data.pca.mse(x, 1),
        "mean_mse": float(np.mean(np.square(x - data.pca.mean))),
        "dead_codings": 0,
    }
    assert warning(figures, *STACKED) == ""


def test_dead_codings_are_counted_and_reported(digits):
    training = trained("stacked", few(digits, 500))
    codings = training.model.encoder[-1]
    kernel = codings.kernel.numpy()
    kernel[:, [1, 4, 5]] = 0  # these give their bias for every image
    codings.kernel.assign(kernel)
    figures = evaluate(training.model, digits)
    assert figures["dead_codings"] == 3
    assert "3 of 8 codings are dead" in warning(figures | {"mse": 0.01}, *STACKED)
    assert not warning(figures | {"mse": 0.01}, variant("k_sparse"), small_config("k_sparse"))


def test_a_network_at_the_mean_images_error_is_reported(digits):
    training = trained("stacked", few(digits, 500), epochs=1)
    *_, last = training.model.decoder
    mean = np.clip(digits.pca.mean, 1e-4, 1 - 1e-4)
    last.kernel.assign(tf.zeros_like(last.kernel))
    last.bias.assign(np.log(mean / (1 - mean)))
    figures = evaluate(training.model, digits)
    assert figures["mse"] == pytest.approx(figures["mean_mse"], rel=0.01)
    assert "is about that" in warning(figures, *STACKED)
    assert "is above that" in warning(figures | {"mse": 25.0}, *STACKED)


@pytest.mark.parametrize(
    ("name", "values", "advice"),
    [
        ("stacked", {}, "Try a smaller learning rate."),
        (
            "stacked",
            {"codings_activation": "relu", "weight_decay": 0.1},
            "Try linear codings, less weight on the loss's other terms or a smaller learning rate.",
        ),
        ("convolutional", {}, "Try a smaller learning rate."),
        ("convolutional", {"filter_size": 1}, "Take filters of 2 pixels or more."),
        ("sparse", {}, "Try less weight on the loss's other terms or a smaller learning rate."),
    ],
)
def test_the_advice_can_be_taken(name, values, advice):
    figures = {"mse": 0.07, "mean_mse": 0.07}
    assert warning(figures, variant(name), small_config(name, **values)).endswith(advice)


def test_the_mean_image_has_its_published_error_on_mnist(mnist):
    """.06747: what a network that learned nothing about single images gets."""
    x = mnist.test.floats()
    assert float(np.mean(np.square(x - mnist.pca.mean))) == pytest.approx(0.06747, abs=2e-5)


def test_filters_of_one_pixel_are_blamed_only_for_an_error_about_the_mean_images():
    figures = {"mse": 0.05, "mean_mse": 0.05, "dead_codings": 0}
    config = small_config("convolutional", filter_size=1)
    assert "filters of 1 pixel" in warning(figures, variant("convolutional"), config)
    far_above = warning(figures | {"mse": 5.0}, variant("convolutional"), config)
    assert "collapsed" in far_above and "filters of 1 pixel" not in far_above
