"""How many random images are digits: `python benchmarks/samples.py [--variants stacked variational]
[--seeds 0 1 2] [--dataset mnist] [--markdown FILE]`.

Trains the recommended preset of each variant with each seed and decodes random codings: from the
prior or each coding by itself, and from a Gaussian for each class, fitted to the test images'
codings, at two temperatures. Beside them the reconstructions of test images. A judge that has
seen only real images, scikit-learn's multi-layer perceptron, counts those it is sure of (> 95 %).
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from peers import ROOT
from report import heading, table, write
from sklearn.neural_network import MLPClassifier
from strokes import trained

sys.path.insert(0, str(ROOT))

from aecore.data import sources
from aecore.data.dataset import Dataset
from aecore.data.extract import Extract
from aecore.models import variant, variants
from aecore.network import Network

Array = np.ndarray
DRAWS = 1000
SURE = 0.95
JUDGED_BY = 20_000  # training images that the judge learns from


def codings_of(network: Network, dataset: Dataset, prior: bool, seed: int) -> dict[str, Array]:
    """Codings [DRAWS, K] of each kind."""
    rng, extract = np.random.default_rng(seed), Extract.of(network, dataset)
    noise = rng.standard_normal((DRAWS, network.codings_size), dtype=np.float32)
    return {
        "prior, or each by itself": noise if prior else extract.mean + extract.deviation * noise,
        "mixture": extract.clouds.draw(DRAWS, rng),
        "mixture, 0.7": extract.clouds.draw(DRAWS, rng, 0.7),
        "of test images": network.encode(dataset.test.floats(DRAWS)),
    }


def rows(chosen: argparse.Namespace, dataset: Dataset, judge: MLPClassifier) -> Iterator[list[str]]:
    for name in chosen.variants:
        shares: dict[str, list[float]] = {}
        for seed in chosen.seeds:
            network = trained(name, dataset, {}, seed).model.network()
            every = codings_of(network, dataset, variant(name).has_prior, seed)
            for kind, codings in every.items():
                sure = judge.predict_proba(network.decode(codings)).max(axis=1) > SURE
                shares.setdefault(kind, []).append(float(sure.mean()))
        yield [
            name,
            *(
                f"{statistics.mean(found):.0%} ({min(found):.0%}–{max(found):.0%})"
                for found in shares.values()
            ),
        ]


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--variants", nargs="+", choices=list(variants()), default=["stacked", "variational"]
    )
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options.add_argument("--dataset", default="digits")
    options.add_argument("--markdown", type=Path)
    chosen = options.parse_args()
    dataset = sources.load(chosen.dataset)
    train = dataset.train.take(slice(0, JUDGED_BY))
    judge = MLPClassifier((300,), max_iter=30, early_stopping=True, random_state=0)
    judge.fit(train.floats(), train.labels)
    right = judge.score(dataset.test.floats(), dataset.test.labels)
    found = list(rows(chosen, dataset, judge))
    note = (
        f"{dataset.title}, {DRAWS:,} codings a seed, seeds {', '.join(map(str, chosen.seeds))}; "
        f"the judge is right on {right:.1%} of the test images."
    )
    columns = ["variant", "prior, or each by itself", "mixture", "mixture, 0.7", "of test images"]
    write([heading("Samples"), note, table(columns, found)], chosen.markdown)


if __name__ == "__main__":
    main()
