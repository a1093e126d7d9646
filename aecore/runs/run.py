"""A training on disk. The run's folder is the truth: a page, a second tab or a restarted server only read it.

<id>/run.json               what was asked for (written once; only its name may change)
     state.json             where it stands: its status (`aecore.runs.statuses`), and which commands were asked and obeyed
     events.jsonl           everything that training yielded and all that was done to it, one line an event
     commands.jsonl         what pages asked of the worker, numbered in the order of the clicks
     .lock                  held by whoever changes state.json or adds a command
     checkpoint-<phase>-<step>.safetensors, HEAD.json   weights and optimiser; real once HEAD, written last, names them
     network.safetensors    the network alone, as the server and the browser use it
     results.json           the figures on the test split
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
from typing import Any

import numpy as np
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load, save

from aecore.errors import LabError
from aecore.hyperparameters import Config
from aecore.models import variant
from aecore.network import Network, load_network
from aecore.runs.records import Moment, Record
from aecore.runs.statuses import ACTIVE, HELD, Status, following
from aecore.training.events import Event, Intervened

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl
from aecore.runs import codec
from aecore.runs.files import append_line, whole_lines, write_atomically
from aecore.runs.spec import SCHEMA_VERSION, Command, CommandName, Spec, State, from_schema_1


class Run:
    """One run's folder."""

    def __init__(self, path: Path):
        self.path = path
        self.spec = self._read(path / "run.json", Spec)
        if self.spec.schema_version > SCHEMA_VERSION:
            raise LabError(
                f"The run '{self.spec.id}' has schema {self.spec.schema_version}; this version of the lab reads up to {SCHEMA_VERSION}. Update the lab to open it."
            )
        if self.spec.schema_version < 2:
            self.spec = from_schema_1(self.spec)
        if self.spec.schema_version < 3:  # networks began at zero biases throughout
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
        """The state, while no other thread or process changes it."""
        with (self.path / ".lock").open("ab") as file:
            if sys.platform == "win32":
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            else:
                fcntl.flock(file, fcntl.LOCK_EX)
            yield self.state

    def _write(self, state: State, **changes: Any) -> State:
        """The one place where a status is written: only one that may follow the present one."""
        if "status" in changes:
            following(state.status, changes["status"])
        state = state.model_copy(update=changes)
        write_atomically(self.path / "state.json", state.model_dump_json().encode())
        return state

    def move(self, status: Status, **changes: Any) -> State:
        """Go on to another status; `OutOfTurn` if it may not follow the present one."""
        with self._alone() as state:
            return self._write(state, status=status, **changes)

    def update(self, **changes: Any) -> State:
        """Note what has changed within the present status."""
        with self._alone() as state:
            return self._write(state, **changes)

    def queue(self, extra_epochs: int = 0) -> None:
        """Ready for a worker, afresh or for more epochs; whatever was asked of an earlier sitting is forgotten."""
        with self._alone() as state:
            (self.path / "commands.jsonl").unlink(missing_ok=True)
            changes: dict[str, Any] = (
                {"status": Status.QUEUED} if state.status is not Status.QUEUED else {}
            )
            if extra_epochs:
                changes |= {"extra_epochs": state.extra_epochs + extra_epochs, "images_wanted": 0}
            self._write(state, message="", pid=0, obeyed=state.asked, **changes)

    def put_away(self, read: int) -> bool:
        """Leave a paused run without a worker; not if commands have come after the first `read` bytes of them."""
        with self._alone() as state:
            if state.status is not Status.PAUSED or self.commands(read)[0]:
                return False
            self._write(state, pid=0, obeyed=state.asked)
            return True

    def abandon(self, message: str) -> None:
        """Its process is gone: a paused run stays paused, without a worker; one in training is interrupted."""
        with self._alone() as state:
            if state.status is Status.PAUSED:
                self._write(state, pid=0)
            elif state.status in ACTIVE:
                self._write(state, status=Status.INTERRUPTED, message=message, pid=0)

    def as_command(self) -> str:
        """The command line that trains the same network."""
        cls, flags = variant(self.spec.variant), []
        without_flags = cls.Config.build(
            cls.presets["recommended"].values
        )  # what `train` begins with
        for name, control in cls.Config.declared().items():
            if (value := getattr(self.config, name)) != getattr(without_flags, name):
                flags.append(f" --{name.replace('_', '-')} {control.text(value)}")
        return (
            f"python -m aecore train {self.spec.variant} --dataset {self.spec.dataset} --seed {self.spec.seed}"
            + "".join(flags)
        )

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

    def command(self, name: CommandName, value: float | None = None) -> State:
        """Ask the worker for something; the state then, whose `asked` is the number that the command was given."""
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
        """The commands from byte `offset` of their file, and the offset behind them; a line that is none is passed over."""
        found = []
        lines, end = whole_lines(self.path / "commands.jsonl", offset)
        for line in lines:
            with contextlib.suppress(ValidationError):
                found.append(Command.model_validate_json(line))
        return found, end

    # The record.

    @property
    def keeps_record(self) -> bool:
        """Whether all that was done to it is among its events, and means the same still: not if an earlier version of the lab turned something, or
        restarted the rate in its own way.
        """
        if self.spec.schema_version < 3 and (self.state.rate_turned or self.state.extra_epochs):
            return False
        return self.spec.schema_version >= 4 or self.config.schedule != "restart"

    def interventions(self, size: int | None = None) -> list[Intervened]:
        """All that was done to it, in order; size: as far as the first so many bytes of the events tell."""
        lines, _ = whole_lines(self.path / "events.jsonl", 0, size)
        mark = f'"{Intervened.__name__}"'.encode()  # most lines are losses, and pictures: not read
        return [
            event
            for event in codec.read_events(line for line in lines if mark in line)
            if isinstance(event, Intervened)
        ]

    def record(self) -> Record:
        """What a replay needs, up to the last stored step."""
        stored, spec = self.stored(), self.spec
        if not stored or not self.keeps_record:
            raise LabError(
                f"The run '{spec.name}' has no record; expected one that was trained, and by this version of the lab."
            )
        network, end = self.network(), Moment.model_validate(stored)
        there = (
            network.about.get("phase"),
            network.about.get("step"),
        ) == end.place  # else it was stored later, and then came a kill
        return Record(
            name=spec.name, variant=spec.variant, dataset=spec.dataset, preset=spec.preset, config=self.config.model_dump(mode="json"), seed=spec.seed,
            interventions=self.interventions(stored["events_size"]), end=end, fingerprint=network.fingerprint if there else "", device=(self.results() or {}).get("device", ""),
        )  # fmt: skip

    # What was learned.

    def show(self, network: Network, moment: dict[str, int]) -> None:
        """Store the network alone, for pages to draw, with the moment it is from."""
        write_atomically(self.path / "network.safetensors", network.to_bytes(about=moment))

    def commit(self, tensors: dict[str, np.ndarray], phase: int, step: int) -> None:
        """Store weights and optimiser so that a kill at any moment leaves this or the previous checkpoint whole."""
        blob = save(tensors)
        name = f"checkpoint-{phase}-{step}.safetensors"
        write_atomically(self.path / name, blob)
        events = self.path / "events.jsonl"
        head = {
            "file": name, "sha256": hashlib.sha256(blob).hexdigest(), "phase": phase, "step": step,
            "events_size": events.stat().st_size if events.exists() else 0,
        }  # fmt: skip
        write_atomically(self.path / "HEAD.json", json.dumps(head).encode())
        for old in self.path.glob("checkpoint-*.safetensors"):
            if old.name != name:
                old.unlink(missing_ok=True)

    def checkpoint(self) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
        """The tensors and the head of the last commit; None before the first; `LabError` if it is damaged."""
        try:
            head = self.stored()
            if head is None:
                return None
            blob = (self.path / Path(head["file"]).name).read_bytes()
            if hashlib.sha256(blob).hexdigest() != head["sha256"]:
                raise ValueError("its checksum differs")
            return load(blob), head
        except FileNotFoundError:
            raise self._damaged("its weights are missing") from None
        except (ValueError, KeyError, TypeError, SafetensorError) as error:
            raise self._damaged(f"its weights cannot be read: {error}") from error

    def stored(self) -> dict[str, Any] | None:
        """The head of the last commit: which file, its checksum, phase and step, and how long the events were."""
        try:
            head: dict[str, Any] = json.loads((self.path / "HEAD.json").read_bytes())
            return head
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise self._damaged(f"its weights cannot be read: {error}") from error

    def truncate_events(self, size: int) -> None:
        """Forget what was reported after the last commit: it will be trained, and reported, again."""
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
        """The JSON object of `train --json`; None until a training has ended."""
        try:
            return json.loads((self.path / "results.json").read_bytes())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise self._damaged("its results cannot be read") from error

    def _read(self, path: Path, model: Any) -> Any:
        try:
            return model.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            raise self._damaged(f"'{path.name}' is missing") from None
        except (ValidationError, OSError) as error:
            raise self._damaged(f"'{path.name}' cannot be read") from error

    def _damaged(self, reason: str) -> LabError:
        return LabError(
            f"The run '{self.path.name}' is damaged: {reason}. Open another run, or delete this one's folder."
        )


def clean_name(name: str) -> str:
    """A label a person typed: printable, one line, at most 80 characters."""
    return "".join(c for c in name if c.isprintable()).strip()[:80]
