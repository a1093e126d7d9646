"""Training as a generator: `train()` computes and yields frozen events.

A listener prints, saves, draws and sleeps. Between two events it may change the `TrainingControls`
or close the generator. `aecore.training.engine` computes the steps.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from aecore.backend import tf
from aecore.data.dataset import Dataset
from aecore.errors import LabError
from aecore.layers import Shape
from aecore.models import Autoencoder, Phase
from aecore.training import adam, engine, inputs
from aecore.training.batches import CHUNK_SECONDS, Batches
from aecore.training.events import EpochEnded, Event, Intervened, PhaseStarted, Snapshot, Steps
from aecore.training.moments import next_moment
from aecore.training.probe import SampleProbe

Array = np.ndarray
# The fewest steps between two evaluations. If epochs are shorter, several pass between them.
STEPS_BETWEEN_EVALUATIONS = 50


class Diverged(LabError):
    """The loss is no longer a number."""


@dataclass
class TrainingControls:
    """What a listener may change between two events, and what it may ask for."""

    learning_rate: float | None = None  # before the schedule's factor; None: unchanged
    most_steps: int | None = None  # in the next chunk; 1 is single-stepping
    # Not to be changed: `train` sets it. It takes a snapshot of the present moment.
    snapshot: Callable[[], Snapshot] | None = None


@dataclass
class Training:
    """The whole state of a training: the network, its phase and step, and Adam's moments."""

    model: Autoencoder
    seed: int
    # Added to the last phase by "train more". The schedule then spans old and new epochs.
    extra_epochs: int = 0
    # Before the schedule's factor. The config's, until the controls change it.
    learning_rate: float = 0.0
    phase: int = 0
    step: int = 0  # taken in this phase
    # Adam's (m, v) of each variable of the phase.
    moments: adam.Moments = field(default_factory=list)
    # By phase. Kept after the training, for the next one of the same shape.
    compiled: dict[int, _Compiled] = field(default_factory=dict)

    @classmethod
    def fresh(cls, variant: type[Autoencoder], config: Any, shape: Shape, seed: int) -> Training:
        """Returns an untrained network; everything random about it follows from `seed`."""
        return cls(
            variant(config, shape, np.random.default_rng([seed, 0])),
            seed,
            learning_rate=config.learning_rate,
        )

    def reset(self, config: Any, seed: int) -> None:
        """Makes the network untrained again, as `fresh` would, and keeps the compiled functions.

        `config` may differ in the learning rate and the epochs.
        """
        untrained = type(self.model)(config, self.model.shape, np.random.default_rng([seed, 0]))
        for variable, value in zip(self.model.variables, untrained.variables, strict=True):
            variable.assign(value)
        self.model.config, self.learning_rate = config, config.learning_rate
        self.seed, self.extra_epochs, self.phase, self.step, self.moments = seed, 0, 0, 0, []

    def phases(self) -> list[Phase]:
        return self.model.phases()

    def epochs_of(self, index: int) -> int:
        phases = self.phases()
        return phases[index].epochs + (self.extra_epochs if index == len(phases) - 1 else 0)

    def tensors(self) -> dict[str, Array]:
        """Returns everything to be stored, by name."""
        stored = {
            f"variable.{i}": variable.numpy() for i, variable in enumerate(self.model.variables)
        }
        for i, (m, v) in enumerate(self.moments):
            stored |= {f"moment.{i}.m": m.numpy(), f"moment.{i}.v": v.numpy()}
        return stored

    def restore(self, tensors: dict[str, Array], phase: int, step: int) -> None:
        """Restores a stored training; `LabError` if the tensors do not fit this network."""
        wanted = {f"variable.{i}": variable for i, variable in enumerate(self.model.variables)}
        self.phase, self.step = phase, step
        if "moment.0.m" in tensors:
            self.begin_moments()
            for i, (m, v) in enumerate(self.moments):
                wanted |= {f"moment.{i}.m": m, f"moment.{i}.v": v}
        shapes = {name: tuple(variable.shape) for name, variable in wanted.items()}
        if shapes != {name: a.shape for name, a in tensors.items()}:
            raise LabError(
                "The stored weights do not fit this run's settings, so the run is damaged; "
                "open another or train again."
            )
        for name, variable in wanted.items():
            variable.assign(tensors[name])

    def begin_moments(self) -> None:
        """Starts the phase's optimiser: its moments and its bias correction are zero."""
        if self.phase in self.compiled:
            self.moments = self.compiled[self.phase].steps.moments
            for moment in (moment for pair in self.moments for moment in pair):
                moment.assign(tf.zeros_like(moment))
        else:
            variables = self.phases()[self.phase].variables
            self.moments = [
                (tf.Variable(tf.zeros_like(v)), tf.Variable(tf.zeros_like(v))) for v in variables
            ]

    def compile(self, data: inputs.Resident | inputs.Streamed, batch_size: int) -> _Compiled:
        """Returns the present phase's compiled functions, for all data of the same shapes.

        They change the phase's variables and moments.
        """
        if self.phase not in self.compiled:
            phase = self.phases()[self.phase]
            steps = engine.CompiledSteps(
                phase, self.moments, data, batch_size, self.model.config.schedule
            )
            self.compiled[self.phase] = _Compiled(steps, engine.compiled_evaluation(phase))
        return self.compiled[self.phase]


