"""A run: one training on disk. All state is in the run's folder; pages and servers only read it.

<id>/run.json               the settings (written once; only the name may change)
     state.json             the status (`aecore.runs.statuses`), and numbers of the last commands
     events.jsonl           all events of the training and all interventions, one a line
     commands.jsonl         the pages' commands to the worker, in the order of the clicks
     .lock                  held while state.json is changed or a command is added
     checkpoint-<phase>-<step>.safetensors   weights and optimiser
     HEAD.json              names the valid checkpoint; written after it
     network.safetensors    the network alone, as the server and the browser use it
     results.json           the figures on the test split
     history/               networks of earlier moments (`aecore.runs.history`)

Longer than other files: all other writes to a run's folder are here, so that one class keeps it
whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load, save

from aecore.errors import LabError
from aecore.hyperparameters import Config
from aecore.models import variant
from aecore.network import Network, load_network
from aecore.runs import codec
from aecore.runs.files import append_line, whole_lines, write_atomically
from aecore.runs.records import Head, Moment, Record
from aecore.runs.spec import SCHEMA_VERSION, Command, CommandName, Spec, State, from_schema_1
from aecore.runs.statuses import ACTIVE, HELD, Status, check_transition
from aecore.training.events import Event, Intervened

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_Model = TypeVar("_Model", bound=BaseModel)
_Event = TypeVar("_Event", bound=Event)
LONGEST_NAME = 80  # characters


class Run:
    """One run's folder."""

    def __init__(self, path: Path):
        self.path = path
        self.spec = self._read(path / "run.json", Spec)
        if self.spec.schema_version > SCHEMA_VERSION:
            raise LabError(
                f"The run '{self.spec.id}' has schema {self.spec.schema_version}; "
                f"this version of the lab reads up to {SCHEMA_VERSION}. Update the lab to open it."
            )
        if self.spec.schema_version < 2:
            self.spec = from_schema_1(self.spec)
        if self.spec.schema_version < 3:  # all biases started at zero
            self.spec = self.spec.model_copy(
                update={"config": {"first_output": "zero"} | self.spec.config}
            )
        try:
            self.config: Config = variant(self.spec.variant).Config.build(self.spec.config)
        except LabError as error:
            raise self._damaged(
                "'run.json' has settings that this version of the lab does not know"
            ) from error

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def state(self) -> State:
        return self._read(self.path / "state.json", State)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[State]:
        """Yields the state, and keeps other threads and processes from changing it."""
        with (self.path / ".lock").open("ab") as file:
            if sys.platform == "win32":
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            else:
                fcntl.flock(file, fcntl.LOCK_EX)
            yield self.state

    def _write(self, state: State, **changes: Any) -> State:
        """Writes the state. No other method does, so every change of status is checked here."""
        if "status" in changes:
            check_transition(state.status, changes["status"])
        state = state.model_copy(update=changes)
        write_atomically(self.path / "state.json", state.model_dump_json().encode())
        return state

    def move(self, status: Status, **changes: Any) -> State:
        """Changes the status; `InvalidTransition` if the new one may not follow the present one."""
        with self._alone() as state:
            return self._write(state, status=status, **changes)

    def update(self, **changes: Any) -> State:
        """Changes fields of the state other than the status."""
        with self._alone() as state:
            return self._write(state, **changes)

    def queue(self, extra_epochs: int = 0) -> None:
        """Queues the run for a worker, perhaps for more epochs.

        Commands of earlier sessions are dropped.
        """
        with self._alone() as state:
            changes: dict[str, Any] = (
                {"status": Status.QUEUED} if state.status is not Status.QUEUED else {}
            )
            if extra_epochs:
                changes |= {"extra_epochs": state.extra_epochs + extra_epochs, "images_wanted": 0}
            self._write(state, message="", pid=0, carried_out=state.asked, **changes)
            (self.path / "commands.jsonl").unlink(missing_ok=True)

    def put_away(self, read: int) -> bool:
        """Detaches a paused run from its worker.

        Returns False, and does nothing, if there are commands after the first `read` bytes.
        """
        with self._alone() as state:
            if state.status is not Status.PAUSED or self.commands(read)[0]:
                return False
            self._write(state, pid=0, carried_out=state.asked)
            return True

    def abandon(self, message: str) -> None:
        """Records that the run's process is gone.

        A paused run stays paused, without a worker. A run in training is interrupted.
        """
        with self._alone() as state:
            if state.status is Status.PAUSED:
                self._write(state, pid=0)
            elif state.status in ACTIVE:
                self._write(state, status=Status.INTERRUPTED, message=message, pid=0)

    def as_command(self) -> str:
        """Returns the command line that trains the same network; its origin must be there."""
        cls, flags, origin = variant(self.spec.variant), [], self.spec.origin
        if origin:
            without_flags = origin.built_config()
            flags.append(f" --origin {origin.run_id} --at {origin.end.phase}-{origin.end.step}")
        else:
            without_flags = cls.Config.build(cls.presets["recommended"].values)
        for name, control in cls.Config.declared().items():
            if (value := getattr(self.config, name)) != getattr(without_flags, name):
                flags.append(f" --{name.replace('_', '-')} {control.text(value)}")
        spec = self.spec
        command = f"python -m aecore train {spec.variant} --dataset {spec.dataset}"
        return f"{command} --seed {spec.seed}" + "".join(flags)

    def rename(self, name: str) -> None:
        self.spec = self.spec.model_copy(update={"name": clean_name(name) or self.spec.name})
        write_atomically(self.path / "run.json", self.spec.model_dump_json(indent=1).encode())

    def delete(self) -> None:
        if self.state.status in HELD:
            raise LabError(f"The run '{self.spec.name}' is still training; stop it first.")
        shutil.rmtree(self.path)

    # Events and commands: append-only lines.

    def append(self, event: Event) -> None:
        append_line(self.path / "events.jsonl", codec.to_json(event))

    def events(self) -> list[Event]:
        return list(codec.read_events(whole_lines(self.path / "events.jsonl", 0)[0]))

    def events_of(self, kind: type[_Event], size: int | None = None) -> list[_Event]:
        """Returns the events of one kind; with `size`, those in the first `size` bytes.

        Other lines are not parsed.
        """
        lines, _ = whole_lines(self.path / "events.jsonl", 0, size)
        mark = f'"{kind.__name__}"'.encode()
        found = codec.read_events(line for line in lines if mark in line)
        return [event for event in found if isinstance(event, kind)]

    def command(self, name: CommandName, value: float | None = None) -> State:
        """Adds a command for the worker. The returned state's `asked` is the command's number."""
        with self._alone() as state:
            try:
                command = Command(n=state.asked + 1, command=name, value=value)
            except ValidationError as error:
                raise LabError(
                    f"{name} is {value}; {error.errors()[0]['msg'].removeprefix('Value error, ')}."
                ) from None
            append_line(self.path / "commands.jsonl", command.model_dump_json())
            changes: dict[str, Any] = {"asked": command.n}
            if name == "stop" and state.status in (Status.RUNNING, Status.PAUSED):
                changes["status"] = Status.STOPPING
            elif name == "learning_rate":
                changes["rate"] = value
            elif name == "steps_per_second":
                changes["steps_per_second"] = value
            return self._write(state, **changes)

    def commands(self, offset: int) -> tuple[list[Command], int]:
        """Returns the commands from byte `offset` of their file, and the offset after them.

        Damaged lines are skipped.
        """
        found = []
        lines, end = whole_lines(self.path / "commands.jsonl", offset)
        for line in lines:
            with contextlib.suppress(ValidationError):
                found.append(Command.model_validate_json(line))
        return found, end

    # The record.

    @property
    def keeps_record(self) -> bool:
        """Whether the events hold every intervention, with its present meaning.

        Not so if an earlier version of the lab changed the learning rate or added epochs without
        recording when, or restarted the rate in its own way.
        """
        if self.spec.schema_version < 3 and (self.state.rate_changed or self.state.extra_epochs):
            return False
        return self.spec.schema_version >= 4 or self.config.schedule != "restart"

    def interventions(self, size: int | None = None) -> list[Intervened]:
        """Returns the interventions in order; with `size`, those in the first `size` bytes.

        Those of its origin are in the origin's record, once the run's own steps have begun.
        """
        return self._by_record(size)[-1]

    def origins_left(self, size: int | None = None) -> list[Record]:
        """Returns the records that are to be repeated before the run's own steps begin.

        size: as its events were in the first so many bytes.
        """
        chain = self.spec.origin.chain() if self.spec.origin else []
        return chain[len(self._by_record(size)) - 1 :]

    def _by_record(self, size: int | None = None) -> list[list[Intervened]]:
        """Returns the interventions of each origin, and then the run's own."""
        found: list[list[Intervened]] = [[]]
        for event in self.events_of(Intervened, size):
            if event.what == "branch":
                found.append([])
            else:
                found[-1].append(event)
        return found

    def record(self, until: Moment | None = None) -> Record:
        """Returns what a replay needs, up to the last stored step or to an earlier moment.

        Raises `LabError` if the run has no record, or none up to there.
        """
        stored, spec = self.stored(), self.spec
        if not self.keeps_record or not (until or stored):
            raise LabError(
                f"The run '{spec.name}' has no record; "
                "expected one that was trained, and by this version of the lab."
            )
        size = stored.events_size if stored and not until else None
        record = Record(
            run_id=spec.id,
            name=spec.name,
            variant=spec.variant,
            dataset=spec.dataset,
            preset=spec.preset,
            config=self.config.model_dump(mode="json"),
            seed=spec.seed,
            interventions=self.interventions(size),
            end=until or Moment(phase=stored.phase, step=stored.step),  # type: ignore[union-attr]
            device=(self.results() or {}).get("device", ""),
            origin=spec.origin,
        )
        if until or self.origins_left(size):
            return record.until(record.end)
        network = self.network()
        # It differs from `end` if the process was killed between storing network and checkpoint.
        same = (network.about.get("phase"), network.about.get("step")) == record.end.place
        return record.model_copy(update={"fingerprint": network.fingerprint if same else ""})

    # The trained network.

    def show(self, network: Network, moment: dict[str, int]) -> None:
        """Stores the network alone, for pages to draw, with its phase, epoch and step."""
        write_atomically(self.path / "network.safetensors", network.to_bytes(about=moment))

    def commit(self, tensors: dict[str, np.ndarray], phase: int, step: int) -> None:
        """Stores weights and optimiser.

        If the process is killed at any moment, this or the previous checkpoint stays valid.
        """
        blob = save(tensors)
        name = f"checkpoint-{phase}-{step}.safetensors"
        write_atomically(self.path / name, blob)
        events = self.path / "events.jsonl"
        head = Head(
            file=name,
            sha256=hashlib.sha256(blob).hexdigest(),
            phase=phase,
            step=step,
            events_size=events.stat().st_size if events.exists() else 0,
        )
        write_atomically(self.path / "HEAD.json", head.model_dump_json().encode())
        for old in self.path.glob("checkpoint-*.safetensors"):
            if old.name != name:
                old.unlink(missing_ok=True)

    def checkpoint(self) -> tuple[dict[str, np.ndarray], Head] | None:
        """Returns the tensors and the head of the last commit; None before the first.

        Raises `LabError` if they are damaged.
        """
        try:
            head = self.stored()
            if head is None:
                return None
            blob = (self.path / Path(head.file).name).read_bytes()
            if hashlib.sha256(blob).hexdigest() != head.sha256:
                raise ValueError("its checksum differs")
            return load(blob), head
        except FileNotFoundError:
            raise self._damaged("its weights are missing") from None
        except (ValueError, SafetensorError) as error:
            raise self._damaged(f"its weights cannot be read: {error}") from error

    def stored(self) -> Head | None:
        """Returns the last commit; None before the first."""
        path = self.path / "HEAD.json"
        return self._read(path, Head) if path.exists() else None

    def truncate_events(self, size: int) -> None:
        """Drops the events after the last commit: those steps will be trained again."""
        path = self.path / "events.jsonl"
        if path.exists() and path.stat().st_size > size:
            os.truncate(path, size)

    def network(self) -> Network:
        return load_network(self.path / "network.safetensors")

    @property
    def has_network(self) -> bool:
        return (self.path / "network.safetensors").exists()

    def write_results(self, results: dict[str, Any]) -> None:
        write_atomically(self.path / "results.json", json.dumps(results, indent=1).encode())

    def results(self) -> dict[str, Any] | None:
        """Returns the JSON object of `train --json`; None until a training has ended."""
        try:
            results: dict[str, Any] = json.loads((self.path / "results.json").read_bytes())
            return results
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise self._damaged("its results cannot be read") from error

    def figures_of_stored(self) -> dict[str, float] | None:
        """Returns the test figures of the stored network; None if there are none of it.

        When a run has been stopped, they come a moment after the network; until then those of
        an earlier stop may lie there.
        """
        head, file = self.path / "HEAD.json", self.path / "results.json"
        found = self.results()
        if not found or not head.exists() or file.stat().st_mtime_ns < head.stat().st_mtime_ns:
            return None
        figures: dict[str, float] = found["test"]
        return figures

    def _read(self, path: Path, model: type[_Model]) -> _Model:
        try:
            return model.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            raise self._damaged(f"'{path.name}' is missing") from None
        except (ValidationError, OSError) as error:
            raise self._damaged(f"'{path.name}' cannot be read") from error

    def _damaged(self, reason: str) -> LabError:
        return LabError(
            f"The run '{self.path.name}' is damaged: {reason}. "
            "Open another run, or delete this one's folder."
        )


def printable(name: str) -> str:
    """What can be printed of a label that a person typed, on one line."""
    return "".join(c for c in name if c.isprintable()).strip()


def clean_name(name: str) -> str:
    """Cleans a label that a person typed: printable, one line, not too long."""
    return printable(name)[:LONGEST_NAME]
