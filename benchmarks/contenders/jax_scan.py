"""JAX: `jit` over `lax.scan`, Adam written out, data resident, noise by JAX's own generators."""

import time

import jax
import jax.numpy as jnp
import numpy as np
from shared import (
    KEEP_PROB,
    SPARSITY_TARGET,
    activations,
    first_weights,
    inputs,
    serve,
    shuffled_rows,
    the_seed,
    the_task,
)

task = the_task()
x_all = jnp.asarray(inputs())
weights = [(jnp.asarray(w), jnp.asarray(b)) for w, b in first_weights(task)]
if task.kind == "tied":
    weights = [(w if i < len(weights) // 2 else None, b) for i, (w, b) in enumerate(weights)]
acts = [
    {"elu": jax.nn.elu, "sigmoid": jax.nn.sigmoid, "linear": lambda h: h}[kind]
    for kind in activations(task)
]


def dense(h, layer):
    return h @ layer[0] + layer[1]


def loss_of(layers, x, key):
    if task.kind == "tied":
        n = len(layers)
        layers = [
            layer if layer[0] is not None else (layers[n - 1 - i][0].T, layer[1])
            for i, layer in enumerate(layers)
        ]
    if task.kind == "variational":
        act = acts[0]
        h = act(dense(act(dense(x, layers[0])), layers[1]))
        mean, log_var = dense(h, layers[2]), dense(h, layers[6])
        h = mean + jnp.exp(0.5 * log_var) * jax.random.normal(key, mean.shape)
        logits = dense(act(dense(act(dense(h, layers[3])), layers[4])), layers[5])
        error = jnp.sum(jnp.maximum(logits, 0) - logits * x + jnp.log1p(jnp.exp(-jnp.abs(logits))))
        return (error + 0.5 * jnp.sum(jnp.exp(log_var) + mean**2 - 1 - log_var)) / len(x)
    h = x
    if task.kind == "gaussian":
        h = x + task.noise_level * jax.random.normal(key, x.shape)
    elif task.kind == "dropout":
        h = jnp.where(jax.random.bernoulli(key, KEEP_PROB, x.shape), x / KEEP_PROB, 0)
    for layer, act in zip(layers, acts, strict=True):
        before, h = h, act(dense(h, layer))
    loss = jnp.mean((h - x) ** 2)
    if task.kind == "sparse":
        q, p = jnp.clip(before.mean(0), 1e-7, 1 - 1e-7), SPARSITY_TARGET
        loss = loss + task.sparsity_weight * jnp.sum(
            p * jnp.log(p / q) + (1 - p) * jnp.log((1 - p) / (1 - q))
        )
    if task.weight_decay:
        kernels = [w for w, _ in weights_only(layers)]
        loss = loss + task.weight_decay * 0.5 * sum(jnp.sum(w**2) for w in kernels)
    return loss


def weights_only(layers):
    return layers[: len(layers) // 2] if task.kind == "tied" else layers


@jax.jit
def run(state, x_all, rows):
    def step(state, rows):
        params, m, v, t, key = state
        t, (key, draw) = t + 1, jax.random.split(key)
        x = x_all if task.batch_size >= len(x_all) else x_all[rows]
        loss, g = jax.value_and_grad(loss_of)(params, x, draw)
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        rate = task.learning_rate * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        params = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-8), params, m, v)
        return (params, m, v, t, key), loss

    return jax.lax.scan(step, state, rows)


zeros = jax.tree.map(jnp.zeros_like, weights)
state = (weights, zeros, zeros, jnp.float32(0), jax.random.key(the_seed()))
rng = np.random.default_rng([1, the_seed()])


def block(steps):
    global state
    rows = jnp.asarray(shuffled_rows(len(x_all), steps, task.batch_size, rng))
    begin = time.perf_counter()
    state, losses = run(state, x_all, rows)
    last = float(losses[-1])
    return steps, time.perf_counter() - begin, last


serve(block, lambda: [(np.asarray(w), np.asarray(b)) for w, b in state[0]])
