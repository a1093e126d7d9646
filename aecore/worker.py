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
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

from aecore import datasets, engine, evaluation, runs
from aecore.datasets import Dataset
from aecore.errors import LabError
from aecore.jobs import WAITING
from aecore.models import Autoencoder, variant, variants
from aecore.records import Intervened, Record
from aecore.runs import Command, Run
from aecore.statuses import HELD, OutOfTurn, Status
from aecore.training import Dial, Diverged, EpochEnded, Event, PhaseStarted, Steps, Training, train

# Between two checkpoints at the end of an epoch, at least; longer if they cost more than 1 %, and five times that within an epoch.
COMMIT_SECONDS = 2.0
POLL_SECONDS = 0.02  # how often a paused worker looks for commands


class Sitting:
    """One worker at one run: turns events into lines and checkpoints, and commands into what the training does next."""

    def __init__(self, run: Run, training: Training, interrupted: Callable[[], bool], wanted: Callable[[], bool], paused: bool):
        self.run, self.training, self.interrupted, self.wanted = run, training, interrupted, wanted
        self.steps_per_epoch = 1  # told by the first event
        state = run.state
        self.dial = Dial(learning_rate=state.rate)
        self.steps_per_second = state.steps_per_second
        self.paused, self.stopped = paused, False
        self.stepping: Command | None = None  # the Step that is being taken
        self.away = False  # paused, and the worker is needed elsewhere
        self._said_paused = False
        self._unobeyed: list[Command] = []
        self._read = 0  # bytes of the commands
        self._obeyed = self._acknowledged = state.obeyed
        self._last_commit, self._commit_cost = time.monotonic(), 0.0
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
        if self.stepping and isinstance(event, Steps):
            self._obeyed, self.stepping = self.stepping.n, None
        self._obey()
        if isinstance(event, Steps):
            self._slow_down(event)
        self._wait_while_paused()
        self._acknowledge()
        if self.interrupted() and not self.away:
            self.stopped = True

    def commit(self, status: Status | None = None) -> None:
        """Store the network, then `status`, for the page that draws it when it hears of that, then the checkpoint, which may take longer."""
        begin = time.monotonic()
        training = self.training
        self._show()
        if status:
            self._say(status)
        self.run.commit(training.tensors(), training.phase, training.step)
        self.run.update(seconds=self.seconds, images=self.images, images_wanted=self._images_wanted(), counted=time.time())
        self._last_commit, self._commit_cost = time.monotonic(), time.monotonic() - begin

    @property
    def epochs_done(self) -> int:
        """Epochs trained so far, over all phases."""
        before = sum(self.training.epochs_of(phase) for phase in range(self.training.phase))
        return before + self.training.step // self.steps_per_epoch

    def _images_wanted(self) -> int:
        """By the end of the last phase."""
        done = self.epochs_done + self.training.step % self.steps_per_epoch / self.steps_per_epoch
        epochs = sum(self.training.epochs_of(phase) for phase in range(len(self.training.phases())))
        return round(self.images * epochs / done) if done else 0

    def _show(self) -> None:
        epoch = -(-self.training.step // self.steps_per_epoch)
        self.run.show(self.training.model.network(), {"phase": self.training.phase, "epoch": epoch, "step": self.training.step})

    def _obey(self) -> None:
        """Carry out the commands in the order of the clicks. What was clicked after a Step waits until that step is taken; Stop waits for nothing."""
        commands, self._read = self.run.commands(self._read)
        self._unobeyed += [command for command in commands if command.n > self._acknowledged]
        stops = [command for command in self._unobeyed if command.command == "stop"]
        if stops:
            self._unobeyed, self.stepping = [stops[0]], None
        asked_to_show = False
        while self._unobeyed and not self.stepping and not self.stopped:
            command = self._unobeyed.pop(0)
            self._carry_out(command)
            asked_to_show |= command.command == "show"
        if asked_to_show:  # by however many
            self._show()

    def _carry_out(self, command: Command) -> None:
        name, value, was_paused = command.command, command.value, self.paused
        if name == "step":
            self.paused, self.stepping = True, command
        elif name in ("pause", "resume"):
            self.paused = name == "pause"
        elif name == "stop":
            self.stopped = True
        elif name == "learning_rate":
            self.dial.learning_rate = value  # recorded by the training, at the step where it takes effect
        elif name == "steps_per_second":
            self.steps_per_second = value
        if name in ("step", "stop") or self.paused != was_paused:
            self.run.append(Intervened(self.training.phase, self.training.step, name))  # type: ignore[arg-type]
        if not self.stepping:
            self._obeyed = command.n

    def _acknowledge(self) -> None:
        if self._obeyed > self._acknowledged:
            self._acknowledged = self.run.update(obeyed=self._obeyed).obeyed

    def _say(self, status: Status) -> None:
        """Tell what the worker does now. Where Stop was pressed meanwhile, its command is there to be obeyed."""
        try:
            self.run.move(status, obeyed=self._obeyed)
            self._acknowledged, self._said_paused = self._obeyed, status is Status.PAUSED
        except OutOfTurn:
            self._obey()

    def _slow_down(self, event: Steps) -> None:
        """Slow motion: at most so many steps a second, in ten chunks."""
        if self.steps_per_second and not self.stepping:
            taken = len(next(iter(event.terms.values())))
            until = time.monotonic() + taken / self.steps_per_second - event.seconds
            while time.monotonic() < until and not self.stopped and not self.paused and not self.interrupted():
                time.sleep(min(POLL_SECONDS, max(0.0, until - time.monotonic())))
                self._obey()

    def _wait_while_paused(self) -> None:
        """From Pause to Resume; every Step in between lets one step through. Where others wait, or the server goes, the run is put away."""
        if self._waits():
            self.commit(None if self._said_paused else Status.PAUSED)
        while self._waits():
            self._acknowledge()
            if (self.wanted() or self.interrupted()) and self.run.put_away(self._read):
                self.away = True
                return
            time.sleep(POLL_SECONDS)
            self._obey()
        if self.stepping:
            self.dial.most_steps = 1
        else:
            self.dial.most_steps = max(1, round(self.steps_per_second / 10)) if self.steps_per_second else None
            if self._said_paused and not self.stopped:
                self._say(Status.RUNNING)

    def _waits(self) -> bool:
        return self.paused and not self.stepping and not self.stopped


def work(
    run: Run,
    data_dir: Path | None = None,
    on_event: Callable[[Event], None] = lambda event: None,
    interrupted: Callable[[], bool] = lambda: False,
    wanted: Callable[[], bool] = lambda: False,
    record: Record | None = None,
) -> None:
    """Train `run` to its end, or until it is stopped or, while paused, `wanted` elsewhere. What goes wrong is said in its state.

    record: of another run, whose training this one repeats.
    """
    _take_up(run)
    try:
        dataset = datasets.load(run.spec.dataset, data_dir)
        with _stored_training(run, dataset) as (training, events_size):
            paused = _go_on(run, training, events_size)
            sitting = Sitting(run, training, interrupted, wanted, paused)
            events = _replayed(sitting, dataset, record) if record else train(training, dataset, sitting.dial)
            for event in events:
                on_event(event)
                sitting.take(event)
                if sitting.stopped or sitting.away:
                    events.close()
                    break
            _conclude(sitting, dataset, Status.INTERRUPTED if interrupted() else Status.STOPPED if sitting.stopped else Status.DONE)
    except Diverged as error:
        _broke_off(run, Status.DIVERGED, error.on_page)
        raise
    except LabError as error:
        _broke_off(run, Status.FAILED, error.on_page)
        raise
    except OSError as error:
        message = f"The run's folder cannot be written ({error.strerror}); expected room and permission. Make some, then resume."
        with contextlib.suppress(OSError):
            _broke_off(run, Status.INTERRUPTED, message)
        raise LabError(message) from error
    except MemoryError as error:
        message = "The machine's memory did not suffice for this network; expected less. Take smaller layers or a smaller batch."
        _broke_off(run, Status.FAILED, message)
        raise LabError(message) from error


def _take_up(run: Run) -> None:
    """Make the run this process's; `OutOfTurn` if another is at it."""
    state = run.state
    if state.status in HELD and not runs.alive(state):
        run.abandon("")
    run.move(Status.RUNNING, message="", pid=os.getpid(), born=runs.born(os.getpid()))


def _broke_off(run: Run, status: Status, message: str) -> None:
    """Say why this sitting ended; not if it is over, and the run perhaps another worker's."""
    if run.state.pid == os.getpid():
        run.move(status, message=message, pid=0)


def _conclude(sitting: Sitting, dataset: Dataset, ended: Status) -> None:
    """Store what was learned and its figures. A stopped run says so before its checkpoint is stored; only one that is done waits for its figures."""
    run, training = sitting.run, sitting.training
    if not sitting.away:  # else it is stored
        sitting.commit(Status.STOPPED if ended is Status.STOPPED else None)
        if ended is Status.STOPPED:
            run.update(pid=0)
        elif ended is Status.INTERRUPTED:
            run.move(ended, pid=0)
    test = evaluation.evaluate(training.model, dataset)
    stored = run.stored()
    if stored and (stored["phase"], stored["step"]) != (training.phase, training.step):
        return  # it was resumed meanwhile, and is further
    run.write_results(
        {
            "run_id": run.id, "variant": run.spec.variant, "dataset": run.spec.dataset,
            "config": run.config.model_dump(mode="json") | {"seed": run.spec.seed}, "epochs": sitting.epochs_done,
            "seconds": round(sitting.seconds, 3), "images_per_second": round(sitting.images / max(sitting.seconds, 1e-9), 1),
            "parameters": training.model.parameters, "device": engine.device(), "train": _last_terms(run),
            "test": test,
        }
    )  # fmt: skip
    if ended is Status.DONE and not sitting.away:
        run.move(ended, message=evaluation.warning(test, run.config.codings_size, may_spare=training.model.has_prior), pid=0)


_kept: list[tuple[str, Training]] = []  # trainings that are over, for what is compiled for them, by their shape; the last used at the end
_keeping = threading.Lock()
MOST_KEPT = 20  # 7 to 16 MB each for the course's networks


@contextlib.contextmanager
def _untrained(cls: type[Autoencoder], config: Any, dataset: Dataset, seed: int) -> Iterator[Training]:
    """An untrained network for one caller; with what was compiled for an earlier one of the same shape, if there was one."""
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
def _stored_training(run: Run, dataset: Dataset) -> Iterator[tuple[Training, int]]:
    """The run's training as last stored, and how long its events were then; untrained, and 0, before the first checkpoint."""
    with _untrained(variant(run.spec.variant), run.config, dataset, run.spec.seed) as training:
        stored = run.checkpoint()
        if stored is None:
            yield training, 0
        else:
            tensors, head = stored
            training.restore(tensors, head["phase"], head["step"])
            yield training, head["events_size"]


def _go_on(run: Run, training: Training, events_size: int) -> bool:
    """What was done to the run before its last checkpoint holds; what was reported after that will be reported again. Whether it is paused still."""
    run.truncate_events(events_size)
    run.update(sittings=run.state.sittings + 1)
    done_to_it = run.interventions()
    for turned in (each for each in done_to_it if each.what == "learning_rate"):
        training.learning_rate = turned.value or training.learning_rate
    training.extra_epochs = run.state.extra_epochs
    if more := training.extra_epochs - round(sum(each.value or 0 for each in done_to_it if each.what == "more")):
        run.append(Intervened(training.phase, training.step, "more", more))
    halted = [each.what for each in done_to_it if each.what in ("pause", "step", "stop", "resume")][-1:]
    asked = {command.command for command in run.commands(0)[0] if command.n > run.state.obeyed}
    if halted in (["pause"], ["step"]) and asked & {"resume", "step"}:
        return True
    if halted not in ([], ["resume"]):
        run.append(Intervened(training.phase, training.step, "resume"))
    return False


def _replayed(sitting: Sitting, dataset: Dataset, record: Record) -> Generator[Event]:
    """`train`, with the record's turns of the dial and additions of epochs done again at the same steps, up to where it ends."""
    training, dial, run = sitting.training, sitting.dial, sitting.run
    turns, additions, end = record.turns, record.additions, record.end.place
    while True:
        events = train(training, dataset, dial)
        for event in events:
            yield event
            here = (training.phase, training.step)
            while turns and turns[0].place <= here:
                dial.learning_rate = run.update(rate=turns.pop(0).value).rate
            whole = training.epochs_of(training.phase) * sitting.steps_per_epoch
            if training.phase == len(training.phases()) - 1 and training.step == whole:
                continue  # the training comes to its end by itself
            if (additions and additions[0].place <= here) or here >= end:
                events.close()
                break
            stops = [place for place in (*(each.place for each in turns + additions), end) if place[0] == training.phase]
            dial.most_steps = min([dial.most_steps or whole, *(step - training.step for _, step in stops)])
        if not additions:
            sitting.stopped = training.phase < len(training.phases()) - 1 or training.step < whole
            return
        more = additions.pop(0)
        training.extra_epochs = run.update(extra_epochs=training.extra_epochs + round(more.value or 0)).extra_epochs
        yield Intervened(training.phase, training.step, "more", more.value)


def _last_terms(run: Run) -> dict[str, Any]:
    """The training means of the last evaluation: every loss term by its name."""
    ended = [event for event in run.events() if event["event"] == "EpochEnded"]
    return ended[-1]["train"] if ended else {}


def results_of(run: Run, data_dir: Path | None) -> dict[str, Any]:
    """The run's results with its test figures computed anew from the stored weights."""
    results = run.results()
    if results is None or run.stored() is None:
        raise LabError(f"The run '{run.spec.name}' has no results yet; expected one whose training has ended. Train it to its end first.")
    dataset = datasets.load(run.spec.dataset, data_dir)
    with _stored_training(run, dataset) as (training, _):
        return results | {"test": evaluation.evaluate(training.model, dataset)}


def main() -> None:
    """Say "ready" once TensorFlow is warm; then train each run whose folder arrives on a line, and say "finished".

    Other lines say how many runs wait: while there are any, a paused run is put away.
    """
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever libraries print must not be taken for an answer
    gone, training, wanted = threading.Event(), threading.Event(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: gone.set() if training.is_set() else os._exit(0))  # a run is stored first
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, whose going we notice
    parent = os.getppid()
    _warm_up(variant("linear"), "course")  # TensorFlow's lazy imports
    print("ready", file=answers)
    lines: queue.Queue[str] = queue.Queue()

    def listen() -> None:
        for line in sys.stdin:
            if line.startswith(WAITING):
                (wanted.set if int(line.removeprefix(WAITING)) else wanted.clear)()
            else:
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
        serve(Path(line.strip()), interrupted=lambda: gone.is_set() or os.getppid() != parent, wanted=wanted.is_set)
        training.clear()
        print("finished", file=answers)
        gc.collect()  # what a run leaves behind has cycles: 30 MB on the digits, if nobody looks


def serve(
    folder: Path,
    data_dir: Path | None = None,
    on_event: Callable[[Event], None] = lambda event: None,
    interrupted: Callable[[], bool] = lambda: False,
    wanted: Callable[[], bool] = lambda: False,
) -> None:
    """`work` on the run in this folder, whatever happens: what goes wrong stands in its state, and others can be trained."""
    try:
        work(Run(folder), data_dir, on_event, interrupted, wanted)
    except LabError:
        pass  # said in the run's state
    except Exception:
        traceback.print_exc()
        try:
            _broke_off(Run(folder), Status.FAILED, "Training broke off unexpectedly; the server's log says why.")
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
