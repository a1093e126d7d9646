"""Training as a silent generator: `train()` computes and yields frozen events; its listener prints, saves, draws and sleeps.

How it is fast: the inputs stay resident in TensorFlow, a chunk of many steps is one call of one compiled function that takes only
shuffled row numbers, and Adam is TensorFlow's fused kernel. Between two events a listener may turn the `Dial` or close the generator.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from aecore.backend import tf
from aecore.datasets import Dataset
from aecore.errors import LabError
from aecore.models import Autoencoder, Noise, Phase

Array = np.ndarray
CHUNK_SECONDS = 0.2  # how long a chunk should take: five reports a second
STEPS_BETWEEN_EVALUATIONS = 50  # at least; where epochs are shorter, several pass between two evaluations
SNAPSHOT_SECONDS = 1.0  # between two pictures of the fixed handful; three per cent of the time so far once that is longer


@dataclass(frozen=True)
class PhaseStarted:
    phase: int
    name: str
    phases: int
    epochs: int
    steps_per_epoch: int
    parameters: int  # how many numbers move in this phase


@dataclass(frozen=True)
class Steps:
    """A chunk of steps has been taken; `terms` holds one value of each loss term for each of them."""

    phase: int
    epoch: int  # epochs begun, from 1
    step: int  # steps taken in this phase so far
    terms: dict[str, Array]
    images: int
    seconds: float
    learning_rate: float  # of the last of these steps


@dataclass(frozen=True)
class EpochEnded:
    """`train`: means over the steps since the last evaluation; `valid`: over the validation split, with `mse` of the reconstructions."""

    phase: int
    epoch: int
    step: int
    train: dict[str, float]
    valid: dict[str, float]


@dataclass(frozen=True)
class Snapshot:
    """What the network makes of the fixed handful right now, and the variant's own meters."""

    phase: int
    epoch: int
    step: int
    reconstructions: Array  # [n, n_inputs] float32
    seen: Array | None  # [n, n_inputs], what the encoder was shown where that is not the handful itself
    meters: dict[str, float]


Event = PhaseStarted | Steps | EpochEnded | Snapshot


class Diverged(LabError):
    """The loss is no longer a number."""


@dataclass
class Dial:
    """What a listener may turn between two events."""

    learning_rate: float | None = None  # None: the config's
    most_steps: int | None = None  # in the next chunk; 1 is single-stepping


@dataclass
class Training:
    """All that a training is at one moment: the network, where it stands, and Adam's memory of the phase."""

    model: Autoencoder
    seed: int
    extra_epochs: int = 0  # added to the last phase by "train more"; the schedule then spans old and new ones
    phase: int = 0
    step: int = 0  # taken in this phase
    moments: list[tuple[Any, Any]] = field(default_factory=list)  # Adam's (m, v) for each variable of the phase

    @classmethod
    def fresh(cls, variant: type[Autoencoder], config: Any, n_inputs: int, seed: int) -> Training:
        """An untrained network; everything random about it follows from `seed`."""
        return cls(variant(config, n_inputs, np.random.default_rng([seed, 0])), seed)

    def phases(self) -> list[Phase]:
        return self.model.phases()

    def epochs_of(self, index: int) -> int:
        phases = self.phases()
        return phases[index].epochs + (self.extra_epochs if index == len(phases) - 1 else 0)

    def tensors(self) -> dict[str, Array]:
        """Everything to be stored, by name."""
        stored = {f"variable.{i}": variable.numpy() for i, variable in enumerate(self.model.variables)}
        for i, (m, v) in enumerate(self.moments):
            stored |= {f"moment.{i}.m": m.numpy(), f"moment.{i}.v": v.numpy()}
        return stored

    def restore(self, tensors: dict[str, Array], phase: int, step: int) -> None:
        """Take up a stored training; `LabError` where the tensors do not fit this network."""
        wanted = {f"variable.{i}": variable for i, variable in enumerate(self.model.variables)}
        self.phase, self.step = phase, step
        if "moment.0.m" in tensors:
            self.begin_moments()
            for i, (m, v) in enumerate(self.moments):
                wanted |= {f"moment.{i}.m": m, f"moment.{i}.v": v}
        if {name: tuple(variable.shape) for name, variable in wanted.items()} != {name: a.shape for name, a in tensors.items()}:
            raise LabError("The stored weights do not fit this run's settings, so the run is damaged; open another or train again.")
        for name, variable in wanted.items():
            variable.assign(tensors[name])

    def begin_moments(self) -> None:
        """A fresh optimiser for the phase: its moments and its bias correction start at zero."""
        variables = self.phases()[self.phase].variables
        self.moments = [(tf.Variable(tf.zeros_like(v)), tf.Variable(tf.zeros_like(v))) for v in variables]


