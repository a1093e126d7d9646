"""The figures that the lessons quote: `python benchmarks/lessons.py [--dataset mnist]
[--seeds 0 1 2] [--only TEXT] [--markdown FILE]`.

Trains the networks that they speak of from every seed, by a visitor's settings, and prints the
least and the most of its figures on the test split. They are those of `python -m aecore train`
with the same settings and seed. Run it after whatever changes a training or a data set, and correct
the lessons by it.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peers import ROOT
from report import heading, table, write

sys.path.insert(0, str(ROOT))

from aecore.data import sources
from aecore.models import variant
from aecore.training.evaluation import evaluate
from aecore.training.loop import Training, train

NOISY = "mse_at_noise_0.4"


@dataclass(frozen=True)
class Quoted:
    """What a lesson quotes: figures of a variant's preset, with some settings changed."""

    lesson: str
    figures: tuple[str, ...]
    values: dict[str, Any]
    preset: str = "recommended"
    variant: str = ""  # "": the lesson's own

    @property
    def words(self) -> str:
        changed = [f"{name} {value}" for name, value in self.values.items()]
        return ", ".join([self.variant or self.lesson, self.preset, *changed])


SIGMA = {"hidden_sizes": (200,), "epochs": 15}
QUOTED = (
    Quoted("linear", ("subspace_angle_degrees", "mse", "pca_mse"), {}),
    Quoted("stacked", ("mse", "pca_mse", NOISY), {}),
    Quoted("stacked", ("mse", "pca_mse"), {"codings_size": 10}),
    Quoted("stacked", ("mse",), {}, "course"),
    Quoted("stacked", ("mse", "dead_codings"), {"weight_decay": 0.0}, "course"),
    Quoted("stacked", ("mse",), {"learning_rate": 0.001}, "course"),
    Quoted("stacked", ("mse",), {"learning_rate": 0.001, "weight_decay": 0.0}, "course"),
    Quoted("tied", ("mse", NOISY), {}),
    Quoted("greedy", ("mse",), {}),
    Quoted("greedy", ("mse",), {"epochs": 15}, variant="stacked"),
    Quoted("convolutional", ("mse",), {}),
    Quoted("denoising", (NOISY,), {}),
    Quoted("denoising", (NOISY,), {"codings_size": 150}, variant="stacked"),
    Quoted("denoising", ("reconstruction_loss", "mse", NOISY), {}, "course"),
    Quoted("sparse", ("share_above_half", "mean_activation", "mse"), {}),
    Quoted("k_sparse", ("mse", "dead_codings"), {}),
    Quoted("contractive", ("squared_slopes", "mse", NOISY), {}),
    Quoted("contractive", ("squared_slopes", "mse", NOISY), {"contraction_weight": 0.0}),
    Quoted("variational", ("bound",), SIGMA),
    Quoted("variational", ("bound",), SIGMA | {"posterior": "sigma"}),
)


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--dataset", default="digits")
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options.add_argument("--only", default="", help="lessons and settings that contain this text")
    options.add_argument("--markdown", type=Path)
    chosen = options.parse_args()
    dataset, rows = sources.load(chosen.dataset), []
    for quoted in QUOTED:
        if chosen.only not in f"{quoted.lesson}: {quoted.words}":
            continue
        every = [figures(quoted, dataset, seed) for seed in chosen.seeds]
        for name in quoted.figures:
            values = [found[name] for found in every]
            rows.append([quoted.lesson, quoted.words, name, short(min(values)), short(max(values))])
            print(" | ".join(rows[-1]), file=sys.stderr, flush=True)
    note = f"On the test split of {dataset.title}, seeds {', '.join(map(str, chosen.seeds))}."
    columns = ["lesson", "settings", "figure", "least", "most"]
    write([heading("What the lessons quote"), note, table(columns, rows)], chosen.markdown)


def figures(quoted: Quoted, dataset: Any, seed: int) -> dict[str, float]:
    cls = variant(quoted.variant or quoted.lesson)
    config = cls.Config.build(dict(cls.presets[quoted.preset].values) | quoted.values)
    training = Training.fresh(cls, config, dataset.input_shape, seed)
    for _ in train(training, dataset):
        pass
    return evaluate(training.model, dataset)


def short(value: float) -> str:
    return f"{value:.4g}"


if __name__ == "__main__":
    main()
