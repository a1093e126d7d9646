"""The process that trains. `work()` drives one run to its end; `python -m aecore.worker` waits for runs on standard input.

The command line calls the same `work()`, so a run gives the same numbers through either door.
"""

from __future__ import annotations

import contextlib
import gc
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from aecore import datasets, engine, evaluation, runs
from aecore.datasets import Dataset
from aecore.errors import LabError
from aecore.models import Autoencoder, variant, variants
from aecore.runs import Run
from aecore.training import Dial, Diverged, EpochEnded, Event, PhaseStarted, Steps, Training, train

# Between two checkpoints at the end of an epoch, at least; longer where they cost more than 1 %, and five times that within an epoch.
COMMIT_SECONDS = 2.0
POLL_SECONDS = 0.02  # how often a paused worker looks for commands


class Sitting:
    """One worker at one run: turns events into lines and checkpoints, and commands into turns of the dial."""

    def __init__(self, run: Run, training: Training, interrupted: Callable[[], bool]):
        self.run, self.training, self.interrupted = run, training, interrupted
        self.steps_per_epoch = 1  # told by the first event
        self.dial = Dial()
        self.paused = self.stopped = self.stepping = self.said_paused = False
        self.steps_wanted = 0  # single steps asked for while paused
        self.steps_per_second: float | None = None
        self._commands_read = 0
        self._last_commit, self._commit_cost = time.monotonic(), 0.0
        state = run.state
        self.seconds, self.images = state.seconds, state.images

    def take(self, event: Event) -> None:
        """Record an event, then wait as long as the page asks."""
        self.run.append(event)
        if isinstance(event, PhaseStarted):
            self.steps_per_epoch = event.steps_per_epoch
        if isinstance(event, Steps):
            self.seconds += event.seconds
            self.images += event.images
        since = time.monotonic() - self._last_commit
        pause = max(COMMIT_SECONDS, 100 * self._commit_cost)
        if (isinstance(event, EpochEnded) and since > pause) or (isinstance(event, Steps) and since > 5 * pause):
            self.commit()
        self._obey()
        if isinstance(event, Steps):
            self._slow_down(event)
        if isinstance(event, Steps) or not self.stepping:
            self._wait_while_paused()

    def commit(self, status: str | None = None) -> None:
        """Store the network, then `status`, for the page that draws it when it hears of that, then the checkpoint, which may take longer."""
        begin = time.monotonic()
        training = self.training
        self.run.show(training.model.network())
        if status:
            self.run.set_state(status=status)
        self.run.commit(training.tensors(), training.phase, training.step)
        self.run.set_state(
            phase=training.phase, epoch=self.epochs_done, step=training.step, seconds=self.seconds, images=self.images
        )  # fmt: skip
        self._last_commit, self._commit_cost = time.monotonic(), time.monotonic() - begin

    @property
    def epochs_done(self) -> int:
        """Epochs trained so far, over all phases."""
        before = sum(self.training.epochs_of(phase) for phase in range(self.training.phase))
        return before + self.training.step // self.steps_per_epoch

    def _obey(self) -> None:
        commands, self._commands_read = runs.read_lines(self.run.path / "commands.jsonl", self._commands_read)
        for line in commands:
            name, value = line.get("command"), line.get("value")
            if name == "pause":
                self.paused = True
            elif name == "resume":
                self.paused, self.steps_wanted = False, 0
            elif name == "step":
                self.paused, self.steps_wanted = True, self.steps_wanted + 1
            elif name == "stop":
                self.stopped = True
            elif name == "learning_rate" and isinstance(value, int | float) and 0 < value <= 10:
                self.dial.learning_rate = float(value)
                self.run.set_state(rate_turned=True)
            elif name == "steps_per_second" and (value is None or (isinstance(value, int | float) and value > 0)):
                self.steps_per_second = value
        if self.interrupted():
            self.stopped = True

    def _slow_down(self, event: Steps) -> None:
        """Slow motion: at most so many steps a second, in ten chunks."""
        self.dial.most_steps = max(1, round(self.steps_per_second / 10)) if self.steps_per_second else None
        if self.steps_per_second and not self.stepping:
            taken = len(next(iter(event.terms.values())))
            until = time.monotonic() + taken / self.steps_per_second - event.seconds
            while time.monotonic() < until and not self.stopped and not self.paused:
                time.sleep(min(POLL_SECONDS, max(0.0, until - time.monotonic())))
                self._obey()

    def _wait_while_paused(self) -> None:
        """From Pause to Resume; every Step in between lets one step through."""
        if self.stepping:  # the step that was just taken
            self.stepping, self.steps_wanted = False, max(0, self.steps_wanted - 1)
        if self.paused and not self.steps_wanted and not self.stopped:
            self.commit("paused")
            self.said_paused = True
        while self.paused and not self.steps_wanted and not self.stopped:
            time.sleep(POLL_SECONDS)
            self._obey()
        self.stepping = self.paused and not self.stopped
        if self.stepping:
            self.dial.most_steps = 1
        elif self.said_paused and not self.stopped:  # wherever Resume was read: while it waited, or during a step
            self.run.set_state(status="running")
            self.said_paused = False


