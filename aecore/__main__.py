"""The command line: `python -m aecore list | train | sweep | evaluate | generate | pca | fetch | export`.

A variant's flags are its declared hyperparameters. What a person got wrong is answered with one sentence and exit status 2.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from aecore import datasets, records, runs
from aecore.errors import LabError, SettingError
from aecore.extract import Extract
from aecore.models import Autoencoder, variant, variants
from aecore.training import Event, PhaseStarted, Steps

MOST_IN_A_SWEEP = 256


class _Parser(argparse.ArgumentParser):
    """argparse, with its complaints as one sentence."""

    def error(self, message: str) -> NoReturn:
        raise LabError(f"{message[0].upper()}{message[1:]}; see '{self.prog} --help'.")


class _Line:
    """One line on a terminal, drawn anew five times a second at most; nothing if the output is no terminal."""

    def __init__(self) -> None:
        self.shown, self.drawn = sys.stderr.isatty(), 0.0

    def due(self) -> bool:
        return self.shown and time.monotonic() - self.drawn > 0.2

    def draw(self, text: str) -> None:
        self.drawn = time.monotonic()
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self.shown:
            self.draw("")


class _ProgressBar(_Line):
    """Where a training stands."""

    phase: PhaseStarted | None = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, PhaseStarted):
            self.phase = event
        elif isinstance(event, Steps) and self.phase and self.due():
            total = self.phase.epochs * self.phase.steps_per_epoch
            done = event.step / total
            rate = event.images / max(event.seconds, 1e-9)
            left = (total - event.step) * event.seconds / len(next(iter(event.terms.values())))
            loss = sum(float(values.mean()) for values in event.terms.values())
            self.draw(
                f"{self.phase.name}  {_bar(done)}  epoch {event.epoch}/{self.phase.epochs}  loss {loss:.5g}  {rate:,.0f} images/s  {left:.0f} s left"
            )


class _SweepBar(_Line):
    """Where a sweep stands, whose runs tell of themselves from several threads."""

    def __init__(self, runs: int):
        super().__init__()
        self.runs, self.begin = runs, time.monotonic()
        self.phases: dict[str, PhaseStarted] = {}
        self.done: dict[str, float] = {}  # the part of each run that is done
        self.lock = threading.Lock()

    def __call__(self, run: runs.Run, event: Event) -> None:
        with self.lock:
            if isinstance(event, PhaseStarted):
                self.phases[run.id] = event
            elif isinstance(event, Steps):
                phase = self.phases[run.id]
                self.done[run.id] = (phase.phase + event.step / (phase.epochs * phase.steps_per_epoch)) / phase.phases
                if self.due():
                    done, ended = sum(self.done.values()) / self.runs, sum(part >= 1 for part in self.done.values())
                    left = (time.monotonic() - self.begin) * (1 - done) / done
                    self.draw(f"{_bar(done)}  {ended} of {self.runs} runs  {left:.0f} s left")


def _bar(done: float) -> str:
    return "━" * round(24 * done) + "╌" * (24 - round(24 * done)) + f" {done:4.0%}"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit status."""
    try:
        options = _parser().parse_args(arguments)
        options.command(options)
        return 0
    except SettingError as error:
        print(f"aecore: --{error.field.replace('_', '-')}: {error}", file=sys.stderr)
        return 2
    except LabError as error:
        print(f"aecore: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(
            f"aecore: {error.strerror or error}: '{error.filename}'; expected a place that can be read and written. Choose another folder or file.",
            file=sys.stderr,
        )
        return 2


