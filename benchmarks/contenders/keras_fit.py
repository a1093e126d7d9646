"""Keras as its documentation shows it: `compile` and `fit` over arrays, defaults throughout."""

import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
from keras import layers, ops
from shared import KEEP_PROB, SPARSITY_TARGET, inputs, serve, the_task

keras.utils.set_random_seed(0)
task = the_task()
x_all = inputs()
decay = keras.regularizers.L2(task.weight_decay / 2) if task.weight_decay else None


class Transposed(layers.Layer):
    """A layer whose kernel is another's, transposed."""

    def __init__(self, source, activation):
        super().__init__()
        self.source, self.activation = source, keras.activations.get(activation)

    def build(self, shape):
        self.bias = self.add_weight(shape=(self.source.kernel.shape[0],), initializer="zeros")

    def call(self, h):
        return self.activation(ops.matmul(h, ops.transpose(self.source.kernel)) + self.bias)


class Draw(layers.Layer):
    """Codings from mean and log variance; adds the Gaussian KL to the loss."""

    def __init__(self):
        super().__init__()
        self.seed = keras.random.SeedGenerator(0)

    def call(self, mean_and_log_var):
        mean, log_var = mean_and_log_var
        self.add_loss(
            ops.mean(0.5 * ops.sum(ops.exp(log_var) + ops.square(mean) - 1 - log_var, axis=1))
        )
        return mean + ops.exp(0.5 * log_var) * keras.random.normal(ops.shape(mean), seed=self.seed)


def sparsity(codings):
    """Keras divides an activity regulariser by the batch size, so it is given back here."""
    q, p = ops.clip(ops.mean(codings, axis=0), 1e-7, 1 - 1e-7), SPARSITY_TARGET
    divergence = ops.sum(p * ops.log(p / q) + (1 - p) * ops.log((1 - p) / (1 - q)))
    return task.sparsity_weight * divergence * ops.cast(ops.shape(codings)[0], "float32")


def dense(size, activation, **more):
    return layers.Dense(
        size,
        activation=activation,
        kernel_initializer="he_normal",
        kernel_regularizer=decay,
        **more,
    )


x = h = keras.Input((task.sizes[0],))
loss = "mse"
if task.kind == "gaussian":
    h = layers.GaussianNoise(task.noise_level)(h)
if task.kind == "dropout":
    h = layers.Dropout(1 - KEEP_PROB)(h)
if task.kind == "variational":
    for size in task.sizes[1:3]:
        h = dense(size, task.activation)(h)
    h = Draw()([dense(task.sizes[3], None)(h), dense(task.sizes[3], None)(h)])
    for size in task.sizes[4:-1]:
        h = dense(size, task.activation)(h)
    h = dense(task.sizes[-1], None)(h)

    def loss(y, logits):
        return ops.sum(ops.binary_crossentropy(y, logits, from_logits=True), axis=-1)

elif task.kind == "tied":
    encoder = [dense(size, task.activation) for size in task.sizes[1:3]]
    for layer in encoder:
        h = layer(h)
    h = Transposed(encoder[1], task.activation)(h)
    h = Transposed(encoder[0], None)(h)
else:
    for i, size in enumerate(task.sizes[1:-1]):
        h = dense(
            size,
            task.activation,
            activity_regularizer=sparsity if task.kind == "sparse" and i == 0 else None,
        )(h)
    h = dense(task.sizes[-1], None)(h)
model = keras.Model(x, h)
model.compile(optimizer=keras.optimizers.Adam(task.learning_rate), loss=loss)


def block(steps):
    """As many whole batches of the first rows; a small data set is gone through again."""
    n = min(steps * task.batch_size, len(x_all) // task.batch_size * task.batch_size)
    epochs = max(1, min(50, steps * task.batch_size // n))  # of the 3-D points: each takes 30 ms
    begin = time.perf_counter()
    history = model.fit(x_all[:n], x_all[:n], batch_size=task.batch_size, epochs=epochs, verbose=0)
    return epochs * n // task.batch_size, time.perf_counter() - begin, history.history["loss"][-1]


serve(block)
