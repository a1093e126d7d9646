"""Jobs: runs waiting for a worker, and the worker processes that take them in turn. Loads no TensorFlow.

One thread for each slot keeps one worker process warm, hands it the run at the head of the queue and waits. Everything a page
needs to know stands in the run's folder; only a run's place in the queue is known here.
"""

from __future__ import annotations

import contextlib
import heapq
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from aecore.errors import LabError
from aecore.runs.processes import alive
from aecore.runs.run import Run
from aecore.runs.spec import CommandName, State
from aecore.runs.statuses import HELD, Status
from aecore.runs.store import Damaged, listing

MAX_QUEUED_EACH = 3  # runs one visitor may have waiting
MAX_QUEUED = 60
WAITING = "waiting "  # begins a line to a worker that says how many runs wait; any other line is a run's folder
CAN_HOLD = hasattr(signal, "SIGSTOP")  # not on Windows
ESTIMATED_SECONDS = 0.5  # between two looks at how long the trainings that run will take


@dataclass(frozen=True)
class Wait:
    """A waiting run's place, and how long until a worker takes it."""

    place: int  # 1 for the next in turn
    of: int
    seconds: float
    known: bool  # whether it is an estimate; else only a lower bound: how long a training ahead takes cannot be known


class Pool:
    """The queue and its workers. `start()` once a server; `close()` ends the workers, whose runs stay resumable."""

    def __init__(self, root: Path, max_concurrent_runs: int):
        self.root, self.max_concurrent_runs = root, max_concurrent_runs
        self._queue: list[Run] = []
        self._changed = threading.Condition()
        self._closing = False
        self._workers: dict[int, subprocess.Popen[str]] = {}
        self._serving: dict[int, Run] = {}  # by slot
        self._lasted: dict[
            str, float
        ] = {}  # how many seconds trainings took that came to their end, by their settings
        self._waits_from = 0.0
        self._waits_of: dict[str, Wait] = {}
        self._warm = 0

    def start(self) -> None:
        """Take up what an earlier server left: queued runs wait again, paused ones stay so, those in training whose worker is gone are interrupted."""
        entries = sorted(
            (run for run in listing(self.root) if not isinstance(run, Damaged)),
            key=lambda run: run.spec.created,
        )
        for run in entries:
            state = run.state
            if state.status is Status.QUEUED:
                self._queue.append(run)
            elif state.status in HELD and not alive(state):
                run.abandon("The server stopped while this was training; resume it.")
            elif state.status in HELD and CAN_HOLD:
                _go_on(state.pid)
        for slot in range(self.max_concurrent_runs):
            threading.Thread(
                target=self._serve, args=(slot,), name=f"slot-{slot}", daemon=True
            ).start()

    def submit(self, run: Run, extra_epochs: int = 0) -> None:
        """Queue `run`, for its first sitting or for another; `LabError` if it, or too much, is waiting already."""
        patience = time.monotonic() + 5
        while (
            (state := run.state).status is Status.STOPPED
            and alive(state)
            and time.monotonic() < patience
        ):
            time.sleep(0.01)  # its worker is about to have stored its last checkpoint
        with self._changed:
            if run.state.status in HELD or self._waits(run):
                raise LabError(f"The run '{run.spec.name}' is already training; stop it first.")
            self._check_room(run)
            run.queue(extra_epochs)
            self._queue.append(run)
            self._tell_workers()

    def ask(self, run: Run, command: CommandName, value: float | None = None) -> State:
        """Whatever a page asks of a run. One that was put away waits for a worker first, if it takes one to do it."""
        try:
            return self._ask(run, command, value)
        finally:
            self.release()  # who asks a worker is not kept waiting by its being held

    def _ask(self, run: Run, command: CommandName, value: float | None) -> State:
        with self._changed:
            if command == "stop" and self._stopped_without_worker(run):
                return run.state
            state = run.state
            away = state.status is Status.PAUSED and not alive(state)
            if away and command in ("resume", "step"):
                self._check_room(run)
            state = run.command(command, value)
            if command in ("resume", "step") and state.status is Status.PAUSED and not alive(state):
                run.move(Status.QUEUED, pid=0)
                self._queue.insert(self._first_of_owner(run), run)
                self._tell_workers()
            return state

    def _stopped_without_worker(self, run: Run) -> bool:
        """Stop a run that no process is at; whether it was one."""
        state = run.state
        if self._waits(run):
            self._queue = [queued for queued in self._queue if queued.id != run.id]
            self._tell_workers()
            run.move(Status.STOPPED, pid=0)
        elif state.status in HELD and not alive(state):
            run.move(Status.STOPPED, pid=0)
        else:
            return False
        return True

    def _first_of_owner(self, run: Run) -> int:
        """The place in the queue before all others of the same owner, else at the end."""
        return next(
            (i for i, waiting in enumerate(self._queue) if waiting.spec.owner == run.spec.owner),
            len(self._queue),
        )

    def _waits(self, run: Run) -> bool:
        return any(waiting.id == run.id for waiting in self._queue)

    def _check_room(self, run: Run) -> None:
        mine = sum(waiting.spec.owner == run.spec.owner for waiting in self._queue)
        if len(self._queue) >= MAX_QUEUED or (run.spec.owner and mine >= MAX_QUEUED_EACH):
            raise LabError(
                f"{mine} of your runs and {len(self._queue)} in all are waiting; at most {MAX_QUEUED_EACH} and {MAX_QUEUED} may. Stop one, or wait."
            )

    def _tell_workers(self) -> None:
        """How many runs wait: while any does, a worker puts a paused run away. The queue's lock is held."""
        self._changed.notify_all()
        self._waits_from = 0.0
        for worker in list(self._workers.values()):
            _write(worker, f"{WAITING}{len(self._queue)}")

    def wait_of(self, run_id: str) -> Wait | None:
        """How long a waiting run has to wait; None if it does not wait."""
        with self._changed:
            if time.monotonic() - self._waits_from > ESTIMATED_SECONDS:
                self._waits_from, self._waits_of = time.monotonic(), self._estimated()
            return self._waits_of.get(run_id)

    def _estimated(self) -> dict[str, Wait]:
        """Every waiting run's wait: workers take the next in turn as soon as they are free."""
        free = [(0.0, True)] * max(0, self.max_concurrent_runs - len(self._serving))
        free += [self._seconds_left(run) for run in self._serving.values()]
        heapq.heapify(free)
        waits = {}
        for i, run in enumerate(self._queue):
            seconds, known = heapq.heappop(free) if free else (0.0, False)
            waits[run.id] = Wait(i + 1, len(self._queue), seconds, known)
            more, also_known = self._seconds_left(run)
            heapq.heappush(free, (seconds + more, known and also_known))
        return waits

    def _seconds_left(self, run: Run) -> tuple[float, bool]:
        """What a training has before it, and whether that can be known: not before it has run for a while, nor in slow motion, which is by hand."""
        try:
            state = run.state
        except LabError:
            return 0.0, True
        if state.status in (Status.PAUSED, Status.STOPPING):
            return 0.0, True  # about to leave its worker
        if state.steps_per_second:
            return 0.0, False
        if state.images_wanted and state.seconds:
            left = (state.images_wanted - state.images) * state.seconds / state.images
            return max(
                0.0, left - (time.time() - state.counted if state.status is Status.RUNNING else 0)
            ), True
        lasted = self._lasted.get(_settings(run))
        return lasted or 0.0, lasted is not None

    @property
    def warm(self) -> bool:
        """Whether a worker has imported TensorFlow."""
        return self._warm > 0

    def hold(self) -> None:
        """Let the trainings stand still until `release()`: a visitor waits for an answer, and the cores are few."""
        if CAN_HOLD:
            for slot in list(self._serving):
                self._workers[slot].send_signal(signal.SIGSTOP)

    def release(self) -> None:
        """Let what was held go on."""
        if CAN_HOLD:
            for worker in list(self._workers.values()):
                worker.send_signal(signal.SIGCONT)

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self.release()
        for worker in list(self._workers.values()):
            worker.terminate()
        for worker in list(self._workers.values()):
            try:
                worker.wait(timeout=10)
            except subprocess.TimeoutExpired:
                worker.kill()

    def _serve(self, slot: int) -> None:
        while not self._closing:
            worker = self._workers[slot] = self._spawn()
            ready = worker.stdout.readline()  # type: ignore[union-attr]
            self._count_warm(bool(ready))
            while ready and worker.poll() is None and (run := self._next(slot)):
                with self._changed:
                    handed_over = _write(worker, str(run.path))
                if not handed_over or not worker.stdout.readline():  # type: ignore[union-attr]
                    self._interrupted(run)
                self._over(slot)
            self._count_warm(-bool(ready))
            if not ready and not self._closing:
                threading.Event().wait(5)  # a worker that cannot start: don't spin

    def _count_warm(self, more: int) -> None:
        with self._changed:
            self._warm += more

    def _interrupted(self, run: Run) -> None:
        """Say that the process which trained `run` is gone; if even that cannot be written or read, the slot goes on with the next run."""
        with self._changed:
            if (
                self._waits(run) or not run.path.exists()
            ):  # it waits: its Resume came before the news
                return
            try:
                if run.state.status is Status.QUEUED:  # the process went before it began
                    self._queue.insert(0, run)
                    self._tell_workers()
                    return
                run.abandon(
                    "The training process ended unexpectedly, perhaps for want of memory; resume it, or take a smaller network."
                )
            except (LabError, OSError):
                traceback.print_exc()

    def _over(self, slot: int) -> None:
        """The slot's run has left its worker; if it came to its end, how long it took tells how long the next one like it will."""
        with self._changed:
            run = self._serving.pop(slot)
            try:
                state = run.state
                if state.status is Status.DONE and not state.extra_epochs:
                    self._lasted[_settings(run)] = state.seconds
            except LabError:
                pass  # deleted, or damaged

    def _next(self, slot: int) -> Run | None:
        """The run at the head of the queue, as soon as there is one; None when closing."""
        with self._changed:
            while not self._closing:
                if self._queue:
                    run = self._serving[slot] = self._queue.pop(0)
                    self._tell_workers()
                    return run
                self._changed.wait()
        return None

    def _spawn(self) -> subprocess.Popen[str]:
        package_root = Path(__file__).resolve().parent.parent.parent
        search = os.pathsep.join(filter(None, [str(package_root), os.environ.get("PYTHONPATH")]))
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "aecore.jobs.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONPATH": search, "TF_CPP_MIN_LOG_LEVEL": "2", "AUTOENCODER_LAB_SLOTS": str(self.max_concurrent_runs)},
        )  # fmt: skip


def _settings(run: Run) -> str:
    return f"{run.spec.variant} {run.spec.dataset} {run.config.model_dump_json()}"


def _go_on(pid: int) -> None:
    """Release a worker whose server may have gone just when it held it. A process that leads a group was started, and perhaps stopped, by hand."""
    with contextlib.suppress(OSError):
        if os.getpgid(pid) != pid:
            os.kill(pid, signal.SIGCONT)


def _write(worker: subprocess.Popen[str], line: str) -> bool:
    """A line to a worker; whether it was there to take it."""
    try:
        worker.stdin.write(f"{line}\n")  # type: ignore[union-attr]
        worker.stdin.flush()  # type: ignore[union-attr]
        return True
    except (OSError, ValueError):
        return False