def _parser() -> _Parser:
    parser = _Parser(prog="python -m aecore", description="Train, measure and use the autoencoders of the course.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    where_runs, where_data, as_json = _common_flags()

    command = commands.add_parser("list", parents=[where_runs, as_json], help="the variants, data sets and runs")
    command.set_defaults(command=_list)

    several = _Parser(add_help=False)
    several.add_argument(
        "--over", nargs="+", action="append", metavar="VALUE", required=True,
        help="a name (seed, or any hyperparameter's) and the values it takes; given again, every combination is trained",
    )  # fmt: skip
    for name, help, does, own in (
        ("train", "train a variant", _train, []),
        ("sweep", "train a variant with every combination of some values, several at a time", _sweep, [several]),
    ):
        command = commands.add_parser(name, parents=_common_flags(), help=help)
        if name == "train":
            command.add_argument(
                "--record",
                type=Path,
                metavar="FILE",
                help="instead of a variant: repeat the run of this record, which its Figures tab offers",
            )
            command.set_defaults(command=_replay)
        kinds = command.add_subparsers(required=name != "train", metavar="VARIANT")
        for cls in variants().values():
            kind = kinds.add_parser(
                cls.name, parents=[*_common_flags(argparse.SUPPRESS), *own], help=cls.sentence,
                formatter_class=argparse.ArgumentDefaultsHelpFormatter,
            )  # fmt: skip
            _add_settings(kind, cls)
            kind.set_defaults(command=does, variant=cls.name)

    command = commands.add_parser("evaluate", parents=[where_runs, where_data, as_json], help="a run's figures on the test split")
    command.add_argument("run", metavar="RUN", help="a run's id")
    command.set_defaults(command=_evaluate)

    command = commands.add_parser("generate", parents=[where_runs, where_data], help="images from random codings")
    command.add_argument("run", metavar="RUN", help="a run's id")
    command.add_argument("--n", default="60", help="how many (default: 60)")
    command.add_argument("--seed", default="0", metavar="N")
    command.add_argument("--out", type=Path, required=True, metavar="FILE.png")
    command.set_defaults(command=_generate)

    command = commands.add_parser("pca", parents=[where_data, as_json], help="the exact baseline")
    command.add_argument("--dataset", default="digits", metavar="NAME")
    command.add_argument("--codings-size", "--codings_size", required=True, metavar="K")
    command.set_defaults(command=_pca)

    command = commands.add_parser("fetch", help="download a data set into the cache")
    command.add_argument("dataset", metavar="NAME")
    command.set_defaults(command=_fetch)

    command = commands.add_parser(
        "export",
        parents=[where_runs, where_data],
        help="a run's network in half precision, with a few test images: what the pages come with",
    )
    command.add_argument("run", metavar="RUN", help="a run's id")
    command.add_argument("--out", type=Path, required=True, metavar="FILE.safetensors")
    command.set_defaults(command=_export)
    return parser


def _common_flags(default: Any = None) -> tuple[_Parser, _Parser, _Parser]:
    """--runs, --data-dir and --json; suppress their defaults if a parser above has them too, or they would overwrite what it read."""
    where_runs, where_data, as_json = (_Parser(add_help=False, argument_default=default) for _ in range(3))
    where_runs.add_argument("--runs", type=Path, metavar="DIR", help="folder of the runs (default: AUTOENCODER_LAB_RUNS, or the lab's own)")
    where_data.add_argument(
        "--data-dir", type=Path, metavar="DIR", help="folder that has the data sets' files (default: AUTOENCODER_LAB_DATA, then the cache)"
    )
    as_json.add_argument("--json", action="store_true", default=default or False, help="print exactly one JSON object")
    return where_runs, where_data, as_json


def _add_settings(kind: argparse.ArgumentParser, cls: type[Autoencoder]) -> None:
    """A flag for whatever can be chosen about a training of this variant."""
    kind.add_argument("--dataset", metavar="NAME", help=f"one of {', '.join(datasets.sources())}")
    kind.add_argument("--seed", default="0", metavar="N", help="everything random follows from it")
    kind.add_argument("--preset", default="recommended", help=f"one of {', '.join(cls.presets)}")
    kind.add_argument("--name", default="", help="a label for the run")
    for field, control in cls.Config.declared().items():
        flags = dict.fromkeys([f"--{field.replace('_', '-')}", f"--{field}"])
        kind.add_argument(
            *flags, dest=f"hyper.{field}", metavar="VALUE", help=f"{control.help} Expected: {control.expected}.".replace("%", "%%")
        )


def _list(options: argparse.Namespace) -> None:
    entries = runs.listing(options.runs or runs.default_root())
    listed = [
        {"run_id": run.id, "name": run.spec.name, "variant": run.spec.variant, "dataset": run.spec.dataset, "status": run.state.status}
        for run in entries if isinstance(run, runs.Run)
    ]  # fmt: skip
    if options.json:
        print(json.dumps({
            "variants": {name: cls.sentence for name, cls in variants().items()},
            "datasets": {name: {"about": source.about, "available": datasets.available(name)} for name, source in datasets.sources().items()},
            "runs": listed,
        }))  # fmt: skip
        return
    for name, cls in variants().items():
        print(f"{name:12} {cls.sentence}")
    print()
    for name, source in datasets.sources().items():
        print(f"{name:14} {source.about}{'' if datasets.available(name) else ' (not here yet)'}")
    if listed:
        print()
    for run in listed:
        print(f"{run['run_id']}  {run['status']:11} {run['name']}")


def _train(options: argparse.Namespace) -> None:
    if options.record:
        raise LabError(
            "--record says which variant to train, and how; expected it without a variant and its settings. Leave one of them out."
        )
    cls = variant(options.variant)
    config, dataset = _setting(cls, options)
    seed = _whole(options.seed, "seed", 0, 2**31 - 1)
    datasets.load(dataset, options.data_dir)  # a missing or damaged file is told before anything is written
    results = _trained(_new_run(options, config, dataset, seed), options.data_dir)
    print(json.dumps(results) if options.json else _told(results))


def _replay(options: argparse.Namespace) -> None:
    """Repeat another run, with all that was done to it."""
    if not options.record:
        raise LabError("Expected a VARIANT to train, or --record FILE; see 'python -m aecore train --help'.")
    record = records.read(options.record)
    datasets.load(record.dataset, options.data_dir)
    run = runs.create(
        options.runs or runs.default_root(), variant_name=record.variant, dataset=record.dataset, config=record.built_config(), seed=record.seed,
        preset=record.preset, name=f"{record.name}, replayed",
    )  # fmt: skip
    results = _trained(run, options.data_dir, record)
    same = run.network().fingerprint == record.fingerprint
    if options.json:
        print(json.dumps(results | {"same_weights": same if record.fingerprint else None}))
    elif not record.fingerprint:
        print(_told(results))
    elif same:
        print(f"{_told(results)}\nThe weights are the recorded run's, bit for bit.")
    else:
        print(
            f"{_told(results)}\nThe weights are not the recorded run's; that was trained on: {record.device or 'a device that its record does not name'}."
        )


def _trained(run: runs.Run, data_dir: Path | None, record: records.Record | None = None) -> dict[str, Any]:
    """Train the run to its end; its results."""
    from aecore import worker  # brings TensorFlow, which the other commands do without

    bar = _ProgressBar()
    try:
        worker.work(run, data_dir, bar, record=record)
    except KeyboardInterrupt:
        run.abandon("Stopped from the keyboard.")
        raise LabError(f"Stopped from the keyboard; the run {run.id} keeps its last checkpoint.") from None
    finally:
        bar.clear()
    if message := run.state.message:  # of a network that did not learn
        print(message, file=sys.stderr)
    return run.results() or {}


def _sweep(options: argparse.Namespace) -> None:
    from aecore import sweep

    begin = time.monotonic()
    over = _over(options.over)
    settings = []
    for chosen in sweep.combinations(over):
        seed = _whole(chosen.get("seed", options.seed), "seed", 0, 2**31 - 1)
        hyper = {name: value for name, value in chosen.items() if name != "seed"}
        settings.append((chosen, *_setting(variant(options.variant), options, hyper), seed))
    datasets.load(settings[0][2], options.data_dir)
    trained = []
    for chosen, config, dataset, seed in settings:
        run = _new_run(options, config, dataset, seed)
        run.rename(f"{run.spec.name} · " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in chosen.items()))
        trained.append((chosen, run))
    bar = _SweepBar(len(trained))
    try:
        sweep.train_all([run for _, run in trained], options.data_dir, bar)
    except KeyboardInterrupt:
        raise LabError("Stopped from the keyboard; every run keeps its last checkpoint and can be resumed on its page.") from None
    finally:
        bar.clear()
    seconds = round(time.monotonic() - begin, 3)
    if options.json:
        ended = [{"over": chosen, "status": run.state.status} | (run.results() or {"run_id": run.id}) for chosen, run in trained]
        print(json.dumps({"seconds": seconds, "runs": ended}))
    else:
        print(f"{len(trained)} runs in {seconds:.1f} s")
        print(_compared(list(over), trained))


