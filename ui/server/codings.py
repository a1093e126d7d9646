"""A route that sends where test inputs lie among a network's codings.

`GET <CODINGS_ROUTE>/<run>?at=0-10` answers with a safetensors file: the codings of test inputs (the
`mapped` ones of the data set), their principal plane, the classes' means, and each input's ten
nearest neighbours among all codings.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from aecore.data import sources
from aecore.errors import LabError
from aecore.measures.neighbours import nearest_of
from aecore.measures.units import class_means
from aecore.network import load_network
from ui.components.packing import pack
from ui.server.answering import answer_with
from ui.server.stored_networks import stored_network

MOST_CODINGS = 50  # that can be an axis: those that vary most


async def answer(request: Request) -> Response:
    name, at = request.path_params["name"], request.query_params.get("at", "")
    return await answer_with(_answer, name, at)


def _answer(name: str, at: str) -> bytes:
    found = stored_network(name, at)
    if not sources.available(found.source):
        raise LabError(
            f"The map shows test inputs of '{found.source}', which are not on this machine; fetch "
            "them on the bench, under Data."
        )
    return _packed(found.path, found.changed, found.source)


@lru_cache(maxsize=64)
def _packed(path: Path, changed: int, source: str) -> bytes:
    """What is sent of the network in a file that was last changed then."""
    data = sources.load(source)
    z = load_network(path).encode(data.mapped.floats())
    if not np.isfinite(z).all():
        raise LabError("The codings are not finite numbers: the loss of this run exploded.")
    kept = np.sort(np.argsort(-z.std(axis=0), kind="stable")[:MOST_CODINGS])
    mean = z.mean(axis=0)
    arrays = {
        "codings": z[:, kept].astype(np.float32),
        "mean": mean.astype(np.float32),
        "neighbours": nearest_of(z).astype(np.float32),
    }
    if z.shape[1] > 1:
        _, _, directions = np.linalg.svd(z - mean, full_matrices=False)
        axes = directions[:2]
        # An axis and its opposite are as good: the longest part of each is positive.
        axes *= np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]
        arrays["axes"] = axes.astype(np.float32)
        arrays["along"] = ((z - mean) @ axes.T).astype(np.float32)
    if data.class_names:
        means = class_means(z, data.mapped.labels, len(data.class_names))
        arrays["class_means"] = means.astype(np.float32)
    return pack({"size": z.shape[1], "kept": kept.tolist()}, arrays)
