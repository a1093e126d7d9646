"""The queue of runs, and the worker processes that train them. Loads no TensorFlow.

Each slot has a thread. It keeps one worker process warm, sends it the run at the head of the queue
and waits for it to finish. All that a page needs is in the run's folder, except the run's place in
the queue, which is known only here.

Longer than other files: queue and workers share one lock, which is easier to check in one place.
"""

from __future__ import annotations

import signal
import subprocess
import threading
import time
import traceback
from pathlib import Path

from aecore.errors import LabError
from aecore.jobs.waits import Wait, estimate_waits, seconds_left, settings_key
from aecore.jobs.worker_process import resume_orphan, spawn, write_line
from aecore.runs.processes import alive
from aecore.runs.run import Run
from aecore.runs.spec import CommandName, State
from aecore.runs.statuses import HELD, Status
from aecore.runs.store import Damaged, listing

MAX_QUEUED_EACH = 3  # runs that one visitor may have waiting
MAX_QUEUED = 60
# Starts a line that gives a worker the number of waiting runs. Any other line is a run's folder.
WAITING = "waiting "
CAN_HOLD = hasattr(signal, "SIGSTOP")  # not on Windows
ESTIMATED_SECONDS = 0.5  # between two estimates of the waits


class Pool:
    """The queue and its workers.

    Call `start()` once per server. `close()` ends the workers; their runs can be resumed.
    """

    def __init__(self, root: Path, max_concurrent_runs: int):
        self.root, self.max_concurrent_runs = root, max_concurrent_runs
        self._queue: list[Run] = []
        self._changed = threading.Condition()
        self._closing = False
        self._workers: dict[int, subprocess.Popen[str]] = {}
        self._serving: dict[int, Run] = {}  # by slot
        # Seconds that finished trainings took, by their settings.
        self._durations: dict[str, float] = {}
        self._waits_from = 0.0
        self._waits_of: dict[str, Wait] = {}
        self._warm = 0

    def start(self) -> None:
        """Restores the queue that an earlier server left, and starts the slots' threads.

        Queued runs are queued again and paused runs stay paused. Runs in training whose worker is
        gone are marked as interrupted.
        """
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
                resume_orphan(state.pid)
        for slot in range(self.max_concurrent_runs):
            threading.Thread(
                target=self._serve, args=(slot,), name=f"slot-{slot}", daemon=True
            ).start()

    def submit(self, run: Run, extra_epochs: int = 0) -> None:
        """Queues `run` to start or to go on.

        Raises `LabError` if it is already active or the queue is full.
        """
        deadline = time.monotonic() + 5
        while (
            (state := run.state).status is Status.STOPPED
            and alive(state)
            and time.monotonic() < deadline
        ):
            time.sleep(0.01)  # its worker still stores the last checkpoint
        with self._changed:
            if run.state.status in HELD or self._is_queued(run):
                raise LabError(f"The run '{run.spec.name}' is already training; stop it first.")
            self._check_room(run)
            run.queue(extra_epochs)
            self._queue.append(run)
            self._queue_changed()

    def ask(self, run: Run, command: CommandName, value: float | None = None) -> State:
        """Carries out a page's command on a run, and returns the run's state.

        A paused run without a worker is queued if the command needs a worker.
        """
        try:
            return self._ask(run, command, value)
        finally:
            self.release()  # a held worker could not answer

    def _ask(self, run: Run, command: CommandName, value: float | None) -> State:
        with self._changed:
            state = run.state
            has_no_worker = state.status is Status.PAUSED and not alive(state)
            if has_no_worker and command in ("resume", "step"):
                self._check_room(run)
            state = run.command(command, value)
            if alive(state):
                return state
            # Looked at after the command was added: a worker that leaves has not read it.
            if command == "stop":
                self._stop_without_worker(run)
            elif command in ("resume", "step") and state.status is Status.PAUSED:
                run.move(Status.QUEUED, pid=0)
                self._queue.insert(self._first_index_of_owner(run), run)
                self._queue_changed()
            return run.state

    def _stop_without_worker(self, run: Run) -> None:
        """Stops a run that waits or trains, and that no process reads the commands of."""
        state = run.state
        if self._is_queued(run):
            self._queue = [queued for queued in self._queue if queued.id != run.id]
            self._queue_changed()
            run.move(Status.STOPPED, pid=0)
        elif state.status in HELD and not alive(state):
            run.move(Status.STOPPED, pid=0)

    def _first_index_of_owner(self, run: Run) -> int:
        """Returns the index of the owner's first run in the queue, or the queue's length."""
        return next(
            (i for i, waiting in enumerate(self._queue) if waiting.spec.owner == run.spec.owner),
            len(self._queue),
        )

    def _is_queued(self, run: Run) -> bool:
        return any(waiting.id == run.id for waiting in self._queue)

    def _check_room(self, run: Run) -> None:
        mine = sum(waiting.spec.owner == run.spec.owner for waiting in self._queue)
        if len(self._queue) >= MAX_QUEUED or (run.spec.owner and mine >= MAX_QUEUED_EACH):
            raise LabError(
                f"{mine} of your runs and {len(self._queue)} in all are waiting; "
                f"at most {MAX_QUEUED_EACH} and {MAX_QUEUED} may. Stop one, or wait."
            )

    def _queue_changed(self) -> None:
        """Notifies threads and workers of the queue's new length. The caller holds its lock.

        While any run waits, a worker gives up a paused run.
        """
        self._changed.notify_all()
        self._waits_from = 0.0
        for worker in list(self._workers.values()):
            write_line(worker, f"{WAITING}{len(self._queue)}")

    def wait_of(self, run_id: str) -> Wait | None:
        """Returns a queued run's wait; None if it is not queued."""
        with self._changed:
            if time.monotonic() - self._waits_from > ESTIMATED_SECONDS:
                self._waits_from = time.monotonic()
                free_workers = self.max_concurrent_runs - len(self._serving)
                self._waits_of = estimate_waits(
                    self._queue, self._serving.values(), free_workers, self._seconds_left
                )
            return self._waits_of.get(run_id)

    def _seconds_left(self, run: Run) -> tuple[float, bool]:
        return seconds_left(run, self._durations)

    @property
    def warm(self) -> bool:
        """Whether a worker has imported TensorFlow."""
        return self._warm > 0

    def hold(self) -> None:
        """Suspends the trainings until `release()`, to free the cores for a visitor's request."""
        if CAN_HOLD:
            for slot in list(self._serving):
                self._workers[slot].send_signal(signal.SIGSTOP)

    def release(self) -> None:
        """Resumes the suspended trainings."""
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
            worker = self._workers[slot] = spawn(slot, self.max_concurrent_runs)
            ready = worker.stdout.readline()  # type: ignore[union-attr]
            self._count_warm(bool(ready))
            while ready and worker.poll() is None and (run := self._next(slot)):
                with self._changed:
                    handed_over = write_line(worker, str(run.path))
                if not handed_over or not worker.stdout.readline():  # type: ignore[union-attr]
                    self._interrupted(run)
                self._over(slot)
            self._count_warm(-bool(ready))
            if not ready and not self._closing:
                threading.Event().wait(5)  # the worker cannot start: do not spin

    def _count_warm(self, more: int) -> None:
        with self._changed:
            self._warm += more

    def _interrupted(self, run: Run) -> None:
        """Records that the process which trained `run` is gone.

        If even that cannot be read or written, the slot goes on with the next run.
        """
        with self._changed:
            # If the run is queued, its Resume arrived before this news.
            if self._is_queued(run) or not run.path.exists():
                return
            try:
                if run.state.status is Status.QUEUED:  # the process ended before the run began
                    self._queue.insert(0, run)
                    self._queue_changed()
                    return
                run.abandon(
                    "The training process ended unexpectedly, perhaps out of memory; "
                    "resume it, or take a smaller network."
                )
            except (LabError, OSError):
                traceback.print_exc()

    def _over(self, slot: int) -> None:
        """Frees the slot, and keeps a finished run's duration to estimate that of similar runs."""
        with self._changed:
            run = self._serving.pop(slot)
            try:
                state = run.state
                if state.status is Status.DONE and not state.extra_epochs:
                    self._durations[settings_key(run)] = state.seconds
            except LabError:
                pass  # deleted, or damaged

    def _next(self, slot: int) -> Run | None:
        """Waits for a queued run and removes it from the queue. Returns None when closing."""
        with self._changed:
            while not self._closing:
                if self._queue:
                    run = self._serving[slot] = self._queue.pop(0)
                    self._queue_changed()
                    return run
                self._changed.wait()
        return None
