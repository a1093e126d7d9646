"""The live chart's road: a WebSocket route of the same process that pushes a run's news to every page that watches it.

One `Feed` a run looks into the run's folder, whoever and however many watch; each page gets the same message. Where
the route cannot be reached the component says so, and the page polls `Feed.catch_up()` instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlparse

from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from aecore import runs
from aecore.datasets import load
from aecore.errors import LabError
from aecore.runs import Run, State, alive
from aecore.statuses import ACTIVE, Status
from ui import plotly_js
from ui.session import OWNER_COOKIE, pool, pool_if_started
from ui.words import STATUSES, stands

ROUTE = "/lab/live"
TICK_SECONDS = 0.05  # a change of state, and the first point, are pushed as soon
PUSH_SECONDS = 0.2  # new points five times a second: more is no smoother, and costs the page what its sliders need
FIRST_PAGE_SECONDS = 2.0  # a worker that starts at once makes the first digit wait 0.2 s longer (1.8 s to 2.0)
MOST_POINTS = 600  # sent to a page that joins; neighbours are averaged until they fit, but for those with an evaluation, and of evaluations every second is left out
SEND_SECONDS = 2.0  # a page that takes longer to receive is cut off, and joins again


def standing(run: Run, state: State) -> str:
    """What the page's buttons and tabs depend on: it is drawn anew when this has changed."""
    return f"{state.status}, {'weights' if run.has_network else 'no weights'}"


