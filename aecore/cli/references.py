"""The command `references`."""

from __future__ import annotations

import argparse
import sys

from aecore import references
from aecore.cli.progress import SweepBar
from aecore.data import sources
from aecore.errors import LabError
from aecore.models import Autoencoder, variant, variants


def make_references(options: argparse.Namespace) -> None:
    """Trains the presets that have no reference of their present settings, and writes the file."""
    from aecore.jobs import references as making

    if options.dataset not in sources.SOURCES:
        raise LabError(
            f"'{options.dataset}' is none of the lab's own data sets; "
            f"expected one of {', '.join(sources.SOURCES)}. Others have no references."
        )
    folder = options.out or references.FOLDER
    dataset = sources.load(options.dataset, options.data_dir)
    path, inputs = references.path_of(options.dataset, folder), making.inputs_of(dataset)
    known = references.read(path)
    if known.inputs != inputs:  # of other data
        known = references.References(inputs=inputs)
    chosen = [
        (cls, preset)
        for cls in ([variant(options.variant)] if options.variant else variants().values())
        for preset in references.presets_for(cls, options.dataset)
    ]
    if not chosen:
        raise LabError(
            f"No preset of {options.variant or 'any variant'} is for the data set "
            f"'{options.dataset}'; expected one that is. Choose another data set or variant."
        )
    made = 0
    try:
        for cls, preset in chosen:
            key = references.key_of(cls, preset)
            if not options.again and is_present(known, key, cls, preset):
                continue
            print(f"{key} on {options.dataset}", file=sys.stderr)
            with SweepBar(len(references.SEEDS)) as bar:
                entry = making.train_preset(cls, preset, options.dataset, options.data_dir, bar)
            known = known.model_copy(update={"presets": known.presets | {key: entry}})
            making.write(path, known)
            made += 1
    except KeyboardInterrupt:
        raise LabError(
            "Stopped from the keyboard; the references made so far are kept. "
            "The same command goes on from there."
        ) from None
    print(f"{path}: {made} made, {len(chosen) - made} were there already")


def is_present(known: references.References, key: str, cls: type[Autoencoder], preset: str) -> bool:
    """Whether there is a reference of the preset's present settings."""
    config = cls.Config.build(cls.presets[preset].values)
    return key in known.presets and known.presets[key].settings == references.fingerprint(config)
