"""Pauses the trainings for 80 ms when a visitor clicks, so that the page answers first.

An answer is passed on forty times between threads and processes. On a machine of few cores it would
wait for the training each time. A permanently lower priority is no remedy: if it is low enough for
the page, a training starves beside other programs (docs/performance.md).
"""

from __future__ import annotations

import os
import threading
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.session import pool_if_started

HELD_SECONDS = 0.08  # an answer takes about that long if nothing trains
FREE_SECONDS = 0.12  # then the trainings run at least that long, however many people click
FEW_CORES = 4  # with more, an answer hardly waits for a training


class AnswersFirst:
    """ASGI middleware: a message from a page to Streamlit pauses the trainings for a moment."""

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
            # In a thread, because the event loop may wait for a lock that a paused worker holds.
            release = threading.Timer(HELD_SECONDS, pool.release)
            release.daemon = True
            release.start()
