"""Training as a silent generator: `train()` computes and yields frozen events; its listener prints, saves, draws and sleeps.

Between two events a listener may turn the `TrainingControls` or close the generator. How a step is computed is `aecore.training.engine`'s business.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from aecore.backend import tf
from aecore.data.dataset import Dataset
from aecore.errors import LabError
from aecore.layers import Shape
from aecore.models import Autoencoder, Phase
from aecore.training import adam, engine, inputs
from aecore.training.batches import CHUNK_SECONDS, Batches
from aecore.training.events import EpochEnded, Event, Intervened, PhaseStarted, Steps
from aecore.training.probe import SampleProbe

Array = np.ndarray
STEPS_BETWEEN_EVALUATIONS = (
    50  # at least; if epochs are shorter, several pass between two evaluations
)


class Diverged(LabError):
    """The loss is no longer a number."""


@dataclass
class TrainingControls:
    """What a listener may turn between two events."""

    learning_rate: float | None = None  # before the schedule takes its share; None: as it is
    most_steps: int | None = None  # in the next chunk; 1 is single-stepping


@dataclass
class Training:
    """All that a training is at one moment: the network, where it stands, and Adam's memory of the phase."""

    model: Autoencoder
    seed: int
    extra_epochs: int = (
        0  # added to the last phase by "train more"; the schedule then spans old and new ones
    )
    learning_rate: float = (
        0.0  # in force, before the schedule takes its share: the config's until the dial is turned
    )
    phase: int = 0
    step: int = 0  # taken in this phase
    moments: adam.Moments = field(
        default_factory=list
    )  # Adam's (m, v) for each variable of the phase
    compiled: dict[int, _Compiled] = field(
        default_factory=dict
    )  # by phase; kept when the training is over, for the next one like it

    @classmethod
    def fresh(cls, variant: type[Autoencoder], config: Any, shape: Shape, seed: int) -> Training:
        """An untrained network; everything random about it follows from `seed`."""
        return cls(
            variant(config, shape, np.random.default_rng([seed, 0])),
            seed,
            learning_rate=config.learning_rate,
        )

    def reset(self, config: Any, seed: int) -> None:
        """Untrained again, as `fresh` would have made it; `config` may have another rate and other epochs. What is compiled stays."""
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
        """Everything to be stored, by name."""
        stored = {
            f"variable.{i}": variable.numpy() for i, variable in enumerate(self.model.variables)
        }
        for i, (m, v) in enumerate(self.moments):
            stored |= {f"moment.{i}.m": m.numpy(), f"moment.{i}.v": v.numpy()}
        return stored

    def restore(self, tensors: dict[str, Array], phase: int, step: int) -> None:
        """Take up a stored training; `LabError` if the tensors do not fit this network."""
        wanted = {f"variable.{i}": variable for i, variable in enumerate(self.model.variables)}
        self.phase, self.step = phase, step
        if "moment.0.m" in tensors:
            self.begin_moments()
            for i, (m, v) in enumerate(self.moments):
                wanted |= {f"moment.{i}.m": m, f"moment.{i}.v": v}
        if {name: tuple(variable.shape) for name, variable in wanted.items()} != {
            name: a.shape for name, a in tensors.items()
        }:
            raise LabError(
                "The stored weights do not fit this run's settings, so the run is damaged; open another or train again."
            )
        for name, variable in wanted.items():
            variable.assign(tensors[name])

    def begin_moments(self) -> None:
        """A fresh optimiser for the phase: its moments and its bias correction start at zero."""
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
        """The present phase's functions; on its variables and moments, and on whatever data has the form of these."""
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
    training: Training, dataset: Dataset, dial: TrainingControls | None = None
) -> Generator[Event]:
    """Train to the end of the last phase, yielding events; `training` is up to date whenever an event arrives.

    The weights after any step follow from config, data, seed and the dial's turns alone: not from how the steps were cut into chunks, nor from
    pauses, nor from having been stored and taken up again. Raises `Diverged` if the loss stops being a number.
    """
    dial = dial or TrainingControls()
    train_split = dataset.train
    data: inputs.Resident | inputs.Streamed
    if isinstance(train_split.x, np.memmap):
        data = inputs.Streamed(train_split.x, train_split.labels)
    else:
        data = inputs.Resident(train_split.x, train_split.labels)
    valid = inputs.pixels(dataset.watched.x)
    if not training.moments:  # nothing of it has been trained or restored yet
        training.model.begin_at(dataset.mean)
    watch = SampleProbe(training, dataset)
    while True:
        yield from _train_phase(training, dataset, data, valid, dial, watch)
        if training.phase == len(training.phases()) - 1:
            return
        training.phase, training.step, training.moments = training.phase + 1, 0, []


def _train_phase(
    training: Training,
    dataset: Dataset,
    data: inputs.Resident | inputs.Streamed,
    valid: Any,
    dial: TrainingControls,
    watch: SampleProbe,
) -> Generator[Event]:
    phase = training.phases()[training.phase]
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
    yield PhaseStarted(
        training.phase, phase.name, len(training.phases()), epochs, batches.per_epoch, moving
    )
    between = math.ceil(STEPS_BETWEEN_EVALUATIONS / batches.per_epoch) * batches.per_epoch
    most, since_evaluation = steps.first, list[dict[str, Array]]()
    while training.step < total:
        if watch.due():
            yield watch.snapshot(training, phase, batches.per_epoch)
        if dial.learning_rate not in (None, training.learning_rate):
            training.learning_rate = dial.learning_rate
            yield Intervened(training.phase, training.step, "learning_rate", dial.learning_rate)
            continue  # the listener may have turned it again
        size = min(most, dial.most_steps or most, total - training.step)
        to_boundary = between - training.step % between
        if (
            size > to_boundary
        ):  # end where an epoch does; very short epochs may pass by several at a time
            size = to_boundary + (size - to_boundary) // between * between
        rate = training.learning_rate
        rows = batches.next(size)
        begin = time.perf_counter()
        values, last_rate = steps(data, rows, training.step, rate, total, training.seed)
        seconds = time.perf_counter() - begin
        training.step += len(rows)
        bad = ~np.isfinite(sum(values.values()))
        if bad.any():
            raise Diverged(
                f"The loss stopped being a number at step {training.step - len(rows) + int(bad.argmax()) + 1}: the learning rate of {rate:g} "
                "is too large for this network; expected a loss that falls. Try a tenth of it."
            )
        since_evaluation.append(values)
        yield Steps(
            training.phase, math.ceil(training.step / batches.per_epoch), training.step, values, rows.size, seconds, last_rate
        )  # fmt: skip
        if (
            2 * len(rows) > most
        ):  # a chunk of nearly full length tells how long one should be; the first also compiles, so grow gently
            most = max(1, min(4 * most, round(len(rows) * CHUNK_SECONDS / seconds), steps.longest))
        if training.step % between == 0 or training.step == total:
            yield EpochEnded(
                training.phase,
                training.step // batches.per_epoch,
                training.step,
                _means(since_evaluation),
                compiled.evaluate(valid_inputs, valid, labels, training.seed, training.step, total),
            )
            since_evaluation.clear()
    yield watch.snapshot(training, phase, batches.per_epoch)


def _means(chunks: list[dict[str, Array]]) -> dict[str, float]:
    return {
        name: float(np.mean(np.concatenate([chunk[name] for chunk in chunks])))
        for name in chunks[0]
    }
