"""Jobs: runs waiting for a worker, and the worker processes that take them in turn. Loads no TensorFlow.

One thread for each slot keeps one worker process warm, hands it the run at the head of the queue and waits. Everything a page
needs to know stands in the run's folder; only a run's place in the queue is known here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

from aecore.errors import LabError
from aecore.runs import ACTIVE, Damaged, Run, listing

MAX_QUEUED_EACH = 3  # runs one visitor may have waiting
MAX_QUEUED = 60


class Pool:
    """The queue and its workers. `start()` once a server; `close()` ends the workers, whose runs stay resumable."""

    def __init__(self, root: Path, slots: int):
        self.root, self.slots = root, slots
        self._queue: list[Run] = []
        self._changed = threading.Condition()
        self._closing = False
        self._workers: dict[int, subprocess.Popen[str]] = {}
        self._warm = 0

    def start(self) -> None:
        """Take up what an earlier server left: queued runs wait again, runs whose worker is gone are interrupted."""
        entries = sorted((run for run in listing(self.root) if not isinstance(run, Damaged)), key=lambda run: run.spec.created)
        for run in entries:
            state = run.state
            if state.status == "queued":
                self._queue.append(run)
            elif state.status in ACTIVE and not _alive(state.pid):
                run.set_state(status="interrupted", message="The server stopped while this was training; resume it.", pid=0)
        for slot in range(self.slots):
            threading.Thread(target=self._serve, args=(slot,), name=f"slot-{slot}", daemon=True).start()

    def submit(self, run: Run, extra_epochs: int = 0) -> None:
        """Queue `run`, for its first sitting or for another; `LabError` where it, or too much, is waiting already."""
        patience = time.monotonic() + 5
        while (state := run.state).status == "stopped" and _alive(state.pid) and time.monotonic() < patience:
            time.sleep(0.01)  # its worker is about to have stored its last checkpoint
        with self._changed:
            if run.state.status in ("running", "paused") or any(waiting.id == run.id for waiting in self._queue):
                raise LabError(f"The run '{run.spec.name}' is already training; stop it first.")
            mine = sum(waiting.spec.owner == run.spec.owner for waiting in self._queue)
            if len(self._queue) >= MAX_QUEUED or (run.spec.owner and mine >= MAX_QUEUED_EACH):
                raise LabError(
                    f"{mine} of your runs and {len(self._queue)} in all are waiting; at most {MAX_QUEUED_EACH} and {MAX_QUEUED} may. Stop one, or wait."
                )
            run.queue(extra_epochs)
            self._queue.append(run)
            self._changed.notify_all()

    def place(self, run_id: str) -> int | None:
        """1 for the next in turn; None where it does not wait."""
        with self._changed:
            ids = [run.id for run in self._queue]
        return ids.index(run_id) + 1 if run_id in ids else None

    def stop(self, run: Run) -> None:
        """Stop a run, waiting or training."""
        with self._changed:
            waiting = [queued for queued in self._queue if queued.id == run.id]
            self._queue = [queued for queued in self._queue if queued.id != run.id]
        if waiting:
            run.set_state(status="stopped", pid=0)
        else:
            run.command("stop")

    @property
    def warm(self) -> bool:
        """Whether a worker has imported TensorFlow."""
        return self._warm > 0

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()
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
            self._warm += bool(ready)
            while ready and worker.poll() is None and (run := self._next()):
                try:
                    worker.stdin.write(f"{run.path}\n")  # type: ignore[union-attr]
                    worker.stdin.flush()  # type: ignore[union-attr]
                    finished = worker.stdout.readline()  # type: ignore[union-attr]
                except OSError:
                    finished = ""
                if not finished:
                    _interrupted(run)
            self._warm -= bool(ready)
            if not ready and not self._closing:
                threading.Event().wait(5)  # a worker that cannot start: don't spin

    def _next(self) -> Run | None:
        """The run at the head of the queue, as soon as there is one; None when closing."""
        with self._changed:
            while not self._closing:
                if self._queue:
                    return self._queue.pop(0)
                self._changed.wait()
        return None

    def _spawn(self) -> subprocess.Popen[str]:
        package_root = Path(__file__).resolve().parent.parent
        search = os.pathsep.join(filter(None, [str(package_root), os.environ.get("PYTHONPATH")]))
        return subprocess.Popen(
            [sys.executable, "-m", "aecore.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONPATH": search, "TF_CPP_MIN_LOG_LEVEL": "2", "AUTOENCODER_LAB_SLOTS": str(self.slots)},
        )  # fmt: skip


def _interrupted(run: Run) -> None:
    """Say that the process which trained `run` is gone; where even that cannot be written or read, the slot goes on with the next run."""
    try:
        if run.path.exists() and run.state.status in ACTIVE:
            message = "The training process ended unexpectedly, perhaps for want of memory; resume it, or take a smaller network."
            run.set_state(status="interrupted", message=message, pid=0)
    except (LabError, OSError):
        traceback.print_exc()


def _alive(pid: int) -> bool:
    if not pid:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
