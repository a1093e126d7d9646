"""Asks a route of the lab's as a page does, without a server."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

from safetensors.numpy import load
from starlette.requests import Request


def asked(answer, name: str, query: str = ""):
    """The route's answer, its header and its arrays; these are empty if it refused."""
    scope = {
        "type": "http",
        "method": "GET",
        "headers": [],
        "query_string": query.encode(),
        "path_params": {"name": name},
    }
    # this thread's event loop may be Playwright's
    done = ThreadPoolExecutor().submit(lambda: asyncio.run(answer(Request(scope))))
    given = done.result()
    if given.status_code != 200:
        return given, {}, {}
    length = int.from_bytes(given.body[:8], "little")
    metadata = json.loads(given.body[8 : 8 + length])["__metadata__"]
    return given, json.loads(metadata["header"]), load(given.body)
