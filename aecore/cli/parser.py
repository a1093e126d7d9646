"""Parses the commands and their flags. A variant's flags are its declared hyperparameters."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, NoReturn

from aecore.cli.commands import evaluate, export, fetch, generate, list_all, open_dashboard, pca
from aecore.cli.references import make_references
from aecore.cli.sweeps import sweep
from aecore.cli.training import replay, train
from aecore.data import sources
from aecore.errors import LabError, SettingError
from aecore.export import EXPORTS
from aecore.models import Autoencoder, variants


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` that raises its errors as a `LabError` of one sentence."""

    def error(self, message: str) -> NoReturn:
        raise LabError(f"{message[0].upper()}{message[1:]}; see '{self.prog} --help'.")


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns the exit status."""
    try:
        options = _parser().parse_args(arguments)
        return int(options.command(options) or 0)
    except SettingError as error:
        print(f"aecore: --{error.field.replace('_', '-')}: {error}", file=sys.stderr)
        return 2
    except LabError as error:
        print(f"aecore: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of the output, such as `head`, has closed it
        sys.stderr.close()
        return 0
    except OSError as error:
        print(
            f"aecore: {error.strerror or error}: '{error.filename}'; "
            "expected a place that can be read and written. Choose another folder or file.",
            file=sys.stderr,
        )
        return 2


def _parser() -> Parser:
    installed = Path(sys.argv[0]).name == "autoencoder-lab"
    parser = Parser(
        prog="autoencoder-lab" if installed else "python -m aecore",
        description="Train, measure and use the autoencoders of the course.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    where_runs, where_data, as_json = _common_flags()

    command = commands.add_parser("open", help="open the dashboard in the browser")
    command.add_argument(
        "--port", metavar="N", help="where it answers (default: 8501, or the next that is free)"
    )
    command.set_defaults(command=open_dashboard)

    command = commands.add_parser(
        "list", parents=[where_runs, as_json], help="the variants, data sets and runs"
    )
    command.set_defaults(command=list_all)

    several = Parser(add_help=False)
    several.add_argument(
        "--over",
        nargs="+",
        action="append",
        metavar="VALUE",
        required=True,
        help="a setting (the seed or a hyperparameter) and its values; "
        "repeat it to train every combination",
    )
    for name, help, does, own in (
        ("train", "train a variant", train, []),
        (
            "sweep",
            "train a variant with every combination of some values, several at a time",
            sweep,
            [several],
        ),
    ):
        command = commands.add_parser(name, parents=_common_flags(), help=help)
        if name == "train":
            command.add_argument(
                "--record",
                type=Path,
                metavar="FILE",
                help="instead of a variant: repeat the run of this record, "
                "which its Figures tab offers",
            )
            command.set_defaults(command=replay)
        kinds = command.add_subparsers(required=name != "train", metavar="VARIANT")
        for cls in variants().values():
            kind = kinds.add_parser(
                cls.name,
                parents=[*_common_flags(argparse.SUPPRESS), *own],
                help=cls.sentence,
                formatter_class=argparse.ArgumentDefaultsHelpFormatter,
            )
            _add_settings(kind, cls)
            if name == "train":
                _add_origin(kind)
            kind.set_defaults(command=does, variant=cls.name)

    command = commands.add_parser(
        "evaluate",
        parents=[where_runs, where_data, as_json],
        help="a run's figures on the test split",
    )
    command.add_argument("run", metavar="RUN", help="a run's id")
    command.set_defaults(command=evaluate)

    command = commands.add_parser(
        "generate", parents=[where_runs, where_data], help="images from random codings"
    )
    command.add_argument("run", metavar="RUN", help="a run's id")
    command.add_argument("--n", default="60", help="how many (default: 60)")
    command.add_argument("--seed", default="0", metavar="N")
    command.add_argument("--out", type=Path, required=True, metavar="FILE.png")
    command.set_defaults(command=generate)

    command = commands.add_parser("pca", parents=[where_data, as_json], help="the exact PCA")
    command.add_argument("--dataset", default="digits", metavar="NAME")
    command.add_argument("--codings-size", "--codings_size", required=True, metavar="K")
    command.set_defaults(command=pca)

    command = commands.add_parser(
        "references",
        parents=[where_data],
        help="train the presets with five seeds each, for the band in which a chart expects them",
    )
    command.add_argument(
        "variant", nargs="?", metavar="VARIANT", help="its presets only (default: all variants)"
    )
    command.add_argument("--dataset", default="digits", metavar="NAME")
    command.add_argument(
        "--again",
        action="store_true",
        help="also those that have a reference of their present settings",
    )
    command.add_argument(
        "--out", type=Path, metavar="DIR", help="folder of the references (default: the lab's own)"
    )
    command.set_defaults(command=make_references)

    command = commands.add_parser("fetch", help="download a data set into the cache")
    command.add_argument("dataset", metavar="NAME")
    command.set_defaults(command=fetch)

    command = commands.add_parser(
        "export",
        parents=[where_runs, where_data],
        help="write a run to one file (default: its network, "
        "in the format of the networks that the lab comes with)",
    )
    command.add_argument("run", metavar="RUN", help="a run's id")
    formats = "; ".join(f"{name}: {made.about}" for name, made in sorted(EXPORTS.items()))
    command.add_argument("--as", dest="kind", default="network", metavar="KIND", help=formats)
    command.add_argument("--out", type=Path, required=True, metavar="FILE")
    command.set_defaults(command=export)
    return parser


def _common_flags(default: Any = None) -> tuple[Parser, Parser, Parser]:
    """Returns parsers of --runs, --data-dir and --json.

    default: `argparse.SUPPRESS` for a subparser whose parent has the same flags. Its defaults would
    otherwise overwrite the values that the parent read.
    """
    where_runs, where_data, as_json = (
        Parser(add_help=False, argument_default=default) for _ in range(3)
    )
    where_runs.add_argument(
        "--runs",
        type=Path,
        metavar="DIR",
        help="folder of the runs (default: AUTOENCODER_LAB_RUNS, or the lab's own)",
    )
    where_data.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        help="folder that has the data sets' files (default: AUTOENCODER_LAB_DATA, then the cache)",
    )
    as_json.add_argument(
        "--json",
        action="store_true",
        default=default or False,
        help="print exactly one JSON object",
    )
    return where_runs, where_data, as_json


def _add_origin(kind: argparse.ArgumentParser) -> None:
    """Adds the flags that go on from a moment of another run."""
    kind.add_argument(
        "--origin",
        metavar="RUN",
        help="go on from this run, with its settings but for the flags given",
    )
    kind.add_argument(
        "--at",
        metavar="STEP",
        help="the step of that run, or its phase (from 0) and step as in 1-500; default: its last",
    )


def _add_settings(kind: argparse.ArgumentParser, cls: type[Autoencoder]) -> None:
    """Adds a flag for every setting of a training of this variant."""
    kind.add_argument("--dataset", metavar="NAME", help=f"one of {', '.join(sources.sources())}")
    kind.add_argument("--seed", metavar="N", help="everything random follows from it; default: 0")
    presets = ", ".join(cls.presets)
    kind.add_argument("--preset", help=f"one of {presets}; default: recommended")
    kind.add_argument("--name", default="", help="a label for the run")
    for field, control in cls.Config.declared().items():
        flags = dict.fromkeys([f"--{field.replace('_', '-')}", f"--{field}"])
        kind.add_argument(
            *flags,
            dest=f"hyper.{field}",
            metavar="VALUE",
            help=f"{control.help} Expected: {control.expected}.".replace("%", "%%"),
        )
