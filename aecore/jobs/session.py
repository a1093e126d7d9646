"""One worker's session with one run: stores its events, and applies the page's commands.

Longer than other files: commands, pauses and checkpoints share one state.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from aecore.errors import LabError
from aecore.runs.history import History, HistoryWriter
from aecore.runs.records import Record
from aecore.runs.run import Run
from aecore.runs.spec import Command
from aecore.runs.statuses import InvalidTransition, Status
from aecore.training.events import EpochEnded, Event, Intervened, PhaseStarted, Snapshot, Steps
from aecore.training.loop import Training, TrainingControls
from aecore.training.moments import is_moment

# At least 2 s between two checkpoints at the ends of epochs, and at most 0.5 % of the time spent on
# them. Within an epoch they are five times as rare.
COMMIT_SECONDS, MOST_OF_TIME = 2.0, 0.005
POLL_SECONDS = 0.02  # how often a paused worker looks for commands


class RunSession:
    """One worker's session with one run.

    Turns events into lines and checkpoints, and commands into what the training does next.

    interrupted: whether the process must end.
    wanted: whether another run waits for this worker.
    repeating: these are its origin's steps, whose learning rate no page changes.
    """

    def __init__(
        self,
        run: Run,
        training: Training,
        interrupted: Callable[[], bool],
        wanted: Callable[[], bool],
        paused: bool,
        repeating: bool = False,
    ):
        self.run, self.training, self.interrupted, self.wanted = run, training, interrupted, wanted
        self.history = HistoryWriter(run.path)
        self.steps_per_epoch = 1  # set by the first event
        state = run.state
        self.repeating = repeating
        self.controls = TrainingControls(learning_rate=None if repeating else state.rate)
        self.steps_per_second = state.steps_per_second
        self.paused, self.stopped = paused, False
        self.stepping: Command | None = None  # the Step command that is being carried out
        self.away = False  # paused, and without a worker, which is needed elsewhere
        self._reported_paused = state.status is Status.PAUSED
        self._pictured = self._kept = (0, -1)  # phase and step of the last snapshot, and moment
        self._pending: list[Command] = []
        self._read = 0  # bytes of the file of commands
        self._carried_out = self._acknowledged = state.carried_out
        self._last_commit, self._commit_cost = time.monotonic(), 0.0
        self.seconds, self.images = state.seconds, state.images

    def take(self, event: Event) -> None:
        """Records an event, then waits as long as the page asks."""
        self.run.append(event)
        if isinstance(event, PhaseStarted):
            self.steps_per_epoch = event.steps_per_epoch
        if isinstance(event, Snapshot):
            self._pictured = (event.phase, event.step)
        if isinstance(event, Steps):
            self.seconds += event.seconds
            self.images += event.images
        if isinstance(event, (PhaseStarted, Steps)):
            self._keep_moment()
        since = time.monotonic() - self._last_commit
        pause = max(COMMIT_SECONDS, self._commit_cost / MOST_OF_TIME)
        if (isinstance(event, EpochEnded) and since > pause) or (
            isinstance(event, Steps) and since > 5 * pause
        ):
            self.commit()
        if self.stepping and isinstance(event, Steps):
            self._carried_out, self.stepping = self.stepping.n, None
        self._apply_commands()
        if isinstance(event, Steps):
            self._slow_down(event)
        self._wait_while_paused()
        self._acknowledge()
        if self.interrupted() and not self.away:
            self.stopped = True

    def commit(self, status: Status | None = None) -> None:
        """Saves the network, then the status the page waits for, then the slower checkpoint."""
        begin = time.monotonic()
        training = self.training
        self._show()
        if status:
            self._report(status)
        self.history.wait()  # all moments up to this checkpoint are on the disk before it
        self.run.commit(training.tensors(), training.phase, training.step)
        self.run.update(
            seconds=self.seconds,
            images=self.images,
            images_wanted=self._images_wanted(),
            counted=time.time(),
        )
        self._last_commit, self._commit_cost = time.monotonic(), time.monotonic() - begin

    def branch(self, origin: Record) -> None:
        """Notes that its origin's steps have been repeated: its own follow.

        Also notes whether the weights are the origin's, as far as that one kept them.
        """
        here = (self.training.phase, self.training.step)
        if here != origin.end.place:
            raise LabError(
                f"The run '{origin.name}' ended before the moment that this one goes on from; "
                "expected one that was trained to there. Choose an earlier moment."
            )
        self.keep()
        self.history.wait()
        theirs = History(self.run.path.parent / origin.run_id) if origin.run_id else None
        same = None
        if theirs and theirs.file(here).exists() and self.history.file(here).exists():
            kept = (each.network(here).fingerprint for each in (theirs, self.history))
            same = len(set(kept)) == 1
        self.run.append(Intervened(*here, "branch"))
        self.run.update(origin_repeated=same)
        self.commit()

    @property
    def epochs_done(self) -> int:
        """The epochs trained so far, over all phases."""
        before = sum(self.training.epochs_of(phase) for phase in range(self.training.phase))
        return before + self.training.step // self.steps_per_epoch

    def picture(self) -> None:
        """Records a snapshot of this moment: what stays on the page is the network as it is."""
        here = (self.training.phase, self.training.step)
        if self.controls.snapshot and self._pictured != here:
            self.run.append(self.controls.snapshot())
            self._pictured = here

    def _images_wanted(self) -> int:
        """Estimates the images trained on by the end of the last phase; 0 if not known yet."""
        done = self.epochs_done + self.training.step % self.steps_per_epoch / self.steps_per_epoch
        epochs = sum(self.training.epochs_of(phase) for phase in range(len(self.training.phases())))
        return round(self.images * epochs / done) if done else 0

    @property
    def _epoch(self) -> int:
        """The epochs that have begun in this phase."""
        return -(-self.training.step // self.steps_per_epoch)

    def keep(self) -> None:
        """Keeps the network of this moment in the run's history."""
        training, here = self.training, (self.training.phase, self.training.step)
        if here != self._kept:
            network = training.phases()[training.phase].network()
            self.history.keep(network, training.phase, self._epoch, training.step)
            self._kept = here

    def _keep_moment(self) -> None:
        training, phases = self.training, len(self.training.phases())
        total = training.epochs_of(training.phase) * self.steps_per_epoch
        if is_moment(training.step, total, phases):
            self.keep()

    def _show(self) -> None:
        self.run.show(
            self.training.model.network(),
            {"phase": self.training.phase, "epoch": self._epoch, "step": self.training.step},
        )

    def _apply_commands(self) -> None:
        """Applies the commands in the order of the clicks.

        Commands after a Step wait until that step has been taken. Stop is applied at once.
        """
        commands, self._read = self.run.commands(self._read)
        self._pending += [command for command in commands if command.n > self._acknowledged]
        stops = [command for command in self._pending if command.command == "stop"]
        if stops:
            self._pending, self.stepping = [stops[0]], None
        must_show = False
        while self._pending and not self.stepping and not self.stopped:
            command = self._pending.pop(0)
            self._apply(command)
            must_show |= command.command == "show"
        if must_show:  # once, for any number of commands
            self._show()

    def _apply(self, command: Command) -> None:
        name, value, was_paused = command.command, command.value, self.paused
        if name == "step":
            self.paused, self.stepping = True, command
        elif name in ("pause", "resume"):
            self.paused = name == "pause"
        elif name == "stop":
            self.stopped = True
        elif name == "learning_rate" and not self.repeating:
            # The training records the change, at the step at which it takes effect.
            self.controls.learning_rate = value
        elif name == "steps_per_second":
            self.steps_per_second = value
        if name in ("step", "stop") or self.paused != was_paused:
            phase, step = self.training.phase, self.training.step
            self.run.append(Intervened(phase, step, name))  # type: ignore[arg-type]
        if not self.stepping:
            self._carried_out = command.n

    def _acknowledge(self) -> None:
        if self._carried_out > self._acknowledged:
            self._acknowledged = self.run.update(carried_out=self._carried_out).carried_out

    def _report(self, status: Status) -> None:
        """Writes what the worker does now. If Stop was pressed meanwhile, applies that instead."""
        try:
            self.run.move(status, carried_out=self._carried_out)
            self._acknowledged, self._reported_paused = self._carried_out, status is Status.PAUSED
        except InvalidTransition:
            self._apply_commands()

    def _slow_down(self, event: Steps) -> None:
        """In slow motion, sleeps to hold `steps_per_second`, in about ten chunks a second."""
        if self.steps_per_second and not self.stepping:
            taken = len(next(iter(event.terms.values())))
            until = time.monotonic() + taken / self.steps_per_second - event.seconds
            while (
                time.monotonic() < until
                and not self.stopped
                and not self.paused
                and not self.interrupted()
            ):
                time.sleep(min(POLL_SECONDS, max(0.0, until - time.monotonic())))
                self._apply_commands()

    def _wait_while_paused(self) -> None:
        """Waits from Pause to Resume; each Step in between lets one step through.

        If other runs wait, or the server ends, the run gives up its worker.
        """
        if self._is_waiting():
            self.picture()
            self.keep()  # a pause and each single step can be gone back to
            self.commit(None if self._reported_paused else Status.PAUSED)
        while self._is_waiting():
            self._acknowledge()
            if (self.wanted() or self.interrupted()) and self.run.put_away(self._read):
                self.away = True
                return
            time.sleep(POLL_SECONDS)
            self._apply_commands()
        if self.stepping:
            self.controls.most_steps = 1
        else:
            self.controls.most_steps = (
                max(1, round(self.steps_per_second / 10)) if self.steps_per_second else None
            )
            if self._reported_paused and not self.stopped:
                self._report(Status.RUNNING)

    def _is_waiting(self) -> bool:
        return self.paused and not self.stepping and not self.stopped
