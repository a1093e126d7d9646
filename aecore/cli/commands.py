"""The commands other than `train` and `sweep`."""

from __future__ import annotations

import argparse
import json

import numpy as np

from aecore import export as exports
from aecore.cli.progress import DownloadBar
from aecore.cli.training import as_text, whole_number
from aecore.data import download, sources
from aecore.data.dataset import as_bytes
from aecore.errors import LabError
from aecore.jobs import work
from aecore.models import variant, variants
from aecore.runs import files, store
from aecore.runs.run import Run


def open_dashboard(options: argparse.Namespace) -> int:
    from aecore.launch import open_lab

    return open_lab(None if options.port is None else whole_number(options.port, "port", 1, 65_535))


def list_all(options: argparse.Namespace) -> None:
    entries = store.listing(options.runs or store.default_root())
    listed = [
        {
            "run_id": run.id,
            "name": run.spec.name,
            "variant": run.spec.variant,
            "dataset": run.spec.dataset,
            "status": run.state.status,
        }
        for run in entries
        if isinstance(run, Run)
    ]
    if options.json:
        sentences = {name: cls.sentence for name, cls in variants().items()}
        datasets = {
            name: {"about": source.about, "available": sources.available(name)}
            for name, source in sources.sources().items()
        }
        print(json.dumps({"variants": sentences, "datasets": datasets, "runs": listed}))
        return
    width = max(map(len, [*variants(), *sources.sources()])) + 2
    for name, cls in variants().items():
        print(f"{name:{width}}{cls.sentence}")
    print()
    for name, source in sources.sources().items():
        print(f"{name:{width}}{source.about}{'' if sources.available(name) else ' (not here yet)'}")
    if listed:
        print()
    for run in listed:
        print(f"{run['run_id']}  {run['status']:11} {run['name']}")


def evaluate(options: argparse.Namespace) -> None:
    run = store.find_run(options.runs or store.default_root(), options.run)
    results = work.results_of(run, options.data_dir)
    print(json.dumps(results) if options.json else as_text(results))


def generate(options: argparse.Namespace) -> None:
    from PIL import Image

    run = store.find_run(options.runs or store.default_root(), options.run)
    n = whole_number(options.n, "n", 1, 10_000)
    dataset = sources.load(run.spec.dataset, options.data_dir)
    if not dataset.image_shape:
        raise LabError(
            f"The run '{run.spec.name}' learned points in space; "
            "expected one that learned images. Choose another run."
        )
    network = run.network()
    rng = np.random.default_rng(whole_number(options.seed, "seed", 0, 2**31 - 1))
    codings = variant(run.spec.variant).sample(network, n, rng, dataset.train.take(slice(0, 2000)))
    images = as_bytes(network.decode(codings))
    columns = min(10, n)
    grid = np.zeros((-(-n // columns) * columns, *dataset.image_shape), np.uint8)
    grid[:n] = images.reshape(n, *dataset.image_shape)
    height, width, channels = dataset.image_shape
    rows_of_images = grid.reshape(-1, columns, height, width, channels).swapaxes(1, 2)
    tiled = rows_of_images.reshape(-1, columns * width, channels)
    try:
        Image.fromarray(tiled if channels == 3 else tiled[..., 0]).save(options.out, format="PNG")
    except OSError as error:
        raise LabError(
            f"'{options.out}' cannot be written ({error.strerror}); "
            "expected a file in a folder that exists."
        ) from None
    print(f"{n} images from random codings: {options.out}")


def pca(options: argparse.Namespace) -> None:
    dataset = sources.load(options.dataset, options.data_dir)
    size = whole_number(options.codings_size, "codings_size", 1, dataset.n_inputs)
    variances = dataset.pca.variances
    mse = dataset.pca.mse(dataset.test.floats(), size)
    kept = float(variances[:size].sum() / variances.sum())
    if options.json:
        figures = {
            "dataset": options.dataset,
            "codings_size": size,
            "mse": mse,
            "train_variance_kept": kept,
        }
        print(json.dumps(figures))
    else:
        print(
            f"PCA with {size} {'coding' if size == 1 else 'codings'} on {options.dataset}: "
            f"test MSE {mse:.5f}, {kept:.1%} of the training variance kept"
        )


def fetch(options: argparse.Namespace) -> None:
    source = sources.source_of(options.dataset)
    if not sources.available(options.dataset):
        with DownloadBar(source.title) as bar:
            download.download(options.dataset, bar)
    print(f"{source.title} is on this machine.")


def export(options: argparse.Namespace) -> None:
    chosen = exports.export(options.kind)
    run = store.find_run(options.runs or store.default_root(), options.run)
    files.write_atomically(options.out, chosen.bytes_of(run, options.data_dir))
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")
