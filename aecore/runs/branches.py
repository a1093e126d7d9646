"""Branches: a new run that goes on from a moment of another one, with settings of its own.

The history's networks are rounded and have no optimiser, so a branch does not begin with one of
them. Its worker repeats the other run up to that moment, which gives the same weights bit for bit;
or it begins with that run's checkpoint, if that is of the moment.
"""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from aecore.data.dataset import Dataset
from aecore.errors import LabError
from aecore.hyperparameters import Config
from aecore.models import variant
from aecore.runs import store
from aecore.runs.files import write_atomically
from aecore.runs.history import History
from aecore.runs.records import Moment
from aecore.runs.run import Run
from aecore.training.batches import steps_per_epoch
from aecore.training.events import Intervened


def words_of(moment: Moment) -> str:
    """A moment as errors and results name it."""
    return f"step {moment.step:,}" + (f" of phase {moment.phase + 1}" if moment.phase else "")


def check(run: Run, moment: Moment, config: Config, dataset: Dataset) -> None:
    """Raises `LabError` if a run with this config cannot go on from that moment of `run`."""
    cls, shape = variant(run.spec.variant), dataset.input_shape
    if run.spec.dataset != dataset.name:
        raise LabError(
            f"The run '{run.spec.name}' learns '{run.spec.dataset}', and '{dataset.name}' is "
            "chosen; expected the same data. Choose the run's data to go on from it."
        )
    then, now = run.config, config
    layers = [cls.layer_shapes(each, shape) for each in (then, now)]
    sizes = [cls.count_parameters(each, shape) for each in (then, now)]
    if layers[0] != layers[1] or sizes[0] != sizes[1]:
        raise LabError(
            f"The layers chosen have {sizes[1]:,} parameters and those of the run "
            f"'{run.spec.name}' {sizes[0]:,}; expected layers of the same shapes. "
            "Choose the run's layers to go on from it."
        )
    if then.batch_size != now.batch_size:
        raise LabError(
            f"The batch size is {now.batch_size}; expected the run's, {then.batch_size}, "
            "because steps are counted in batches. Choose it to go on from there."
        )
    epochs, before = cls.phase_epochs(now), cls.phase_epochs(then)
    if epochs[: moment.phase] != before[: moment.phase] or moment.phase >= len(epochs):
        raise LabError(
            "The phases before that moment have other epochs than the run's; expected the same. "
            "Choose the run's epochs, or an earlier moment."
        )
    per_epoch = steps_per_epoch(len(dataset.train), now.batch_size)
    end = (len(epochs) - 1, epochs[-1] * per_epoch)
    if moment.place >= end or moment.step > epochs[moment.phase] * per_epoch:
        raise LabError(
            f"{words_of(moment).capitalize()} is where {epochs[moment.phase]} "
            f"epoch{'s' if epochs[moment.phase] != 1 else ''} end, or beyond; expected more "
            "epochs than that. Choose more, or an earlier moment."
        )


def branch(
    root: Path,
    run: Run,
    moment: Moment,
    *,
    config: Config,
    dataset: Dataset,
    seed: int,
    preset: str = "",
    owner: str = "",
    name: str = "",
) -> Run:
    """Creates a run that goes on from `moment` of `run` with its own settings.

    `LabError` if the settings do not fit, or if `run` has no record.
    """
    check(run, moment, config, dataset)
    stored = run.stored()
    reached = [*History(run.path).places(), *([stored.place] if stored else [])]
    if moment.place > max(reached, default=(-1, 0)):
        raise LabError(
            f"The run '{run.spec.name}' has not come to {words_of(moment)}; "
            "expected a moment that it has trained to. Choose an earlier one, or train it further."
        )
    origin = run.record(until=moment)
    created = store.create(
        root,
        variant_name=run.spec.variant,
        dataset=run.spec.dataset,
        config=config,
        seed=seed,
        preset=preset,
        owner=owner,
        name=name or f"{run.spec.name}, from {words_of(moment)}",
        origin=origin,
    )
    if origin.run_id == run.id and stored and stored.place == moment.place:
        # If it cannot be read now, as the run trains on: the worker repeats the steps instead.
        with contextlib.suppress(LabError, OSError, shutil.Error):
            _take_checkpoint(run, created, moment)
    return created


def _take_checkpoint(run: Run, created: Run, moment: Moment) -> None:
    """Begins `created` with the checkpoint of `run`, if that is still of the moment."""
    stored = run.checkpoint()
    if not stored or stored[1].place != moment.place:
        return
    tensors, head = stored
    with (run.path / "events.jsonl").open("rb") as events:
        write_atomically(created.path / "events.jsonl", events.read(head.events_size))
    if (run.path / "history").exists():
        shutil.copytree(run.path / "history", created.path / "history")
    created.append(Intervened(*moment.place, "branch"))
    about = (network := run.network()).about
    if (about.get("phase"), about.get("step")) == moment.place:
        created.show(network, {name: about[name] for name in ("phase", "epoch", "step")})
    state = run.state
    created.update(seconds=state.seconds, images=state.images, origin_repeated=True)
    created.commit(tensors, *moment.place)
