"""The randomness of one training step, which depends only on a seed and the step."""

from __future__ import annotations

import math
from typing import Any

from aecore.backend import tf

Tensor = Any


class RandomStream:
    """The random draws of one step. They depend only on (seed, step), so a resumed run repeats.

    Philox (Salmon et al. 2011) is based on a counter, so a draw can start at any row. For a share
    of the batch that starts at `first_row`, a draw gives those rows of the whole batch's draw.
    Results do not depend on the number of shares.
    """

    def __init__(self, seed: Tensor, step: Tensor, first_row: Tensor = 0):
        self._seed, self._step, self._first_row, self._draws = seed, step, first_row, 0

    @classmethod
    def measuring(cls) -> RandomStream:
        """Returns the draws for measuring: the same for every network, so figures compare."""
        return cls(0, -2)

    def normal(self, like: Tensor) -> Tensor:
        """Draws N(0, 1) in the shape of `like`, [B, n].

        Each 32 random bits give two numbers (Box & Muller 1958), so none is beyond 5.4.
        TensorFlow's own generator takes two and a half times as long, a third of a step of the
        denoising network.
        """
        bits = self._bits(like)
        high = tf.cast(tf.bitwise.right_shift(bits, 12), tf.float32)  # 20 bits, with sign
        low = tf.cast(tf.bitwise.bitwise_and(bits, 2**12 - 1), tf.float32)
        u = (high + (2**19 + 0.5)) * 2**-20  # in (0, 1)
        angle = low * (2 * math.pi * 2**-12)
        radius = tf.sqrt(-2.0 * tf.math.log(u))
        return self._halves(
            tf.cast(radius * tf.cos(angle), like.dtype),
            tf.cast(radius * tf.sin(angle), like.dtype),
            like,
        )

    def keep_mask(self, like: Tensor, keep_prob: float) -> Tensor:
        """Draws 1 with the chance `keep_prob` (to 16 bits), else 0.

        The shape is that of `like`, [B, n].
        """
        bits, limit = self._bits(like), round(keep_prob * 2**16)
        low = tf.bitwise.bitwise_and(bits, 2**16 - 1) < limit
        high = tf.bitwise.right_shift(bits, 16) < limit - 2**15
        return self._halves(tf.cast(low, like.dtype), tf.cast(high, like.dtype), like)

    def _bits(self, like: Tensor) -> Tensor:
        """Draws 32 bits for every two columns of `like`: [B, width], int32.

        The width is such that every row starts with a new count.
        """
        self._draws += 1
        width = 4 * math.ceil(like.shape[1] / 8)  # Philox gives four numbers a count
        row = tf.cast(self._first_row, tf.int64) * (width // 4)
        counter = tf.cast(tf.stack([row, tf.cast(self._step, tf.int64)]), tf.uint64)
        # Seeds have 31 bits, so no two draws share a key.
        key = tf.cast([tf.cast(self._seed, tf.int64) + (self._draws << 32)], tf.uint64)
        return tf.raw_ops.StatelessRandomUniformFullIntV2(
            shape=[tf.shape(like)[0], width], key=key, counter=counter, alg=1, dtype=tf.int32
        )

    @staticmethod
    def _halves(left: Tensor, right: Tensor, like: Tensor) -> Tensor:
        return tf.concat([left, right], axis=1)[:, : like.shape[1]]