def train(training: Training, dataset: Dataset, dial: Dial | None = None) -> Generator[Event]:
    """Train to the end of the last phase, yielding events; `training` is up to date whenever an event arrives.

    The weights after any step follow from config, data and seed alone: not from how the steps were cut into chunks, nor from pauses,
    nor from having been stored and taken up again. Raises `Diverged` where the loss stops being a number.
    """
    dial = dial or Dial()
    images, valid, handful = (_resident(x) for x in (dataset.train.x, dataset.valid.x, dataset.test.x[dataset.fixed_handful()]))
    shown = training.model.corrupt(handful, Noise(training.seed, -3))
    corrupted = None if shown is handful else shown
    began, last_snapshot, chunk_steps = time.monotonic(), -math.inf, 1
    n_phases = len(training.phases())
    while True:
        phase = training.phases()[training.phase]
        if not training.moments:
            training.begin_moments()
        inputs, valid_inputs = (phase.features(x) if phase.features else x for x in (images, valid))  # cached for the whole phase
        n = int(images.shape[0])
        batch_size = min(training.model.config.batch_size, n)
        steps_per_epoch = math.ceil(n / batch_size)
        epochs = training.epochs_of(training.phase)
        steps = _compiled_steps(training, phase, inputs, epochs * steps_per_epoch)
        evaluate = _compiled_evaluation(phase, valid_inputs, valid, training.seed)
        moving = sum(int(np.prod(variable.shape)) for variable in phase.variables)
        yield PhaseStarted(training.phase, phase.name, n_phases, epochs, steps_per_epoch, moving)
        every = math.ceil(STEPS_BETWEEN_EVALUATIONS / steps_per_epoch)
        while (epoch := training.step // steps_per_epoch) < epochs:
            first_epoch = epoch - epoch % every
            last_epoch = min(first_epoch + every, epochs)
            since_evaluation: list[dict[str, Array]] = []
            for rows in _shuffled(n, batch_size, training, range(first_epoch, last_epoch), first_epoch * steps_per_epoch):
                while len(rows):
                    now = time.monotonic()
                    if now - last_snapshot >= max(SNAPSHOT_SECONDS if dataset.image_shape else CHUNK_SECONDS, 0.03 * (now - began)):
                        last_snapshot = now
                        yield _snapshot(training, phase.reconstruct(shown), corrupted, steps_per_epoch, dataset)
                    size = min(chunk_steps, dial.most_steps or chunk_steps, len(rows))
                    rate = dial.learning_rate or training.model.config.learning_rate
                    begin = time.perf_counter()
                    values, last_rate = steps(tf.constant(rows[:size]), training.step, rate)
                    values = {name: column.numpy() for name, column in values.items()}
                    seconds = time.perf_counter() - begin
                    training.step += size
                    bad = ~np.isfinite(sum(values.values()))
                    if bad.any():
                        raise Diverged(
                            f"The loss stopped being a number at step {training.step - size + int(bad.argmax()) + 1}: the learning rate of {rate:g} "
                            "is too large for this network; expected a loss that falls. Try a tenth of it."
                        )
                    since_evaluation.append(values)
                    yield Steps(
                        training.phase, math.ceil(training.step / steps_per_epoch), training.step, values,
                        size * rows.shape[1], seconds, float(last_rate),
                    )  # fmt: skip
                    rows = rows[size:]
                    if size == chunk_steps:  # the first call also compiles, so grow gently from one step
                        chunk_steps = max(1, min(4 * chunk_steps, round(size * CHUNK_SECONDS / seconds)))
            yield EpochEnded(
                training.phase, last_epoch, training.step, _means(since_evaluation), {name: float(v) for name, v in evaluate().items()}
            )
        yield _snapshot(training, phase.reconstruct(shown), corrupted, steps_per_epoch, dataset)
        if training.phase == n_phases - 1:
            return
        training.phase, training.step, training.moments = training.phase + 1, 0, []


def _resident(x: Array) -> Any:
    """Inputs as one float32 tensor; pixels are scaled to [0, 1] by TensorFlow, six times faster than by NumPy."""
    return tf.cast(tf.constant(x), tf.float32) / 255.0 if x.dtype == np.uint8 else tf.constant(x)


def _compiled_steps(training: Training, phase: Phase, inputs: Any, total_steps: int) -> Any:
    """One compiled function: row numbers [S, B] -> each loss term [S] and the last rate, with S steps of Adam taken."""
    variables, moments = phase.variables, training.moments
    names = list(phase.loss_terms(inputs[:1], Noise(training.seed, 0), True))
    cosine = training.model.config.schedule == "cosine"

    @tf.function(
        autograph=False,
        input_signature=[tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([], tf.int32), tf.TensorSpec([], tf.float32)],
    )
    def steps(rows: Any, first_step: Any, learning_rate: Any) -> Any:
        length = tf.shape(rows)[0]
        logs = [tf.TensorArray(tf.float32, length, element_shape=[]) for _ in names]

        def one_step(i: Any, rate: Any, logs: list[Any]) -> Any:
            step = first_step + i
            x = tf.gather(inputs, rows[i])  # [B, n_inputs]
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(variables)
                terms = phase.loss_terms(x, Noise(training.seed, step), True)
                loss = tf.add_n(list(terms.values()))
            gradients = tape.gradient(loss, variables)
            taken = tf.cast(step, tf.float32)
            rate = learning_rate * (0.5 * (1 + tf.cos(math.pi * taken / total_steps)) if cosine else 1.0)
            _adam(variables, moments, gradients, taken + 1, rate)
            return i + 1, rate, [log.write(i, value) for log, value in zip(logs, terms.values(), strict=True)]

        _, rate, logs = tf.while_loop(lambda i, *_: i < length, one_step, (0, learning_rate, logs), parallel_iterations=1)
        return {name: log.stack() for name, log in zip(names, logs, strict=True)}, rate

    return steps


def _adam(variables: list[Any], moments: list[Any], gradients: list[Any], t: Any, rate: Any) -> None:
    """Kingma & Ba (2015), algorithm 1, by TensorFlow's fused kernel; t is the phase's step, from 1."""
    beta1, beta2 = 0.9, 0.999
    for variable, (m, v), gradient in zip(variables, moments, gradients, strict=True):
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle, m=m.handle, v=v.handle, beta1_power=tf.pow(beta1, t), beta2_power=tf.pow(beta2, t),
            lr=rate, beta1=beta1, beta2=beta2, epsilon=1e-8, grad=gradient,
        )  # fmt: skip


