"""A WebSocket route that pushes a run's news to every page that watches it.

One `Feed` a run reads the run's folder, however many pages watch; each page gets the same message.
If a page cannot reach the route, its component reports that, and the page polls
`Feed.catch_up()` instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from urllib.parse import urlparse

from starlette.websockets import WebSocket, WebSocketDisconnect

from aecore.errors import LabError
from aecore.runs import store
from aecore.runs.feed import Feed
from aecore.runs.run import Run
from ui.session import pool
from ui.waiting import describe

TICK_SECONDS = 0.05  # a change of state and the first point are pushed after one tick
# New points five times a second: more is no smoother, and slows the page's sliders down.
PUSH_SECONDS = 0.2
SEND_SECONDS = 2.0  # a page that takes longer to receive is disconnected, and joins again


class _Channel:
    """A feed and the sockets that watch it. Its one task ends with the last of them."""

    def __init__(self, run: Run):
        self.feed = Feed(run, describe)
        self.sockets: set[WebSocket] = set()
        self.task: asyncio.Task[None] | None = None

    async def join(self, socket: WebSocket) -> None:
        so_far = self.feed.catch_up().to_json()
        # Before the first await; what is pushed meanwhile would be missed.
        self.sockets.add(socket)
        await socket.send_text(so_far)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._push())

    async def _push(self) -> None:
        """Sends news as long as somebody watches."""
        last, changed, due = "", -1, 0.0
        try:
            while self.sockets:
                await asyncio.sleep(TICK_SECONDS)
                now = (self.feed.run.path / "state.json").stat().st_mtime_ns
                if now == changed and (
                    self.feed.finished or (self.feed.points and time.monotonic() < due)
                ):
                    continue
                changed = now
                # The next push is due on a fixed beat: late ticks do not add up, and neither do
                # changes of state that are pushed before the beat.
                moment = time.monotonic()
                due = min(moment, max(due, moment - TICK_SECONDS)) + PUSH_SECONDS
                message = self.feed.news().to_json()
                if message != last:
                    last = message
                    await asyncio.gather(*(self._send(socket, message) for socket in self.sockets))
        except FileNotFoundError:
            pass  # the run was deleted
        finally:
            await asyncio.gather(*(self._cut(socket) for socket in self.sockets))

    async def _send(self, socket: WebSocket, message: str) -> None:
        try:
            await asyncio.wait_for(socket.send_text(message), SEND_SECONDS)
        except (TimeoutError, RuntimeError, WebSocketDisconnect):
            await self._cut(socket)

    async def _cut(self, socket: WebSocket) -> None:
        self.sockets.discard(socket)
        with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            await asyncio.wait_for(socket.close(), SEND_SECONDS)


_channels: dict[str, _Channel] = {}


async def follow(socket: WebSocket) -> None:
    origin = socket.headers.get("origin")
    if origin and urlparse(origin).netloc != socket.headers.get("host"):
        await socket.close(code=1008)
        return
    try:
        run = store.open_run(pool().root, socket.path_params["run_id"])
    except LabError:
        await socket.close(code=1008)
        return
    await socket.accept()
    channel = _channels.setdefault(run.id, _Channel(run))
    try:
        await channel.join(socket)
        while True:
            await socket.receive_text()
    except (WebSocketDisconnect, RuntimeError):
        pass
    finally:
        channel.sockets.discard(socket)
        if not channel.sockets:
            _channels.pop(run.id, None)