class Feed:
    """What a chart shows of one run, kept up to date by reading only what was appended."""

    def __init__(self, run: Run):
        self.run = run
        self.finished = False  # it has ended, and its worker has nothing more to store
        self._sitting: int | None = None
        self._stands: dict[str, Any] = {}  # where it stood at the last look
        self.lock = threading.Lock()  # for pages that poll the same feed from their own threads
        self._clear()

    def _clear(self) -> None:
        self._offset = 0
        self.phases: list[dict[str, Any]] = []
        self.points: list[dict[str, Any]] = []  # a chunk each: {"x": step over all phases, "terms": {…}}
        self.evaluations: list[dict[str, Any]] = []
        self.snapshot: dict[str, Any] | None = None
        self.progress: dict[str, Any] = {}
        self._held: dict[str, Any] | None = None

    def news(self) -> dict[str, Any]:
        """What is new since the last call, ready to be sent."""
        try:
            state = self.run.state  # before the events: what it says has happened is among them
        except LabError as error:
            self.finished = True
            self._stands = {
                "status": Status.FAILED, "over": True, "words": STATUSES[Status.FAILED], "standing": Status.FAILED, "message": error.on_page,
            }  # fmt: skip
            return self._stands
        fresh = self._sitting not in (None, state.sittings)  # a resumed run forgot what came after its last checkpoint
        if fresh:
            self._clear()
        self._sitting, self.finished = state.sittings, state.status not in ACTIVE and not alive(state)
        points, evaluations = len(self.points), len(self.evaluations)
        lines, self._offset = runs.read_lines(self.run.path / "events.jsonl", self._offset)
        had_snapshot = self.snapshot
        for line in lines:
            self._take(line)
        self._stands = self._standing(state)
        if fresh:
            return self.catch_up()
        message: dict[str, Any] = {"points": self.points[points:], "evaluations": self.evaluations[evaluations:], "phases": self.phases}
        if self.snapshot is not had_snapshot:
            message["snapshot"] = self.snapshot
        self._thin()
        return message | self._stands

    def catch_up(self) -> dict[str, Any]:
        """Everything so far: what a page that joins is given, and after a call of `news` one that polls."""
        if not self._stands:
            self.news()
        self._thin()
        return {
            "reset": True, "points": self.points, "evaluations": self.evaluations, "phases": self.phases, "snapshot": self.snapshot,
        } | self._stands  # fmt: skip

    def _standing(self, state: State) -> dict[str, Any]:
        return {
            "status": state.status, "over": state.status not in ACTIVE, "words": self._words(state), "message": state.message,
            "standing": standing(self.run, state), "progress": self.progress,
        }  # fmt: skip

    def _words(self, state: State) -> str:
        """Where it stands, and what a plain status does not tell: why it waits, and for how long; where a paused run has gone."""
        if state.status is Status.PAUSED and not state.pid:
            return "Paused and stored: it holds no place"
        if state.status is not Status.QUEUED:
            return stands(state)
        workers = pool_if_started()
        if not workers or not workers.warm:
            return "Starting the training engine"
        wait = workers.wait_of(self.run.id)
        if wait is None:
            return "Starting"
        place = f"Waiting for a slot: place {wait.place} of {wait.of}"
        if not wait.known and wait.seconds < 5:  # nothing to be said
            return place
        return f"{place}, {'about' if wait.known else 'at least'} {_roughly(wait.seconds)}"

    def _take(self, event: dict[str, Any]) -> None:
        kind = event["event"]
        if kind == "PhaseStarted":
            before = self.phases[-1] if self.phases else None
            if before and before["phase"] == event["phase"]:
                self.phases.pop()
                start = before["start"]
            else:
                start = before["start"] + before["epochs"] * before["steps_per_epoch"] if before else 0
            self.phases.append(event | {"start": start})
            return
        start = self.phases[-1]["start"] if self.phases else 0
        if kind == "Steps":
            terms = {name: sum(values) / len(values) for name, values in event["terms"].items()}
            taken = len(next(iter(event["terms"].values())))
            self._point({"x": start + event["step"], "phase": event["phase"], "terms": terms, "n": taken})
            total = self.phases[-1]["epochs"] * self.phases[-1]["steps_per_epoch"]
            self.progress = {
                "phase": event["phase"], "epoch": event["epoch"], "step": event["step"], "steps": total, "learning_rate": event["learning_rate"],
            } | self._pace(event, taken, total)  # fmt: skip
        elif kind == "EpochEnded":
            if self._held:  # shown with the chunk before it, so that training and validation can be read at the same step
                self.points.append(_merged([self.points[-1], self._held]) | {"n": 1})
                self._held = None
            self.evaluations.append({"x": start + event["step"], "phase": event["phase"], "epoch": event["epoch"], "valid": event["valid"]})
        elif kind == "Snapshot":
            self.snapshot = {
                "x": start + event["step"],
                "pictures": event["reconstructions"],
                "seen": event["seen"],
                "meters": event["meters"],
            }

    def _pace(self, event: dict[str, Any], taken: int, total: int) -> dict[str, float]:
        """How fast it goes and how long it will take; nothing after the first chunk, which took the time in which its programs are made."""
        if not self.progress:
            return {}
        rate, before = event["images"] / max(event["seconds"], 1e-9), self.progress.get("images_per_second")
        if before:
            rate = 0.7 * before + 0.3 * rate if taken > 1 else before
        images_left = (total - event["step"]) * event["images"] / taken
        return {"images_per_second": rate, "seconds_left": images_left / max(rate, 1e-9)}

    def _point(self, point: dict[str, Any]) -> None:
        """Add a point; a lone step behind a long chunk (the small last batch of an epoch) waits to be averaged with the next."""
        if self._held:
            point = _merged([self._held, point])
        long_before = bool(self.points) and self.points[-1]["n"] >= 4
        self._held = point if point["n"] == 1 and long_before else None
        if not self._held:
            self.points.append(point)

    def _thin(self) -> None:
        while len(self.evaluations) > MOST_POINTS:
            self.evaluations = self.evaluations[-1::-2][::-1]  # the last one stays
        read = {evaluation["x"] for evaluation in self.evaluations}  # where validation is read, training is too
        while len(self.points) > MOST_POINTS + len(read):
            pairs: list[list[dict[str, Any]]] = []
            for point in self.points:
                if pairs and len(pairs[-1]) == 1 and pairs[-1][0]["x"] not in read and pairs[-1][0]["phase"] == point["phase"]:
                    pairs[-1].append(point)
                else:
                    pairs.append([point])
            self.points = [_merged(pair) for pair in pairs]


