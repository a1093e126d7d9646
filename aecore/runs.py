"""A training on disk. The run's folder is the truth: a page, a second tab or a restarted server only read it.

<id>/run.json               what was asked for (written once; only its name may change)
     state.json             where it stands: its status (`aecore.statuses`), and which commands were asked and obeyed
     events.jsonl           everything that training yielded and all that was done to it, one line an event
     commands.jsonl         what pages asked of the worker, numbered in the order of the clicks
     .lock                  held by whoever changes state.json or adds a command
     checkpoint-<phase>-<step>.safetensors, HEAD.json   weights and optimiser; real once HEAD, written last, names them
     network.safetensors    the network alone, as the server and the browser use it
     results.json           the figures on the test split
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import re
import shutil
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from safetensors import SafetensorError
from safetensors.numpy import load, save

from aecore.datasets import SOURCES, home, title_of
from aecore.errors import LabError
from aecore.hyperparameters import Config
from aecore.models import variant
from aecore.network import Network, load_network
from aecore.records import Intervened, Intervention, Moment, Record
from aecore.statuses import ACTIVE, HELD, Status, following

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

SCHEMA_VERSION = 4  # 3: a restarted rate was whole at once; 2: no record of what was done to a run, and last biases began at zero; 1: codings had no activation of their own
_ID = re.compile(r"[0-9a-f]{32}")


class Spec(BaseModel):
    """What was asked for. `owner` is a hash that only its visitor's cookie matches; empty if the command line asked."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    schema_version: int = SCHEMA_VERSION
    id: str
    name: str
    variant: str
    dataset: str
    preset: str
    config: dict[str, Any]
    seed: int
    owner: str = ""
    created: float  # seconds since 1970, for display and order


class State(BaseModel):
    """Where it stands. Changed under the run's lock, by `Run` alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    status: Status = Status.QUEUED
    message: str = ""
    pid: int = 0  # of the process that is at it
    born: int = 0  # when that began, as the system counts: another process may have its number after a reboot
    sittings: int = 0  # workers that took it up, each from the last checkpoint: what came after that is reported anew
    asked: int = 0  # the number of the last command
    obeyed: int = 0  # and of the last one that the worker has carried out
    rate: float | None = None  # what the dial was last turned to; None: never
    steps_per_second: float | None = None  # slow motion; None: as fast as it goes
    extra_epochs: int = 0
    rate_turned: bool = False  # by hand, in a run of schema 2, which did not say when
    seconds: float = 0.0  # spent training, over all sittings
    images: int = 0
    images_wanted: int = 0  # by the end of the last phase; 0: not known yet
    counted: float = 0.0  # when: seconds since 1970


CommandName = Literal["pause", "resume", "step", "stop", "learning_rate", "steps_per_second", "show"]


class Command(BaseModel):
    """A click: pause, step, resume, stop, a turned dial, or `show`, which asks for the network of now."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)
    n: int = Field(ge=1)
    command: CommandName
    value: float | None = None

    @model_validator(mode="after")
    def _in_range(self) -> Command:
        if self.command == "learning_rate" and not (self.value and 0 < self.value <= 10):
            raise ValueError("expected a learning rate above 0 and at most 10")
        if self.command == "steps_per_second" and self.value is not None and self.value <= 0:
            raise ValueError("expected more than 0 steps a second, or none for as fast as it goes")
        return self


