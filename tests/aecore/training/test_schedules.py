"""The rate's share over a phase."""

import numpy as np
import tensorflow as tf

from aecore.training.adam import share_of_rate


def test_a_restarted_rate_rises_again_and_falls_to_zero_twice():
    def share(*done):
        return share_of_rate("restart", tf.constant(done)).numpy()

    assert np.allclose(
        share(0.0, 0.1, 0.2, 0.22, 0.24, 0.6, 1.0),
        [1, 0.5, 0, 0.5 * 0.998459, 0.993844, 0.5, 0],
        atol=1e-5,
    )
    assert share(0.1999)[0] < 1e-4 and share(0.2001)[0] < 0.01