def _compiled_evaluation(phase: Phase, valid_inputs: Any, valid: Any, seed: int) -> Any:
    """One compiled function without arguments: the validation split's loss terms, and the pixels' mean squared error."""

    @tf.function(autograph=False)
    def evaluate() -> dict[str, Any]:
        error = tf.reduce_mean(tf.math.squared_difference(phase.reconstruct(valid), valid))
        return phase.loss_terms(valid_inputs, Noise(seed, -1), False) | {"mse": error}

    return evaluate


def _shuffled(n: int, batch_size: int, training: Training, epochs: range, first_step: int) -> Iterator[Array]:
    """The row numbers of these epochs in blocks [S, B], every row once an epoch, leaving out the steps already taken.

    An epoch's order follows from (seed, phase, epoch). Its last batch is smaller where n is no multiple of the batch size, and makes a block
    of its own; epochs that divide evenly share one block.
    """
    whole = n - n % batch_size
    blocks: list[Array] = []
    for epoch in epochs:
        order = np.random.default_rng([training.seed, 1, training.phase, epoch]).permutation(n).astype(np.int32)
        for part in (order[:whole].reshape(-1, batch_size), order[whole:].reshape(-1, n - whole or 1)):
            if len(part) and blocks and blocks[-1].shape[1] == part.shape[1]:
                blocks[-1] = np.concatenate([blocks[-1], part])
            elif len(part):
                blocks.append(part)
    taken = training.step - first_step
    for block in blocks:
        yield block[taken:]
        taken = max(0, taken - len(block))


def _snapshot(training: Training, reconstructions: Any, seen: Any, steps_per_epoch: int, dataset: Dataset) -> Snapshot:
    few = type(dataset.valid)(dataset.valid.x[:500], dataset.valid.labels[:500])
    epoch = math.ceil(training.step / steps_per_epoch)
    pictures = reconstructions.numpy(), None if seen is None else seen.numpy()
    return Snapshot(training.phase, epoch, training.step, *pictures, training.model.meters(few, dataset))


def _means(chunks: list[dict[str, Array]]) -> dict[str, float]:
    return {name: float(np.mean(np.concatenate([chunk[name] for chunk in chunks]))) for name in chunks[0]} if chunks else {}