@dataclass(frozen=True)
class Damaged:
    """A folder among the runs that cannot be read, and why."""

    id: str
    reason: str


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
            self.spec = _from_schema_1(self.spec)
        if self.spec.schema_version < 3:  # networks began at zero biases throughout
            self.spec = self.spec.model_copy(update={"config": {"first_output": "zero"} | self.spec.config})
        try:
            self.config: Config = variant(self.spec.variant).Config.build(self.spec.config)
        except LabError as error:
            raise self._damaged("'run.json' has settings that this version of the lab does not know") from error

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
            changes: dict[str, Any] = {"status": Status.QUEUED} if state.status is not Status.QUEUED else {}
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
        without_flags = cls.Config.build(cls.presets["recommended"].values)  # what `train` begins with
        for name, control in cls.Config.declared().items():
            if (value := getattr(self.config, name)) != getattr(without_flags, name):
                flags.append(f" --{name.replace('_', '-')} {control.text(value)}")
        return f"python -m aecore train {self.spec.variant} --dataset {self.spec.dataset} --seed {self.spec.seed}" + "".join(flags)

    def rename(self, name: str) -> None:
        self.spec = self.spec.model_copy(update={"name": clean_name(name) or self.spec.name})
        write_atomically(self.path / "run.json", self.spec.model_dump_json(indent=1).encode())

    def delete(self) -> None:
        if self.state.status in HELD:
            raise LabError(f"The run '{self.spec.name}' is still training; stop it first.")
        shutil.rmtree(self.path)

    # Events and commands: append-only lines.

    def append(self, event: Any) -> None:
        _append(self.path / "events.jsonl", _as_json(event))

    def events(self) -> list[dict[str, Any]]:
        return read_lines(self.path / "events.jsonl", 0)[0]

    def command(self, name: CommandName, value: float | None = None) -> State:
        """Ask the worker for something; the state then, whose `asked` is the number that the command was given."""
        with self._alone() as state:
            try:
                command = Command(n=state.asked + 1, command=name, value=value)
            except ValidationError as error:
                raise LabError(f"{name} is {value}; {error.errors()[0]['msg'].removeprefix('Value error, ')}.") from None
            _append(self.path / "commands.jsonl", command.model_dump_json())
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
        lines, end = _whole_lines(self.path / "commands.jsonl", offset)
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

    def interventions(self, size: int | None = None) -> list[Intervention]:
        """All that was done to it, in order; size: as far as the first so many bytes of the events tell."""
        lines, _ = _whole_lines(self.path / "events.jsonl", 0, size)
        mark = f'"{Intervened.__name__}"'.encode()  # most lines are losses, and pictures: not read
        return [Intervention.model_validate_json(line) for line in lines if mark in line]

    def record(self) -> Record:
        """What a replay needs, up to the last stored step."""
        stored, spec = self.stored(), self.spec
        if not stored or not self.keeps_record:
            raise LabError(f"The run '{spec.name}' has no record; expected one that was trained, and by this version of the lab.")
        network, end = self.network(), Moment.model_validate(stored)
        there = (network.about.get("phase"), network.about.get("step")) == end.place  # else it was stored later, and then came a kill
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
        return LabError(f"The run '{self.path.name}' is damaged: {reason}. Open another run, or delete this one's folder.")


def _from_schema_1(spec: Spec) -> Spec:
    """Before codings had an activation of their own they had that of the hidden layers, if their variant left it open."""
    control = variant(spec.variant).Config.declared().get("codings_activation")
    if not control or len(control.choices) == 1 or "activation" not in spec.config:
        return spec
    return spec.model_copy(update={"config": {"codings_activation": spec.config["activation"]} | spec.config})


def default_root() -> Path:
    return Path(os.environ.get("AUTOENCODER_LAB_RUNS") or home() / "runs")


def create(
    root: Path, *, variant_name: str, dataset: str, config: Config, seed: int, preset: str = "", owner: str = "", name: str = ""
) -> Run:
    """A new run's folder, queued. It appears under its name only once it is whole."""
    source = SOURCES.get(dataset)  # None: the user's own images
    if source and source.points and not variant(variant_name).takes_points:
        raise LabError(f"The data set '{dataset}' has points in space; expected images for the variant '{variant_name}'. Choose 'digits'.")
    run_id = uuid.uuid4().hex
    spec = Spec(
        id=run_id, name=clean_name(name) or _default_name(variant_name, dataset, config), variant=variant_name, dataset=dataset,
        preset=preset, config=config.model_dump(mode="json"), seed=seed, owner=owner, created=time.time(),
    )  # fmt: skip
    root.mkdir(parents=True, exist_ok=True)
    staged = root / f".{run_id}.new"
    staged.mkdir()
    write_atomically(staged / "run.json", spec.model_dump_json(indent=1).encode())
    write_atomically(staged / "state.json", State().model_dump_json().encode())
    staged.rename(root / run_id)
    return Run(root / run_id)


def open_run(root: Path, run_id: str) -> Run:
    """The run with exactly this id: an id in an address is a key, which must not be guessed piece by piece."""
    if _ID.fullmatch(run_id) and (root / run_id).is_dir():
        return Run(root / run_id)
    raise LabError(
        f"There is no run '{run_id[:40]}'; expected the id of a run as 'train' printed it or the Runs page shows it.",
        f"There is no run '{run_id[:40]}': it was deleted, or its address is cut off. The Runs page shows yours.",
    )


