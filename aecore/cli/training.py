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
from aecore.runs import records, store
from aecore.runs.run import Run


def train(options: argparse.Namespace) -> None:
    if options.record:
        raise LabError(
            "--record says which variant to train, and how; "
            "expected it without a variant and its settings. Leave one of them out."
        )
    cls = variant(options.variant)
    config, dataset = chosen_settings(cls, options)
    seed = whole_number(options.seed, "seed", 0, 2**31 - 1)
    sources.load(dataset, options.data_dir)  # fails before anything is written
    results = _trained(new_run(options, config, dataset, seed), options.data_dir)
    print(json.dumps(results) if options.json else as_text(results))


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
    if message := run.state.message:  # if the network did not learn
        print(message, file=sys.stderr)
    return run.results() or {}


def new_run(options: argparse.Namespace, config: Any, dataset: str, seed: int) -> Run:
    return store.create(
        options.runs or store.default_root(),
        variant_name=options.variant,
        dataset=dataset,
        config=config,
        seed=seed,
        preset=options.preset,
        name=options.name,
    )


def chosen_settings(
    cls: type[Autoencoder], options: argparse.Namespace, over: dict[str, str] | None = None
) -> tuple[Any, str]:
    """Returns the config and the data set.

    A flag overrides the preset, and a sweep's value `over` overrides both.
    """
    if options.preset not in cls.presets:
        raise LabError(
            f"'{options.preset}' is not a preset of {cls.name}; "
            f"expected one of {', '.join(cls.presets)}."
        )
    preset = cls.presets[options.preset]
    flags = {
        key.removeprefix("hyper."): value
        for key, value in vars(options).items()
        if key.startswith("hyper.") and value is not None
    }
    dataset = options.dataset or preset.dataset or "digits"
    sources.source_of(dataset, options.data_dir)
    return cls.Config.build(dict(preset.values) | flags | (over or {})), dataset


def as_text(results: dict[str, Any]) -> str:
    """Returns the results as text for a person."""
    epochs = f"{results['epochs']} epoch{'' if results['epochs'] == 1 else 's'}"
    speed = f"{results['images_per_second']:,.0f} images/s on {results.get('device', 'CPU')}"
    summary = (
        f"run {results['run_id']}: {results['variant']} on {results['dataset']}, "
        f"{epochs} in {results['seconds']} s ({speed}), "
        f"{results['parameters']:,} parameters"
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
