"""The lab: its own path with events, validation, snapshots, log and checkpoints ("run"), or its
compiled steps alone ("bare").
"""

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
from shared import KEEP_PROB, SPARSITY_TARGET, serve, shuffled_rows, the_task

from aecore.data import sources
from aecore.jobs.session import RunSession
from aecore.models import variant
from aecore.runs import store
from aecore.training import inputs
from aecore.training.events import Steps
from aecore.training.loop import Training, train

task = the_task()
name = {"plain": "stacked", "gaussian": "denoising", "dropout": "denoising"}.get(
    task.kind, task.kind
)
values = {
    "codings_size": task.sizes[len(task.sizes) // 2],
    "learning_rate": task.learning_rate,
    "schedule": "constant",
    "batch_size": task.batch_size,
    "epochs": 10_000,
    "first_output": "zero",
}
if len(task.sizes) == 3 and task.activation == "linear":
    name = "linear"
else:
    values |= {
        "hidden_sizes": task.sizes[1 : len(task.sizes) // 2],
        "activation": task.activation,
        "weight_decay": task.weight_decay,
    }
    values["output"] = "sigmoid" if task.kind == "variational" else "linear"
    if task.kind not in ("sparse", "variational"):
        values["codings_activation"] = task.activation
of_its_kind: dict[str, dict[str, object]] = {
    "sparse": {"sparsity_target": SPARSITY_TARGET, "sparsity_weight": task.sparsity_weight},
    "gaussian": {"noise_level": task.noise_level},
    "dropout": {"corruption": "dropout", "keep_prob": KEEP_PROB, "rescale": True},
}
values |= of_its_kind.get(task.kind, {})
dataset = sources.load(
    "points3d" if name == "linear" else "mnist" if sources.available("mnist") else "digits"
)


def in_full():
    """Blocks of the training that a worker does, as a visitor would start it."""
    config = variant(name).Config.build(values)
    run = store.create(
        Path(tempfile.mkdtemp()), variant_name=name, dataset=dataset.name, config=config, seed=0
    )
    training = Training.fresh(variant(name), run.config, dataset.input_shape, 0)
    training.extra_epochs = 10**6
    session = RunSession(
        run, training, interrupted=lambda: False, wanted=lambda: False, paused=False
    )
    clock = Stopped()
    time.monotonic = clock  # snapshots and checkpoints come by it
    events = train(training, dataset, session.controls)

    def block(steps):
        clock.go_on()
        taken, loss, begin = 0, float("nan"), time.perf_counter()
        while taken < steps:
            event = next(events)
            session.take(event)
            if isinstance(event, Steps):
                taken += len(next(iter(event.terms.values())))
                loss = sum(float(values[-1]) for values in event.terms.values())
        seconds = time.perf_counter() - begin
        clock.stop()
        return taken, seconds, loss

    return block


class Stopped:
    """A clock that is stopped while the other contenders run.

    Otherwise every block would begin with a snapshot and a checkpoint that became due meanwhile.
    """

    def __init__(self):
        self.real, self.lost = time.monotonic, 0.0
        self.stop()

    def __call__(self):
        return self.real() - self.lost

    def stop(self):
        self.stopped = self.real()

    def go_on(self):
        self.lost += self.real() - self.stopped


def bare():
    training = Training.fresh(
        variant(name), variant(name).Config.build(values), dataset.input_shape, 0
    )
    training.begin_moments()
    data = inputs.Resident(dataset.train.x, dataset.train.labels)
    compiled = training.compile(data, task.batch_size).steps
    rng = np.random.default_rng(1)

    def block(steps):
        rows = shuffled_rows(len(dataset.train), steps, task.batch_size, rng)
        begin = time.perf_counter()
        for first in range(0, steps, compiled.longest):
            part = rows[first : first + compiled.longest]
            terms, _ = compiled(data, part, training.step, task.learning_rate, 1, 0)
            training.step += len(part)
        loss = sum(float(column[-1]) for column in terms.values())
        return steps, time.perf_counter() - begin, loss

    return block


serve(in_full() if sys.argv[3:4] == ["run"] else bare())