def _new_run(options: argparse.Namespace, config: Any, dataset: str, seed: int) -> runs.Run:
    return runs.create(
        options.runs or runs.default_root(), variant_name=options.variant, dataset=dataset, config=config, seed=seed,
        preset=options.preset, name=options.name,
    )  # fmt: skip


def _over(asked: list[list[str]]) -> dict[str, list[str]]:
    """The values that each --over names; their number is kept within reason."""
    names = [name.replace("-", "_") for name, *_ in asked]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise LabError(f"--over {twice} is given twice; expected each name once, with all of its values behind it.")
    over = {name: values for name, (_, *values) in zip(names, asked, strict=True)}
    bare = next((name for name, values in over.items() if not values), None)
    if bare:
        raise LabError(f"--over {bare} has no values; expected a name and at least one value, for example --over seed 0 1 2.")
    count = math.prod(len(values) for values in over.values())
    if count > MOST_IN_A_SWEEP:
        raise LabError(f"That makes {count} runs; expected at most {MOST_IN_A_SWEEP}. Leave some values out.")
    return over


def _compared(names: list[str], trained: list[tuple[dict[str, str], runs.Run]]) -> str:
    """A line for each run: what was chosen, how it ended, its figures on the test split."""
    lines = [[*names, "mse", "loss", "run"]]
    for chosen, run in trained:
        results, status = run.results(), run.state.status
        test = results["test"] if results else {}
        figures = [f"{test[name]:.5g}" if name in test else status for name in ("mse", "loss")]
        lines.append([*chosen.values(), *figures, run.id[:8]])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def _setting(cls: type[Autoencoder], options: argparse.Namespace, over: dict[str, str] | None = None) -> tuple[Any, str]:
    """The config and the data set that the preset, the flags and a sweep's choice give together."""
    if options.preset not in cls.presets:
        raise LabError(f"'{options.preset}' is not a preset of {cls.name}; expected one of {', '.join(cls.presets)}.")
    preset = cls.presets[options.preset]
    flags = {key.removeprefix("hyper."): value for key, value in vars(options).items() if key.startswith("hyper.") and value is not None}
    dataset = options.dataset or preset.dataset or "digits"
    datasets.source_of(dataset, options.data_dir)
    return cls.Config.build(dict(preset.values) | flags | (over or {})), dataset