def work(
    run: Run,
    data_dir: Path | None = None,
    on_event: Callable[[Event], None] = lambda event: None,
    interrupted: Callable[[], bool] = lambda: False,
) -> None:
    """Train `run` to its end, or until it is stopped, and store its results. What goes wrong is said in its state."""
    try:
        run.set_state(status="running", message="", pid=os.getpid())
        dataset = datasets.load(run.spec.dataset, data_dir)
        with _stored_training(run, dataset) as (training, head):
            training.extra_epochs = run.state.extra_epochs
            run.truncate_events(head["events_size"] if head else 0)
            sitting = Sitting(run, training, interrupted)
            events = train(training, dataset, sitting.dial)
            for event in events:
                on_event(event)
                sitting.take(event)
                if sitting.stopped:
                    events.close()
                    break
            ended = "interrupted" if interrupted() else "stopped" if sitting.stopped else "done"
            sitting.commit("stopped" if ended == "stopped" else None)  # whoever pressed Stop waits for no checkpoint, and for no figures
            if sitting.stopped:
                run.set_state(status=ended, pid=0)
            test = evaluation.evaluate(training.model, dataset)
            run.write_results(
                {
                    "run_id": run.id, "variant": run.spec.variant, "dataset": run.spec.dataset,
                    "config": run.config.model_dump(mode="json") | {"seed": run.spec.seed}, "epochs": sitting.epochs_done,
                    "seconds": round(sitting.seconds, 3), "images_per_second": round(sitting.images / max(sitting.seconds, 1e-9), 1),
                    "parameters": training.model.parameters, "device": engine.device(), "train": _last_terms(run),
                    "test": test,
                }
            )  # fmt: skip
            if not sitting.stopped:
                run.set_state(status=ended, message=evaluation.warning(test, training.model.config.codings_size), pid=0)
    except Diverged as error:
        run.set_state(status="diverged", message=str(error), pid=0)
        raise
    except LabError as error:
        run.set_state(status="failed", message=str(error), pid=0)
        raise
    except OSError as error:
        message = f"The run's folder cannot be written ({error.strerror}); expected room and permission. Make some, then resume."
        with contextlib.suppress(OSError):
            run.set_state(status="interrupted", message=message, pid=0)
        raise LabError(message) from error
    except MemoryError as error:
        message = "The machine's memory did not suffice for this network; expected less. Take smaller layers or a smaller batch."
        run.set_state(status="failed", message=message, pid=0)
        raise LabError(message) from error


_kept: list[tuple[str, Training]] = []  # trainings that are over, for what is compiled for them, by their shape; the last used at the end
_keeping = threading.Lock()
MOST_KEPT = 20  # 7 to 16 MB each for the course's networks


@contextlib.contextmanager
def _untrained(cls: type[Autoencoder], config: Any, dataset: Dataset, seed: int) -> Iterator[Training]:
    """A fresh training, nobody else's for a while; where one of the same shape is over, with what was compiled for that."""
    shape = config.model_dump_json(exclude={"learning_rate", "epochs", "fine_tune_epochs"})
    key = f"{cls.name} {dataset.n_inputs} {type(dataset.train.x).__name__} {min(config.batch_size, len(dataset.train))} {shape}"
    with _keeping:
        same = [i for i, (kept, _) in enumerate(_kept) if kept == key]
        training = _kept.pop(same[-1])[1] if same else None
    if training is None:
        training = Training.fresh(cls, config, dataset.n_inputs, seed)
    else:
        training.renew(config, seed)
    try:
        yield training
    finally:
        with _keeping:
            _kept.append((key, training))
            del _kept[:-MOST_KEPT]


