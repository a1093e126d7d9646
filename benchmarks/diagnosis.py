"""What the diagnosis says of every preset: `python benchmarks/diagnosis.py [--seeds 0 1 2 3 4]
[--presets recommended course] [--variants ...] [--dataset mnist] [--runs FOLDER] [--cure]`.

Trains each preset with each seed, as a visitor would, and prints a line for each: its error beside
PCA's, what was said while it trained, and the finding. A recommended preset must have neither. With
--cure, whatever has a finding is trained again with the first of its remedies, and the line says
what became of the error. Runs that the folder has already are not trained again, so that a changed
rule can be judged at once.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from peers import ROOT
from report import heading, table, write

sys.path.insert(0, str(ROOT))

from aecore.errors import LabError
from aecore.jobs.work import work
from aecore.models import variant, variants
from aecore.runs import store
from aecore.runs.diagnosis import diagnose, evidence_of, finding_so_far
from aecore.runs.evidence import Remedy
from aecore.runs.run import Run
from aecore.runs.statuses import Status

ENDED = (Status.DONE, Status.DIVERGED)


def ended(root: Path, name: str, preset: str, values: dict[str, Any], data: str, seed: int) -> Run:
    """The run with these settings: the folder's, or a new one, trained to its end."""
    cls = variant(name)
    config = cls.Config.build(dict(cls.presets[preset].values) | values)
    for run in store.listing(root):
        if (
            isinstance(run, Run)
            and (run.spec.variant, run.spec.dataset, run.spec.seed) == (name, data, seed)
            and run.config == config
            and run.state.status in ENDED
            and not run.state.extra_epochs
        ):
            return run
    run = store.create(
        root, variant_name=name, dataset=data, config=config, seed=seed, preset=preset
    )
    with contextlib.suppress(LabError):  # a run that diverges raises, and its state says so
        work(run)
    return run


def error_of(run: Run) -> str:
    results = run.results()
    return f"{results['test']['mse']:.4f}" if results else str(run.state.status)


def cured(root: Path, run: Run, preset: str, remedy: Remedy) -> str:
    """What the remedy makes of the error."""
    spec = run.spec
    if remedy.more_epochs:
        before = error_of(run)
        run.queue(extra_epochs=remedy.more_epochs)
        work(run)
        return f"{remedy.words}: {before} to {error_of(run)}"
    other = ended(root, spec.variant, preset, dict(remedy.values), spec.dataset, spec.seed)
    found = diagnose(other)
    return f"{remedy.words}: {error_of(other)}, {found.kind if found else 'no finding'}"


def warned(run: Run, test: dict[str, float]) -> str:
    """What was said first while it trained, and at which evaluation."""
    for n, known in enumerate(evidence_of(run, test).prefixes(), 1):
        if found := finding_so_far(known):
            return f"{found.kind}, {n}"
    return ""


def rows(chosen: argparse.Namespace, root: Path) -> Iterator[list[str]]:
    for name in chosen.variants:
        cls = variant(name)
        for preset in [each for each in cls.presets if each in chosen.presets]:
            points = cls.presets[preset].dataset == "points3d"
            for seed in chosen.seeds:
                data = "points3d" if points else chosen.dataset
                run = ended(root, name, preset, {}, data, seed)
                found, test = diagnose(run), (run.results() or {}).get("test", {})
                row = [name, preset, str(seed), error_of(run), f"{test.get('pca_mse', 0):.4f}"]
                row += [warned(run, test), *([found.kind, found.sentence] if found else ["", ""])]
                if chosen.cure:
                    remedies = found.remedies[:1] if found else ()
                    row += [cured(root, run, preset, each) for each in remedies] or [""]
                print(" | ".join(row), file=sys.stderr)
                yield row


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    every = sorted({preset for cls in variants().values() for preset in cls.presets})
    options.add_argument("--presets", nargs="+", choices=every, default=["recommended"])
    options.add_argument("--variants", nargs="+", choices=variants(), default=list(variants()))
    options.add_argument("--dataset", default="digits")
    options.add_argument("--runs", type=Path, help="keep the runs in this folder")
    options.add_argument("--cure", action="store_true", help="train again with the first remedy")
    options.add_argument("--markdown", type=Path, help="write the table here too")
    chosen = options.parse_args()
    columns = ["variant", "preset", "seed", "MSE", "PCA", "while it trained", "finding", "sentence"]
    with tempfile.TemporaryDirectory() as folder:
        found = list(rows(chosen, chosen.runs or Path(folder)))
    early, alarms = (sum(bool(row[i]) for row in found) for i in (5, 6))
    write(
        [
            heading("What the diagnosis says of the presets"),
            f"{len(found)} trainings on {chosen.dataset}, {alarms} with a finding, {early} with "
            "one while they trained.",
            table(columns + (["after the first remedy"] if chosen.cure else []), found),
        ],
        chosen.markdown,
    )


if __name__ == "__main__":
    main()