def _evaluate(options: argparse.Namespace) -> None:
    from aecore import worker

    run = runs.find_run(options.runs or runs.default_root(), options.run)
    results = worker.results_of(run, options.data_dir)
    print(json.dumps(results) if options.json else _told(results))


def _generate(options: argparse.Namespace) -> None:
    from PIL import Image

    run = runs.find_run(options.runs or runs.default_root(), options.run)
    n = _whole(options.n, "n", 1, 10_000)
    dataset = datasets.load(run.spec.dataset, options.data_dir)
    if not dataset.image_shape:
        raise LabError(f"The run '{run.spec.name}' learned points in space; expected one that learned images. Choose another run.")
    network = run.network()
    rng = np.random.default_rng(_whole(options.seed, "seed", 0, 2**31 - 1))
    codings = variant(run.spec.variant).sample(network, n, rng, dataset.train.take(slice(0, 2000)))
    images = np.round(255 * np.clip(network.decode(codings), 0, 1)).astype(np.uint8).reshape(n, *dataset.image_shape)
    columns = min(10, n)
    grid = np.zeros((-(-n // columns) * columns, *dataset.image_shape), np.uint8)
    grid[:n] = images
    height, width = dataset.image_shape
    tiled = grid.reshape(-1, columns, height, width).swapaxes(1, 2).reshape(-1, columns * width)
    try:
        Image.fromarray(tiled).save(options.out, format="PNG")
    except OSError as error:
        raise LabError(f"'{options.out}' cannot be written ({error.strerror}); expected a file in a folder that exists.") from None
    print(f"{n} images from random codings: {options.out}")


def _pca(options: argparse.Namespace) -> None:
    dataset = datasets.load(options.dataset, options.data_dir)
    size = _whole(options.codings_size, "codings_size", 1, dataset.n_inputs)
    figures = {
        "dataset": options.dataset, "codings_size": size, "mse": dataset.pca.mse(dataset.test.floats(), size),
        "train_variance_kept": float(dataset.pca.variances[:size].sum() / dataset.pca.variances.sum()),
    }  # fmt: skip
    kept = f"{figures['train_variance_kept']:.1%}"
    print(
        json.dumps(figures)
        if options.json
        else f"PCA with {size} {'coding' if size == 1 else 'codings'} on {options.dataset}: test MSE {figures['mse']:.5f}, {kept} of the training variance kept"
    )


def _fetch(options: argparse.Namespace) -> None:
    source = datasets.source_of(options.dataset)

    line = _Line()

    def progress(done: int, total: int) -> None:
        if line.due():
            line.draw(f"{source.title}: {done / 1e6:.1f} of {total / 1e6:.1f} MB")

    if not datasets.available(options.dataset):
        datasets.download(options.dataset, progress)
        line.clear()
    print(f"{source.title} is on this machine.")


def _export(options: argparse.Namespace) -> None:
    run = runs.find_run(options.runs or runs.default_root(), options.run)
    results = run.results()
    if results is None:
        raise LabError(f"The run '{run.spec.name}' has not ended; expected one with results. Train it to its end first.")
    network, dataset = run.network(), datasets.load(run.spec.dataset, options.data_dir)
    extract = Extract.of(network, dataset).tensors() if dataset.image_shape else {}
    about = {
        "name": run.spec.name, "variant": run.spec.variant, "dataset": run.spec.dataset, "seed": run.spec.seed, "test": results["test"],
        "command": run.as_command(), "class_names": dataset.class_names,
    }  # fmt: skip
    runs.write_atomically(options.out, network.to_bytes(np.float16, about, extract))
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")


def _told(results: dict[str, Any]) -> str:
    """The results for a person to read."""
    lines = [f"run {results['run_id']}: {results['variant']} on {results['dataset']}, {results['epochs']} epochs in {results['seconds']} s "
             f"({results['images_per_second']:,.0f} images/s on {results.get('device', 'CPU')}), {results['parameters']:,} parameters"]  # fmt: skip
    return "\n".join(lines + [f"  test {name:24} {value:.5g}" for name, value in results["test"].items()])


def _whole(text: str, name: str, low: int, high: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise LabError(f"{name} is '{text}'; expected a whole number from {low} to {high}.")
    return value


if __name__ == "__main__":
    sys.exit(main())