def find_run(root: Path, beginning: str) -> Run:
    """For the command line: the run whose id begins so, if there is only one."""
    if re.fullmatch(r"[0-9a-f]{4,31}", beginning) and root.is_dir():
        found = [path for path in root.iterdir() if path.name.startswith(beginning) and _ID.fullmatch(path.name)]
        if len(found) > 1:
            raise LabError(f"'{beginning}' is the beginning of {len(found)} runs; expected the whole id of one.")
        beginning = found[0].name if found else beginning
    return open_run(root, beginning)


def listing(root: Path) -> list[Run | Damaged]:
    """Every run below `root`, newest first, damaged ones last."""
    entries: list[Run | Damaged] = []
    for path in root.iterdir() if root.is_dir() else ():
        if _ID.fullmatch(path.name):
            try:
                run = Run(path)
                run.state  # noqa: B018 - a run whose state cannot be read is damaged too
                entries.append(run)
            except LabError as error:
                entries.append(Damaged(path.name, str(error)))
    return sorted(entries, key=lambda entry: -entry.spec.created if isinstance(entry, Run) else 0)


def clean_name(name: str) -> str:
    """A label a person typed: printable, one line, at most 80 characters."""
    return "".join(c for c in name if c.isprintable()).strip()[:80]


def write_atomically(path: Path, data: bytes) -> None:
    """All of it or nothing: a temporary file in the same folder, flushed to the disk, then renamed."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_lines(path: Path, offset: int) -> tuple[list[dict[str, Any]], int]:
    """The whole lines of a JSON-lines file from byte `offset`, and the offset behind them; a torn last line waits."""
    lines, end = _whole_lines(path, offset)
    return [json.loads(line) for line in lines], end


def _whole_lines(path: Path, offset: int, size: int | None = None) -> tuple[list[bytes], int]:
    """As `read_lines`, as they stand there; at most `size` bytes of them."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            block = file.read(size)
    except FileNotFoundError:
        return [], 0
    end = block.rfind(b"\n") + 1
    return [line for line in block[:end].splitlines() if line.strip()], offset + end


def _append(path: Path, line: str) -> None:
    """Append a line: on a line of its own even if a killed process left half a line."""
    with path.open("ab+") as file:
        torn = False
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            torn = file.read(1) != b"\n"
        file.write((b"\n" if torn else b"") + line.encode() + b"\n")


def alive(state: State) -> bool:
    """Whether the process that was at the run is still there."""
    if not state.pid:
        return False
    try:
        os.kill(state.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # there, and another user's
    return state.born in (0, born(state.pid))


def born(pid: int) -> int:
    """When a process began, in clock ticks since the machine did; 0 if the system does not tell (Linux does)."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0


def _as_json(value: Any) -> str:
    """An event, or a part of one: numbers with six digits, pictures as bytes in base64."""
    if isinstance(value, Intervened):  # exactly: a replay goes by it
        return json.dumps({"event": Intervened.__name__} | vars(value))
    if is_dataclass(value):
        return _as_json({"event": type(value).__name__} | vars(value))
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)}: {_as_json(item)}" for name, item in value.items()) + "}"
    if isinstance(value, np.ndarray) and value.ndim == 1:  # losses, up to 8,000 at once; they are numbers, or the training would have ended
        return "[" + ", ".join(["%.6g"] * len(value)) % tuple(value.tolist()) + "]"
    if isinstance(value, np.ndarray):
        return json.dumps(pack_images(value))
    return json.dumps(float(f"{value:.6g}") if isinstance(value, float) else value)


def pack_images(images: np.ndarray) -> dict[str, Any]:
    """[n, D] as base64: one byte a pixel if they are images, float32 if they are points in space."""
    n, size = images.shape
    if size == 3:
        return {"shape": [n, size], "float32": base64.b64encode(images.astype("<f4").tobytes()).decode()}
    pixels = np.round(np.clip(images, 0, 1) * 255).astype(np.uint8)
    return {"shape": [n, size], "uint8": base64.b64encode(pixels.tobytes()).decode()}


def _default_name(variant_name: str, dataset: str, config: Config) -> str:
    sizes = [*getattr(config, "hidden_sizes", ()), config.codings_size]
    return f"{variant(variant_name).title} {'-'.join(map(str, sizes))} on {title_of(dataset)}"
