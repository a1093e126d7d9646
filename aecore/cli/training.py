"""The commands `train` and `train --record`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from aecore.cli.progress import TrainingBar
from aecore.data import sources
from aecore.errors import LabError
from aecore.jobs.work import work
from aecore.models import Autoencoder, variant
from aecore.runs import branches, records, store
from aecore.runs.history import place_of
from aecore.runs.records import Moment
from aecore.runs.run import Run


def train(options: argparse.Namespace) -> None:
    if options.record:
        raise LabError(
            "--record says which variant to train, and how; "
            "expected it without a variant and its settings. Leave one of them out."
        )
    if options.at and not options.origin:
        raise LabError("--at names a moment of a run; expected --origin RUN beside it. Add it.")
    run = _branch(options) if options.origin else _new_run(options)
    results = _trained(run, options.data_dir)
    print(json.dumps(results) if options.json else as_text(results))


def _new_run(options: argparse.Namespace) -> Run:
    config, dataset = chosen_settings(variant(options.variant), options)
    seed = whole_number(options.seed or "0", "seed", 0, 2**31 - 1)
    sources.load(dataset, options.data_dir)  # fails before anything is written
    return new_run(options, config, dataset, seed)


def _branch(options: argparse.Namespace) -> Run:
    """Returns a new run that goes on from a moment of another one, whose settings are its own
    unless a flag says otherwise.
    """
    if options.preset:
        raise LabError(
            f"--preset {options.preset} stands beside --origin; expected one of the two, because "
            "a run goes on with its origin's settings. Leave one of them out."
        )
    root = options.runs or store.default_root()
    origin = store.find_run(root, options.origin)
    cls = variant(options.variant)
    if origin.spec.variant != cls.name:
        raise LabError(
            f"The run '{origin.spec.name}' is {origin.spec.variant}; expected one that is "
            f"{cls.name}. Name its variant to go on from it."
        )
    if options.at is None:
        stored = origin.stored()
        place = stored.place if stored else None
    else:
        place = place_of(options.at if "-" in options.at else f"0-{options.at}")
    if place is None:
        raise LabError(
            f"--at is '{options.at}'; expected a step such as 500, or a phase (from 0) and its "
            "step such as 1-500. Without it, the run's last step is meant."
            if options.at
            else f"The run '{origin.spec.name}' has no last step; expected one that was trained."
        )
    return branches.branch(
        root,
        origin,
        Moment(phase=place[0], step=place[1]),
        config=cls.Config.build(origin.config.model_dump() | flags_of(options)),
        dataset=sources.load(options.dataset or origin.spec.dataset, options.data_dir),
        seed=whole_number(options.seed or str(origin.spec.seed), "seed", 0, 2**31 - 1),
        preset=origin.spec.preset,
        name=options.name,
    )


def flags_of(options: argparse.Namespace) -> dict[str, str]:
    """Returns the hyperparameters that flags name."""
    return {
        key.removeprefix("hyper."): value
        for key, value in vars(options).items()
        if key.startswith("hyper.") and value is not None
    }


def replay(options: argparse.Namespace) -> None:
    """Repeats another run, with every change that was made to it while it trained."""
    if not options.record:
        raise LabError(
            "Expected a VARIANT to train, or --record FILE; see 'python -m aecore train --help'."
        )
    record = records.read(options.record)
    sources.load(record.dataset, options.data_dir)
    run = store.create(
        options.runs or store.default_root(),
        variant_name=record.variant,
        dataset=record.dataset,
        config=record.built_config(),
        seed=record.seed,
        preset=record.preset,
        name=f"{record.name}, replayed",
        origin=record.origin,
    )
    results = _trained(run, options.data_dir, record)
    same = run.network().fingerprint == record.fingerprint
    if options.json:
        print(json.dumps(results | {"same_weights": same if record.fingerprint else None}))
    elif not record.fingerprint:
        print(as_text(results))
    elif same:
        print(f"{as_text(results)}\nThe weights are the recorded run's, bit for bit.")
    else:
        device = record.device or "a device that its record does not name"
        print(
            f"{as_text(results)}\nThe weights are not the recorded run's; "
            f"that was trained on: {device}."
        )


def _trained(
    run: Run, data_dir: Path | None, record: records.Record | None = None
) -> dict[str, Any]:
    """Trains the run to its end and returns its results."""
    try:
        with TrainingBar() as bar:
            work(run, data_dir, bar, record=record)
    except KeyboardInterrupt:
        run.abandon("Stopped from the keyboard.")
        raise LabError(
            f"Stopped from the keyboard; the run {run.id} keeps its last checkpoint."
        ) from None
    if message := run.state.message:  # the diagnosis
        print(message, file=sys.stderr)
    return run.results() or {}


def new_run(options: argparse.Namespace, config: Any, dataset: str, seed: int) -> Run:
    return store.create(
        options.runs or store.default_root(),
        variant_name=options.variant,
        dataset=dataset,
        config=config,
        seed=seed,
        preset=options.preset or "recommended",
        name=options.name,
    )


def chosen_settings(
    cls: type[Autoencoder], options: argparse.Namespace, over: dict[str, str] | None = None
) -> tuple[Any, str]:
    """Returns the config and the data set.

    A flag overrides the preset, and a sweep's value `over` overrides both.
    """
    chosen = options.preset or "recommended"
    if chosen not in cls.presets:
        raise LabError(
            f"'{chosen}' is not a preset of {cls.name}; expected one of {', '.join(cls.presets)}."
        )
    preset = cls.presets[chosen]
    dataset = options.dataset or preset.dataset or "digits"
    sources.source_of(dataset, options.data_dir)
    return cls.Config.build(dict(preset.values) | flags_of(options) | (over or {})), dataset


def as_text(results: dict[str, Any]) -> str:
    """Returns the results as text for a person."""
    epochs = f"{results['epochs']} epoch{'' if results['epochs'] == 1 else 's'}"
    speed = f"{results['images_per_second']:,.0f} images/s on {results.get('device', 'CPU')}"
    summary = (
        f"run {results['run_id']}: {results['variant']} on {results['dataset']}, "
        f"{epochs} in {results['seconds']} s ({speed}), "
        f"{results['parameters']:,} parameters"
    )
    if origin := results.get("origin"):
        moment = Moment(phase=origin["phase"], step=origin["step"])
        summary += (
            f"\nwent on from {branches.words_of(moment)} of '{origin['name']}', "
            f"run {origin['run_id']}"
        )
    figures = [f"  test {name:24} {value:.5g}" for name, value in results["test"].items()]
    return "\n".join([summary, *figures])


def whole_number(text: str, name: str, low: int, high: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise LabError(f"{name} is '{text}'; expected a whole number from {low} to {high}.")
    return value
