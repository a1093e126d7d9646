"""A route that sends what a run's earlier networks make of the shown inputs.

`GET <FILM_ROUTE>/<run>?at=0-0,0-1,0-2` answers with a safetensors file: the frames, and the places
they are from, and the errors of these networks. A place that is no longer kept is left out.
"""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from aecore.errors import LabError
from aecore.runs import store
from aecore.runs.film import film
from aecore.runs.history import History, Place, place_of
from aecore.runs.run import Run
from ui.components.packing import pack
from ui.session import pool

MOST_PLACES = 1000  # at once


async def answer(request: Request) -> Response:
    try:
        wanted = _places(request.query_params.get("at", ""))
        run = store.open_run(pool().root, request.path_params["run_id"])
        blob = await asyncio.to_thread(_packed, run, wanted)
    except LabError as error:
        return PlainTextResponse(str(error), status_code=404)
    except ValueError:
        return PlainTextResponse("Expected ?at=phase-step,phase-step, …", status_code=400)
    # A resumed run may come to the same step with other weights.
    headers = {"cache-control": "no-store"}
    return Response(blob, media_type="application/octet-stream", headers=headers)


def _places(text: str) -> list[Place]:
    """The places in "0-10,0-13"; `ValueError` if that is not what it is."""
    keys = text.split(",")
    found = [place for place in map(place_of, keys) if place]
    if len(found) < len(keys) or len(found) > MOST_PLACES:
        raise ValueError(text)
    return found


def _packed(run: Run, wanted: list[Place]) -> bytes:
    found = film(History(run.path), wanted, run.spec.dataset)
    return pack({"places": found.places}, {"frames": found.frames, "errors": found.errors})
