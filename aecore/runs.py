"""A training on disk. The run's folder is the truth: a page, a second tab or a restarted server only read it.

<id>/run.json               what was asked for (written once; only its name may change)
     state.json             queued, running, paused, done, stopped, interrupted, diverged or failed
     events.jsonl           everything that training yielded, one line an event
     commands.jsonl         what pages asked of the worker: pause, resume, step, stop, learning rate
     checkpoint-<n>.safetensors, HEAD.json   weights and optimiser; real once HEAD, written last, names them
     network.safetensors    the network alone, as the server and the browser use it
     results.json           the figures on the test split
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import time
import uuid
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load, save

from aecore.datasets import SOURCES, home
from aecore.errors import LabError
from aecore.hyperparameters import Config
from aecore.models import variant
from aecore.network import Network, load_network

SCHEMA_VERSION = 2
ACTIVE = ("queued", "running", "paused")
_ID = re.compile(r"[0-9a-f]{32}")


class Spec(BaseModel):
    """What was asked for. `owner` is a hash that only its visitor's cookie matches; empty where the command line asked."""

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
    """Where it stands. Written by whoever has it: the worker while it trains, the server while it is queued."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    status: str = "queued"
    message: str = ""
    pid: int = 0
    extra_epochs: int = 0
    rate_turned: bool = False  # by hand, while it trained
    phase: int = 0
    epoch: int = 0
    step: int = 0
    seconds: float = 0.0  # spent training, over all sittings
    images: int = 0
    changed: float = 0.0


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
        if self.spec.schema_version == 1:
            self.spec = _from_schema_1(self.spec)
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

    def set_state(self, **changes: Any) -> State:
        state = self.state.model_copy(update=changes | {"changed": time.time()})
        write_atomically(self.path / "state.json", state.model_dump_json().encode())
        return state

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
        if self.state.status in ("running", "paused"):
            raise LabError(f"The run '{self.spec.name}' is still training; stop it first.")
        shutil.rmtree(self.path)

    # Events and commands: append-only lines.

    def append(self, event: Any) -> None:
        _append(self.path / "events.jsonl", _as_json(event))

    def events(self) -> list[dict[str, Any]]:
        return read_lines(self.path / "events.jsonl", 0)[0]

    def command(self, name: str, value: float | None = None) -> None:
        """Ask the worker for something: pause, resume, step, stop, learning_rate, steps_per_second."""
        _append(self.path / "commands.jsonl", json.dumps({"command": name, "value": value}))

    def queue(self, extra_epochs: int = 0) -> None:
        """Ready for a worker, afresh or for more epochs; whatever was asked of an earlier sitting is forgotten."""
        (self.path / "commands.jsonl").unlink(missing_ok=True)
        self.set_state(status="queued", message="", pid=0, extra_epochs=self.state.extra_epochs + extra_epochs)

    # What was learned.

    def show(self, network: Network) -> None:
        """Store the network alone, for pages to draw."""
        write_atomically(self.path / "network.safetensors", network.to_bytes())

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
        """The tensors and the head of the last commit; None before the first; `LabError` where it is damaged."""
        try:
            head = json.loads((self.path / "HEAD.json").read_bytes())
            blob = (self.path / Path(head["file"]).name).read_bytes()
            if hashlib.sha256(blob).hexdigest() != head["sha256"]:
                raise ValueError("its checksum differs")
            return load(blob), head
        except FileNotFoundError:
            if not (self.path / "HEAD.json").exists():
                return None
            raise self._damaged("its weights are missing") from None
        except (ValueError, KeyError, TypeError, SafetensorError) as error:
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
    """Before codings had an activation of their own they had that of the hidden layers, where their variant left it open."""
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
    write_atomically(staged / "state.json", State(changed=time.time()).model_dump_json().encode())
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
    """For the command line: the run whose id begins so, where there is only one."""
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
    try:
        with path.open("rb") as file:
            file.seek(offset)
            block = file.read()
    except FileNotFoundError:
        return [], 0
    end = block.rfind(b"\n") + 1
    return [json.loads(line) for line in block[:end].splitlines() if line.strip()], offset + end


def _append(path: Path, line: str) -> None:
    with path.open("ab") as file:
        file.write(line.encode() + b"\n")


def _as_json(value: Any) -> str:
    """An event, or a part of one: numbers with six digits, pictures as bytes in base64."""
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
    """[n, D] as base64: one byte a pixel where they are images, float32 where they are points in space."""
    n, size = images.shape
    if size == 3:
        return {"shape": [n, size], "float32": base64.b64encode(images.astype("<f4").tobytes()).decode()}
    pixels = np.round(np.clip(images, 0, 1) * 255).astype(np.uint8)
    return {"shape": [n, size], "uint8": base64.b64encode(pixels.tobytes()).decode()}


def unpack_images(packed: dict[str, Any]) -> np.ndarray:
    """What `pack_images` packed, as float32 [n, D]."""
    if "float32" in packed:
        return np.frombuffer(base64.b64decode(packed["float32"]), "<f4").reshape(packed["shape"])
    return np.frombuffer(base64.b64decode(packed["uint8"]), np.uint8).reshape(packed["shape"]).astype(np.float32) / np.float32(255)


def _default_name(variant_name: str, dataset: str, config: Config) -> str:
    sizes = [*getattr(config, "hidden_sizes", ()), config.codings_size]
    return f"{variant(variant_name).title} {'-'.join(map(str, sizes))} on {dataset}"
