"""Compresses Streamlit's JavaScript and styles, once, for browsers on other machines.

Streamlit leaves compression to a proxy, because it costs more than it saves if it is done at each
request. A class that opens a teacher's laptop has no proxy, so each file is compressed at its first
request and kept. For a browser on the server's own machine, a file's size costs nothing.
"""

from __future__ import annotations

import asyncio
import gzip

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HERE = ("127.0.0.1", "::1")


class PrecompressedFiles:
    """ASGI middleware: answers GET /static/….js and .css with gzip, from memory."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self.kept: dict[str, list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _wanted(scope):
            await self.app(scope, receive, send)
            return
        for message in self.kept.get(scope["path"]) or await self._compressed(scope, receive):
            await send(message)

    async def _compressed(self, scope: Scope, receive: Receive) -> list[Message]:
        """The response's two messages, compressed and kept if it is a file.

        For a missing file Streamlit answers with the page's HTML; that is not kept.
        """
        start: Message = {}
        body = bytearray()

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                body.extend(message.get("body", b""))

        await self.app(scope, receive, keep)
        headers = MutableHeaders(raw=list(start["headers"]))
        if start["status"] != 200 or "html" in headers.get("content-type", "html"):
            return [start, {"type": "http.response.body", "body": bytes(body)}]
        compressed = await asyncio.to_thread(gzip.compress, bytes(body), 6)
        headers["content-encoding"], headers["content-length"] = "gzip", str(len(compressed))
        headers.add_vary_header("accept-encoding")
        self.kept[scope["path"]] = [
            {**start, "headers": headers.raw},
            {"type": "http.response.body", "body": compressed},
        ]
        return self.kept[scope["path"]]


def _wanted(scope: Scope) -> bool:
    if (
        scope["type"] != "http"
        or scope["method"] != "GET"
        or "/static/" not in scope["path"]
        or not scope["path"].endswith((".js", ".css"))
    ):
        return False
    headers = Headers(scope=scope)
    near = scope.get("client") and scope["client"][0] in HERE and "x-forwarded-for" not in headers
    return (
        not near
        and "gzip" in headers.get("accept-encoding", "")
        and not {"range", "if-none-match"} & set(headers)
    )
