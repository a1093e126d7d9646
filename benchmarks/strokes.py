"""Whether first-layer weights are strokes: `python benchmarks/strokes.py [--variants denoising]
[--set weight_decay=1e-5 epochs=40] [--only-changed] [--seeds 0 1 2] [--dataset mnist]
[--sheets FOLDER] [--markdown FILE]`.

Trains the recommended preset of each variant, once as it is and once with what --set changes, and
prints for each the test error and two figures of the weight images of the first layer, means over
its living units (`Autoencoder.alive` of their activations): the share of an image's energy in waves
longer than six pixels, and its correlation with what excites the unit. A sheet shows the weight
images of the first seed's strongest units.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from peers import ROOT
from PIL import Image
from report import heading, table, write

sys.path.insert(0, str(ROOT))

from aecore import units
from aecore.data import sources
from aecore.data.dataset import Dataset
from aecore.errors import LabError
from aecore.measures import smoothness
from aecore.models import variant, variants
from aecore.training.evaluation import evaluate
from aecore.training.loop import Training, train

Array = np.ndarray
FIGURES = ("mse", "mse_from_noisy", "mean_activation", "population_sparseness")


def shape_of(dataset: Dataset) -> tuple[int, int, int]:
    if dataset.image_shape is None:
        raise LabError(f"{dataset.title} has points; expected images, which have strokes.")
    return dataset.image_shape


def trained(name: str, dataset: Dataset, values: dict[str, Any], seed: int) -> Training:
    cls = variant(name)
    config = cls.Config.build(dict(cls.presets["recommended"].values) | values)
    training = Training.fresh(cls, config, dataset.input_shape, seed)
    for _ in train(training, dataset):
        pass
    return training


def weight_images(training: Training, dataset: Dataset) -> tuple[Array, Array, dict[str, float]]:
    """The weight images of the first layer's living units [n, D], their norms, and two figures."""
    network, x = training.model.network(), dataset.test.floats()
    layer = units.layers_of(network)[0]
    a = units.activations(network, layer, x)
    living = np.flatnonzero(training.model.alive(a))
    weights, norms = units.pictures(network, layer, units.WEIGHTS, a, x, living)
    responses, _ = units.pictures(network, layer, units.EXCITES, a, x, living)
    figures = {
        "smooth share": float(smoothness.smooth_share(weights, shape_of(dataset)).mean()),
        "correlation": float(smoothness.correlations(weights, responses).mean()),
        "living": float(len(living)),
    }
    return weights, norms, figures


def of_noise(dataset: Dataset) -> dict[str, float]:
    """The same of 1,000 images of white noise; the size of the correlation with another one."""
    rng = np.random.default_rng(0)
    one, other = rng.standard_normal((2, 1000, int(np.prod(shape_of(dataset)))))
    return {
        "smooth share": float(smoothness.smooth_share(one, shape_of(dataset)).mean()),
        "correlation": float(np.abs(smoothness.correlations(one, other)).mean()),
    }


def sheet(weights: Array, norms: Array, shape: tuple[int, int, int], across: int = 12) -> Any:
    """A picture of the `across` * `across` weight images of the greatest norm; grey is zero."""
    chosen = weights[np.argsort(-norms)[: across * across]].reshape(-1, *shape).mean(axis=3)
    chosen = chosen / np.abs(chosen).max(axis=(1, 2), keepdims=True)
    tiles = np.zeros((across * across, shape[0] + 2, shape[1] + 2))
    tiles[: len(chosen), 1:-1, 1:-1] = chosen
    rows = tiles.reshape(across, across, *tiles.shape[1:]).swapaxes(1, 2)
    grey = np.round(127.5 * (1 + rows.reshape(across * tiles.shape[1], -1))).astype(np.uint8)
    return Image.fromarray(grey).resize(
        (3 * grey.shape[1], 3 * grey.shape[0]), Image.Resampling.NEAREST
    )


def rows(chosen: argparse.Namespace, dataset: Dataset) -> Iterator[list[str]]:
    changes = dict(chosen.set)
    for name in chosen.variants:
        for values in [{}, changes] if changes and not chosen.only_changed else [changes]:
            words = ", ".join(f"{key} {value}" for key, value in values.items()) or "recommended"
            every = []
            for seed in chosen.seeds:
                training = trained(name, dataset, values, seed)
                weights, norms, figures = weight_images(training, dataset)
                test = evaluate(training.model, dataset)
                every.append(figures | {key: test[key] for key in FIGURES if key in test})
                if chosen.sheets and seed == chosen.seeds[0]:
                    chosen.sheets.mkdir(parents=True, exist_ok=True)
                    file = chosen.sheets / f"{name} {words}.png".replace(" ", "_")
                    sheet(weights, norms, shape_of(dataset)).save(file)
            found = {key: [figures[key] for figures in every] for key in every[0]}
            first = ["mse", "smooth share", "correlation", "living"]
            rest = [f"{key} {statistics.mean(found[key]):.4g}" for key in found if key not in first]
            yield [name, words, *(spread(found[key]) for key in first), ", ".join(rest)]


def changed(text: str) -> tuple[str, str]:
    """A setting and its value; argparse says what is wrong with other text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"'{text}' has no '='; expected NAME=VALUE")
    return name, value


def spread(values: list[float]) -> str:
    return f"{statistics.mean(values):.4g} ({min(values):.4g}–{max(values):.4g})"


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    dense = [name for name in variants() if name != "convolutional"]
    usual = ["stacked", "denoising", "sparse"]
    options.add_argument("--variants", nargs="+", choices=dense, default=usual)
    options.add_argument("--set", nargs="+", default=[], type=changed, metavar="NAME=VALUE")
    options.add_argument("--only-changed", action="store_true", help="leave out the preset itself")
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options.add_argument("--dataset", default="digits")
    options.add_argument("--sheets", type=Path, help="put contact sheets into this folder")
    options.add_argument("--markdown", type=Path)
    chosen = options.parse_args()
    dataset, found = sources.load(chosen.dataset), []
    try:
        for row in rows(chosen, dataset):
            found.append(row)
            print(" | ".join(row), file=sys.stderr, flush=True)
    except LabError as error:
        sys.exit(str(error))
    noise = of_noise(dataset)
    found.append(["white noise", "", "", *(f"{value:.2g}" for value in noise.values()), "", ""])
    columns = ["variant", "settings", "mse", "smooth share", "correlation", "living units", "also"]
    note = f"On the test split of {dataset.title}, seeds {', '.join(map(str, chosen.seeds))}."
    write([heading("Strokes"), note, table(columns, found)], chosen.markdown)


if __name__ == "__main__":
    main()