def _roughly(seconds: float) -> str:
    """A duration as one says it."""
    if seconds < 100:
        return f"{max(5, 5 * round(seconds / 5))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{round(seconds / 3600)} h"


def _merged(pair: list[dict[str, Any]]) -> dict[str, Any]:
    if len(pair) == 1 or pair[0]["phase"] != pair[1]["phase"]:
        return pair[-1]
    n = pair[0]["n"] + pair[1]["n"]
    terms = {name: (pair[0]["terms"][name] * pair[0]["n"] + pair[1]["terms"][name] * pair[1]["n"]) / n for name in pair[0]["terms"]}
    return pair[1] | {"terms": terms, "n": n}


class _Channel:
    """A feed and the sockets that watch it; its one task ends with the last of them."""

    def __init__(self, run: Run):
        self.feed = Feed(run)
        self.sockets: set[WebSocket] = set()
        self.task: asyncio.Task[None] | None = None

    async def join(self, socket: WebSocket) -> None:
        so_far = json.dumps(self.feed.catch_up())
        self.sockets.add(socket)  # before the first await, or what is pushed meanwhile would be missed
        await socket.send_text(so_far)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._push())

    async def _push(self) -> None:
        """Send what is new, as long as somebody watches. A page that is cut off joins again."""
        last, changed, due = "", -1, 0.0
        try:
            while self.sockets:
                await asyncio.sleep(TICK_SECONDS)
                now = (self.feed.run.path / "state.json").stat().st_mtime_ns
                if now == changed and (self.feed.finished or (self.feed.points and time.monotonic() < due)):
                    continue
                changed = now
                moment = time.monotonic()  # on the beat: ticks that come late do not add up, nor do changes of state that come before it
                due = min(moment, max(due, moment - TICK_SECONDS)) + PUSH_SECONDS
                message = json.dumps(self.feed.news())
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


async def _live(socket: WebSocket) -> None:
    origin = socket.headers.get("origin")
    if origin and urlparse(origin).netloc != socket.headers.get("host"):
        await socket.close(code=1008)
        return
    try:
        run = runs.open_run(pool().root, socket.path_params["run_id"])
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


def routes() -> list[BaseRoute]:
    return [WebSocketRoute(ROUTE + "/{run_id}", _live), Route(plotly_js.ROUTE, plotly_js.library)]


@contextlib.asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Start the workers with the server, and keep what was imported out of the garbage collections."""
    import gc

    from streamlit.runtime.pages_manager import PagesManager

    # A folder called pages beside the script arms Streamlit's old page discovery until the first st.navigation call, so the first
    # visitor of a fresh server who follows a deep link would get a bare page. This is the flag that st.navigation itself clears.
    PagesManager.uses_pages_directory = False
    threading.Thread(target=_prepare, daemon=True).start()
    gc.collect()
    gc.freeze()
    yield
    if workers := pool_if_started():
        workers.close()


def _prepare() -> None:
    """What the first visitor needs: the digits, then both cores for the first page, then a worker, whose import of TensorFlow takes one for seconds."""
    load("digits")
    time.sleep(FIRST_PAGE_SECONDS)
    with contextlib.suppress(LabError):
        pool()


class VisitorCookie:
    """ASGI middleware that gives every browser a random name, so that one visitor cannot stop another's run."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = any(name == b"cookie" and OWNER_COOKIE.encode() in value for name, value in scope.get("headers", ()))
        if scope["type"] != "http" or known:
            await self.app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and any(b"text/html" in value for _, value in message.get("headers", ())):
                import secrets

                cookie = f"{OWNER_COOKIE}={secrets.token_hex(16)}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
                message = {**message, "headers": [*message["headers"], (b"set-cookie", cookie.encode())]}
            await send(message)

        await self.app(scope, receive, send_with_cookie)
