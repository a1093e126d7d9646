"""Losses as pure functions: tensors in, one value per image out. The caller takes the mean.

Units: `squared_error` in squared pixels, averaged over the pixels; everything else in nats (natural
logarithm).
"""

from __future__ import annotations

from typing import Any

from aecore.backend import tf

Tensor = Any  # tf.Tensor, without importing TensorFlow


def squared_error(x: Tensor, outputs: Tensor) -> Tensor:
    """(1/D) sum_i (outputs_i - x_i)^2 for each image.

    x, outputs: [B, D]. Returns [B], squared pixels.

    Its gradient by the outputs is (2/D) (outputs - x). It is defined here, so that both share one
    difference: that saves 3 to 6 % of a training step.
    """

    def error(x: Tensor, outputs: Tensor) -> tuple[Tensor, Any]:
        difference = outputs - x
        mean = 1 / difference.shape[1]

        def backward(upstream: Tensor) -> tuple[Tensor, Tensor]:
            by_outputs = (2 * mean * upstream)[:, None] * difference
            return -by_outputs, by_outputs

        return mean * tf.reduce_sum(tf.square(difference), axis=1), backward

    return tf.custom_gradient(error)(x, outputs)


def cross_entropy(x: Tensor, logits: Tensor) -> Tensor:
    """-sum_i [x_i log s_i + (1 - x_i) log(1 - s_i)], s = sigmoid(logits), for each image.

    x in [0, 1], logits: [B, D]. Returns [B], nats an image.

    It is computed from the logits l, so that a confident pixel cannot give log 0: for each pixel
    max(l, 0) - x l - log max(s, 1 - s). Its gradient by the logits, s - x, is defined here too.

    For grey pixels this is not a likelihood: its minimum is the pixels' own entropy (45.53 nats an
    image on MNIST's test images), not 0.
    """

    def entropy(x: Tensor, logits: Tensor) -> tuple[Tensor, Any]:
        s = tf.sigmoid(logits)
        value = tf.reduce_sum(tf.nn.relu(logits) - x * logits, axis=1) - _sum_of_logs(
            tf.maximum(s, 1 - s)
        )

        def backward(upstream: Tensor) -> tuple[Tensor, Tensor]:
            return -upstream[:, None] * logits, upstream[:, None] * (s - x)

        return value, backward

    return tf.custom_gradient(entropy)(x, logits)


def _sum_of_logs(p: Tensor) -> Tensor:
    """sum_i log p_i for each row of p [B, D], 1/2 <= p <= 1.

    One logarithm for up to 98 factors: float32 holds their product, at least 2^-98.
    """
    size = next(n for n in range(98, 0, -1) if p.shape[1] % n == 0)
    return tf.reduce_sum(
        tf.math.log(tf.reduce_prod(tf.reshape(p, [-1, p.shape[1] // size, size]), axis=2)), axis=1
    )


def bernoulli_kl(target: float, mean_activation: Tensor) -> Tensor:
    """KL(p || q) = p log(p/q) + (1-p) log((1-p)/(1-q)) for each unit.

    p = target, q = the batch's mean activation (Ng, CS294A notes, 2011).

    mean_activation: [codings_size]. Returns [codings_size], nats; exactly 0 if q = p. q is clipped
    to 1e-7 from 0 and 1, where the term would be infinite.
    """
    q = tf.clip_by_value(mean_activation, 1e-7, 1 - 1e-7)
    return target * tf.math.log(target / q) + (1 - target) * tf.math.log((1 - target) / (1 - q))


def gaussian_kl(mean: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(mean, exp(log_var)) || N(0, 1)) = 1/2 sum_j (exp(log_var_j) + mean_j^2 - 1 - log_var_j).

    mean, log_var: [B, codings_size]. Returns [B], nats an image (Kingma & Welling 2014, app. B).
    """
    return 0.5 * tf.reduce_sum(tf.exp(log_var) + tf.square(mean) - 1.0 - log_var, axis=1)


def gaussian_kl_sigma(mean: Tensor, sigma: Tensor, smoothing: float = 1e-10) -> Tensor:
    """The same KL from sigma: 1/2 sum_j (sigma_j^2 + mean_j^2 - 1 - log(smoothing + sigma_j^2)).

    mean, sigma: [B, codings_size]. Returns [B], nats an image. The smoothing term avoids log 0 if a
    sigma vanishes. The result differs from `gaussian_kl` by at most smoothing / (2 sigma^2) for
    each coding.
    """
    return 0.5 * tf.reduce_sum(
        tf.square(sigma) + tf.square(mean) - 1.0 - tf.math.log(smoothing + tf.square(sigma)), axis=1
    )


def half_squared_weights(kernels: list[Tensor]) -> Tensor:
    """1/2 sum_w w^2 over all kernels: the L2 penalty before its weight. Scalar.

    The factor 1/2 is TensorFlow 1's convention, as in the course.
    """
    return tf.add_n([tf.nn.l2_loss(kernel) for kernel in kernels])
