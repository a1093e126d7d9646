"""The command `sweep`."""

from __future__ import annotations

import argparse
import json
import math
import time

from aecore.cli.progress import SweepBar
from aecore.cli.training import chosen_settings, new_run, whole_number
from aecore.data import sources
from aecore.errors import LabError
from aecore.models import variant
from aecore.runs.run import Run

MOST_IN_A_SWEEP = 256


def sweep(options: argparse.Namespace) -> None:
    from aecore.jobs import sweep

    begin = time.monotonic()
    over = _over(options.over)
    settings = []
    for chosen in sweep.combinations(over):
        seed = whole_number(chosen.get("seed", options.seed or "0"), "seed", 0, 2**31 - 1)
        hyper = {name: value for name, value in chosen.items() if name != "seed"}
        settings.append((chosen, *chosen_settings(variant(options.variant), options, hyper), seed))
    sources.load(settings[0][2], options.data_dir)
    trained = []
    for chosen, config, dataset, seed in settings:
        run = new_run(options, config, dataset, seed)
        run.rename(
            f"{run.spec.name} · "
            + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in chosen.items())
        )
        trained.append((chosen, run))
    try:
        with SweepBar(len(trained)) as bar:
            sweep.train_all([run for _, run in trained], options.data_dir, bar)
    except KeyboardInterrupt:
        raise LabError(
            "Stopped from the keyboard; every run keeps its last checkpoint and can be resumed "
            "on its page."
        ) from None
    seconds = round(time.monotonic() - begin, 3)
    if options.json:
        ended = [
            {"over": chosen, "status": run.state.status} | (run.results() or {"run_id": run.id})
            for chosen, run in trained
        ]
        print(json.dumps({"seconds": seconds, "runs": ended}))
    else:
        print(f"{len(trained)} runs in {seconds:.1f} s")
        print(_table(list(over), trained))


def _over(asked: list[list[str]]) -> dict[str, list[str]]:
    """Returns the values of each --over; `LabError` if they make too many runs."""
    names = [name.replace("-", "_") for name, *_ in asked]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise LabError(
            f"--over {twice} is given twice; "
            "expected each name once, with all of its values behind it."
        )
    over = {name: values for name, (_, *values) in zip(names, asked, strict=True)}
    bare = next((name for name, values in over.items() if not values), None)
    if bare:
        raise LabError(
            f"--over {bare} has no values; "
            "expected a name and at least one value, for example --over seed 0 1 2."
        )
    count = math.prod(len(values) for values in over.values())
    if count > MOST_IN_A_SWEEP:
        raise LabError(
            f"That makes {count} runs; expected at most {MOST_IN_A_SWEEP}. Leave some values out."
        )
    return over


def _table(names: list[str], trained: list[tuple[dict[str, str], Run]]) -> str:
    """Returns a line for each run: its values, its test figures (or its status), and its id."""
    lines = [[*names, "mse", "loss", "run"]]
    for chosen, run in trained:
        results, status = run.results(), run.state.status
        test = results["test"] if results else {}
        figures = [f"{test[name]:.5g}" if name in test else status for name in ("mse", "loss")]
        lines.append([*chosen.values(), *figures, run.id[:8]])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
