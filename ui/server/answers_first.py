"""A visitor's click comes before the trainings: they are held for the blink in which the server answers and the browser draws.

An answer passes forty times from thread to thread and process to process, and on a machine of few cores it would wait for the training at each. No lasting
priority spares it that: one low enough for the page starves a training beside other programs (docs/performance.md).
"""

from __future__ import annotations

import os
import threading
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.session import pool_if_started

HELD_SECONDS = 0.08  # an answer takes about as long where nothing trains
FREE_SECONDS = 0.12  # then the trainings run at least so long, however many people click
FEW_CORES = 4  # with more of them, what an answer has to share is little


class AnswersFirst:
    """ASGI middleware: whatever a page sends to Streamlit holds the trainings for a moment, unless it is something that a worker is asked for."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self.free_until = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def receive_first() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive":
                self._hold()
            return message

        of_page = (
            scope["type"] == "websocket"
            and scope["path"].endswith("/_stcore/stream")
            and (os.cpu_count() or 1) <= FEW_CORES
        )
        await self.app(scope, receive_first if of_page else receive, send)

    def _hold(self) -> None:
        pool, now = pool_if_started(), time.monotonic()
        if pool and now >= self.free_until:
            self.free_until = now + HELD_SECONDS + FREE_SECONDS
            pool.hold()
            # In a thread of its own, because the event loop may wait for a lock that a held worker has.
            release = threading.Timer(HELD_SECONDS, pool.release)
            release.daemon = True
            release.start()
