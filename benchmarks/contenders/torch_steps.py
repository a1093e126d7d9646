"""PyTorch: eager, or `torch.compile` if the third argument says "compile".

Fused Adam, data resident, batches by row numbers.
"""

import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
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

torch.manual_seed(the_seed())
task = the_task()
x_all = torch.from_numpy(inputs())
layers = [
    (torch.from_numpy(w).requires_grad_(), torch.from_numpy(b).requires_grad_())
    for w, b in first_weights(task)
]
if task.kind == "tied":
    half = len(layers) // 2
    layers = layers[:half] + [(layers[half - 1 - i][0].T, layers[half + i][1]) for i in range(half)]
moving = [v for w, b in layers for v in (w, b) if v.is_leaf]
adam = torch.optim.Adam(moving, lr=task.learning_rate, fused=True)
acts = [
    {"elu": F.elu, "sigmoid": torch.sigmoid, "linear": lambda h: h}[kind]
    for kind in activations(task)
]


def dense(h, layer):
    return torch.addmm(layer[1], h, layer[0])


def loss_of(x):
    if task.kind == "variational":
        act = acts[0]
        h = act(dense(act(dense(x, layers[0])), layers[1]))
        mean, log_var = dense(h, layers[2]), dense(h, layers[6])
        h = mean + torch.exp(0.5 * log_var) * torch.randn_like(mean)
        logits = dense(act(dense(act(dense(h, layers[3])), layers[4])), layers[5])
        error = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        return (error + 0.5 * torch.sum(torch.exp(log_var) + mean.square() - 1 - log_var)) / len(x)
    h = x
    if task.kind == "gaussian":
        h = x + task.noise_level * torch.randn_like(x)
    elif task.kind == "dropout":
        h = F.dropout(x, 1 - KEEP_PROB)
    for layer, act in zip(layers, acts, strict=True):
        before, h = h, act(dense(h, layer))
    loss = F.mse_loss(h, x)
    if task.kind == "sparse":
        q, p = before.mean(0).clamp(1e-7, 1 - 1e-7), SPARSITY_TARGET
        loss = loss + task.sparsity_weight * torch.sum(
            p * torch.log(p / q) + (1 - p) * torch.log((1 - p) / (1 - q))
        )
    if task.weight_decay:
        loss = loss + task.weight_decay * 0.5 * sum(
            w.square().sum() for w, _ in layers if w.is_leaf
        )
    return loss


if sys.argv[3:4] == ["compile"]:
    loss_of = torch.compile(loss_of)
rng = np.random.default_rng([1, the_seed()])


def block(steps):
    rows = torch.from_numpy(shuffled_rows(len(x_all), steps, task.batch_size, rng)).long()
    full = task.batch_size >= len(x_all)
    begin = time.perf_counter()
    for batch in rows:
        loss = loss_of(x_all if full else x_all[batch])
        adam.zero_grad(set_to_none=True)
        loss.backward()
        adam.step()
    last = loss.item()
    return steps, time.perf_counter() - begin, last


serve(block, lambda: [(w.detach().numpy(), b.detach().numpy()) for w, b in layers])