@contextlib.contextmanager
def _stored_training(run: Run, dataset: Dataset) -> Iterator[tuple[Training, dict[str, Any] | None]]:
    """The run's training as last stored, and the head of that checkpoint; untrained, and None, before the first."""
    with _untrained(variant(run.spec.variant), run.config, dataset, run.spec.seed) as training:
        stored = run.checkpoint()
        if stored is None:
            yield training, None
        else:
            tensors, head = stored
            training.restore(tensors, head["phase"], head["step"])
            yield training, head


def _last_terms(run: Run) -> dict[str, Any]:
    """The training means of the last evaluation: every loss term by its name."""
    ended = [event for event in run.events() if event["event"] == "EpochEnded"]
    return ended[-1]["train"] if ended else {}


def results_of(run: Run, data_dir: Path | None) -> dict[str, Any]:
    """The run's results with its test figures computed anew from the stored weights."""
    missing = LabError(f"The run '{run.spec.name}' has no results yet; expected one whose training has ended. Train it to its end first.")
    results = run.results()
    if results is None:
        raise missing
    dataset = datasets.load(run.spec.dataset, data_dir)
    with _stored_training(run, dataset) as (training, head):
        if head is None:
            raise missing
        return results | {"test": evaluation.evaluate(training.model, dataset)}


def main() -> None:
    """Say "ready" once TensorFlow is warm; then train each run whose folder arrives on a line, and say "finished"."""
    _step_back()
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever libraries print must not be taken for an answer
    gone, training = threading.Event(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: gone.set() if training.is_set() else os._exit(0))  # a run is stored first
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, whose going we notice
    parent = os.getppid()
    _warm_up(variant("linear"), "course")  # TensorFlow's lazy imports
    print("ready", file=answers)
    lines: queue.Queue[str] = queue.Queue()

    def listen() -> None:
        for line in sys.stdin:
            lines.put(line)
        lines.put("")

    threading.Thread(target=listen, daemon=True).start()
    chores = _chores()
    while not gone.is_set():
        try:
            line = lines.get(timeout=0.5)
        except queue.Empty:
            next(chores, None)  # nothing to do: be ready for the next click
            continue
        if not line:
            return
        training.set()
        serve(Path(line.strip()), interrupted=lambda: gone.is_set() or os.getppid() != parent)
        training.clear()
        print("finished", file=answers)
        gc.collect()  # what a run leaves behind has cycles: 30 MB on the digits, if nobody looks


def _step_back() -> None:
    """The page comes first: on Linux training takes what nobody else wants, elsewhere (where there is such a thing) it is nice.

    Linux shares the processor out between sessions before it looks at priorities within one, and a browser is a session of its own. So the
    worker makes itself one too, and has that step back.
    """
    if not hasattr(os, "sched_setscheduler"):
        if hasattr(os, "nice"):
            os.nice(10)
        return
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with contextlib.suppress(OSError):
        os.setsid()
        Path("/proc/self/autogroup").write_text("19")


def serve(
    folder: Path,
    data_dir: Path | None = None,
    on_event: Callable[[Event], None] = lambda event: None,
    interrupted: Callable[[], bool] = lambda: False,
) -> None:
    """`work` on the run in this folder, whatever happens: what goes wrong stands in its state, and others can be trained."""
    try:
        work(Run(folder), data_dir, on_event, interrupted)
    except LabError:
        pass  # said in the run's state
    except Exception:
        traceback.print_exc()
        try:
            Run(folder).set_state(status="failed", pid=0, message="Training broke off unexpectedly; the server's log says why.")
        except (LabError, OSError):
            traceback.print_exc()


def _chores() -> Iterator[None]:
    """What a waiting worker does, a piece at a time: compile every preset, then load the data sets that lie on this machine."""
    for cls in variants().values():
        for name in cls.presets:
            _warm_up(cls, name)
            yield
    for name, source in datasets.SOURCES.items():
        if source.files and datasets.available(name):
            with contextlib.suppress(LabError):  # a damaged file is told to whoever asks for it
                datasets.load(name)
            yield


def _warm_up(cls: type[Autoencoder], preset: str) -> None:
    """Compile what this preset trains with, so that a click on Train has its first loss within half a second."""
    chosen = cls.presets[preset]
    config, dataset = cls.Config.build(chosen.values), datasets.load(chosen.dataset or "digits")
    with _untrained(cls, config, dataset, seed=0) as training:
        events = train(training, dataset)
        next(event for event in events if isinstance(event, Steps))
        events.close()


if __name__ == "__main__":
    main()
