"""How the routes that compute something of a network answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec

from starlette.responses import PlainTextResponse, Response

from aecore.errors import LabError

P = ParamSpec("P")
# One at a time: what a page asks for while the time slider moves must not slow a training.
_turn = asyncio.Semaphore(1)


async def answer_with(compute: Callable[P, bytes], *args: P.args, **kwargs: P.kwargs) -> Response:
    """Answers with what a function returns, or with the sentence of the `LabError` that it raises.

    The function runs in a thread.
    """
    try:
        async with _turn:
            blob = await asyncio.to_thread(compute, *args, **kwargs)
    except LabError as error:
        return PlainTextResponse(str(error), status_code=404)
    # A run's weights change while it trains, and after it was resumed.
    headers = {"cache-control": "no-store"}
    return Response(blob, media_type="application/octet-stream", headers=headers)