@dataclass(frozen=True)
class _Compiled:
    steps: engine.CompiledSteps
    evaluate: engine.Evaluation


def train(
    training: Training, dataset: Dataset, controls: TrainingControls | None = None
) -> Generator[Event]:
    """Trains to the end of the last phase and yields events. `training` is up to date at each.

    The weights after any step depend only on config, data, seed and the changes of the learning
    rate. They do not depend on the chunks that steps are taken in, on pauses, or on being stored
    and restored. Raises `Diverged` if the loss stops being a number.
    """
    controls = controls or TrainingControls()
    train_split = dataset.train
    data: inputs.Resident | inputs.Streamed
    if isinstance(train_split.x, np.memmap):
        data = inputs.Streamed(train_split.x, train_split.labels)
    else:
        data = inputs.Resident(train_split.x, train_split.labels)
    valid = inputs.pixels(dataset.watched.x)
    if not training.moments:  # neither trained nor restored yet
        training.model.begin_at(dataset.mean)
    probe = SampleProbe(training, dataset)
    while True:
        yield from _train_phase(training, dataset, data, valid, controls, probe)
        if training.phase == len(training.phases()) - 1:
            return
        training.phase, training.step, training.moments = training.phase + 1, 0, []


def _train_phase(
    training: Training,
    dataset: Dataset,
    data: inputs.Resident | inputs.Streamed,
    valid: Any,
    controls: TrainingControls,
    probe: SampleProbe,
) -> Generator[Event]:
    phase, phases = training.phases()[training.phase], len(training.phases())
    if not training.moments:
        training.begin_moments()
    valid_inputs, labels = valid, tf.cast(dataset.watched.labels, tf.int32)
    if phase.features:  # computed once for the whole phase
        data, valid_inputs = data.through(phase.features), phase.features(valid)
    batches = Batches(training, len(dataset.train))
    epochs = training.epochs_of(training.phase)
    total = epochs * batches.per_epoch
    compiled = training.compile(data, batches.size)
    steps = compiled.steps
    moving = sum(int(np.prod(variable.shape)) for variable in phase.variables)
    snapshot = controls.snapshot = partial(probe.snapshot, training, phase, batches.per_epoch)
    yield PhaseStarted(training.phase, phase.name, phases, epochs, batches.per_epoch, moving)
    between = math.ceil(STEPS_BETWEEN_EVALUATIONS / batches.per_epoch) * batches.per_epoch
    most, since_evaluation = steps.first, list[dict[str, Array]]()
    while training.step < total:
        if probe.due():
            yield snapshot()
        if controls.learning_rate not in (None, training.learning_rate):
            training.learning_rate = controls.learning_rate
            yield Intervened(training.phase, training.step, "learning_rate", controls.learning_rate)
            continue  # the listener may have changed it again
        # A chunk ends at the next moment, where a listener can keep the network.
        to_moment = next_moment(training.step, phases) - training.step
        size = min(most, controls.most_steps or most, total - training.step, to_moment)
        to_boundary = between - training.step % between
        # End a chunk at the end of an epoch. A chunk may hold several very short epochs.
        if size > to_boundary:
            size = to_boundary + (size - to_boundary) // between * between
        rate = training.learning_rate
        rows = batches.next(size)
        begin = time.perf_counter()
        values, last_rate = steps(data, rows, training.step, rate, total, training.seed)
        seconds = time.perf_counter() - begin
        training.step += len(rows)
        bad = ~np.isfinite(sum(values.values()))
        if bad.any():
            raise _diverged(training.step - len(rows) + int(bad.argmax()) + 1, training)
        since_evaluation.append(values)
        epoch = math.ceil(training.step / batches.per_epoch)
        yield Steps(training.phase, epoch, training.step, values, rows.size, seconds, last_rate)
        # A chunk of nearly full length shows how long chunks should be. Grow slowly, as the time of
        # the first one includes compiling.
        if 2 * len(rows) > most:
            most = max(1, min(4 * most, round(len(rows) * CHUNK_SECONDS / seconds), steps.longest))
        if training.step % between == 0 or training.step == total:
            valid_terms = compiled.evaluate(
                valid_inputs, valid, labels, training.seed, training.step, total
            )
            if not np.isfinite(list(valid_terms.values())).all():
                raise _diverged(training.step, training)
            epoch = training.step // batches.per_epoch
            means = _means(since_evaluation)
            yield EpochEnded(training.phase, epoch, training.step, means, valid_terms)
            since_evaluation.clear()
    yield snapshot()


def _diverged(step: int, training: Training) -> Diverged:
    rate = training.learning_rate
    return Diverged(
        f"The loss stopped being a number at step {step:,}: the learning rate of {rate:g} is too "
        "large for this network; expected a loss that falls. "
        f"Try {training.model.smaller_rate(rate):g}."
    )


def _means(chunks: list[dict[str, Array]]) -> dict[str, float]:
    return {
        name: float(np.mean(np.concatenate([chunk[name] for chunk in chunks])))
        for name in chunks[0]
    }
