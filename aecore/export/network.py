"""The network alone, with what a page needs of its data set: the form of `aecore.pretrained`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from aecore.data import sources
from aecore.data.extract import Extract
from aecore.export.base import Export, register
from aecore.runs.run import Run


def make(run: Run, data_dir: Path | None) -> bytes:
    """A safetensors file of float16 weights; its metadata says how the network was made."""
    results = run.results()
    assert results is not None  # `check` has seen them
    network, dataset = run.network(), sources.load(run.spec.dataset, data_dir)
    extract = Extract.of(network, dataset).tensors() if dataset.image_shape else {}
    about = {
        "name": run.spec.name,
        "variant": run.spec.variant,
        "dataset": run.spec.dataset,
        "seed": run.spec.seed,
        "test": results["test"],
        "command": run.as_command(),
        "class_names": dataset.class_names,
    }
    return network.to_bytes(np.float16, about, extract)


NETWORK = register(
    Export(
        "network",
        "the network as safetensors, with a few test images",
        ".safetensors",
        make,
        needs_results=True,
        needs_data=True,
    )
)
