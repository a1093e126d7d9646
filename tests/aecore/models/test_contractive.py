"""The contractive autoencoder: its penalty, and what it does."""

import numpy as np
import pytest
import tensorflow as tf

from aecore.models import variant
from tests.helpers import small_config, trained


def test_the_contractive_penalty_is_the_squared_jacobian(digits):
    """Its closed form against the Jacobian that TensorFlow computes, row by row."""
    model = variant("contractive")(
        small_config("contractive"), (28, 28, 1), np.random.default_rng(0)
    )
    x = tf.constant(digits.valid.floats(30))
    with tf.GradientTape() as tape:
        tape.watch(x)
        codings = model.encode(x)
    jacobian = tape.batch_jacobian(codings, x).numpy()
    assert np.allclose(
        model.squared_slopes(codings),
        np.sum(np.square(jacobian, dtype=np.float64), axis=(1, 2)),
        rtol=1e-4,
    )
    assert (
        model.parameters == 784 * 8 + 8 + 784 == model.count_parameters(model.config, (28, 28, 1))
    )


@pytest.mark.whole
def test_contraction_keeps_codings_still_under_noise_and_smooths_what_units_look_for(digits):
    """Seen on seeds 0 to 2 with 1,000 units; here with 200.

    `moved` is relative to how far apart the images' codings are.
    """

    def found(weight: float) -> tuple[float, float, float]:
        model = trained(
            "contractive",
            digits,
            codings_size=200,
            contraction_weight=weight,
            learning_rate=0.003,
            epochs=8,
        ).model
        x = digits.test.floats()
        codings, noisy = (
            model.encode(tf.constant(seen)).numpy()
            for seen in (
                x,
                x + 0.4 * np.random.default_rng(0).standard_normal(x.shape).astype("f4"),
            )
        )
        moved = np.mean(np.sum(np.square(noisy - codings), axis=1)) / np.mean(
            np.sum(np.square(codings - codings.mean(axis=0)), axis=1)
        )
        kernels = model.encoder[0].kernel.numpy().T.reshape(-1, 28, 28)[:, 4:24, 4:24]
        rough = np.median(
            np.mean(np.square(np.diff(kernels, axis=1)), axis=(1, 2))
            / (2 * kernels.var(axis=(1, 2)))
        )  # 1 for white noise
        return model.measure(digits.test, digits)["squared_slopes"], moved, rough

    plain, contracted = found(0), found(0.0003)
    assert (
        contracted[0] < plain[0] / 2
        and contracted[1] < plain[1] / 2
        and contracted[2] < 0.75 * plain[2]
    )
