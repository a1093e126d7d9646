"""Properties of the run store: whatever is done, and in any order, every folder stays readable."""

import contextlib
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
)

from aecore.errors import LabError
from aecore.runs import codec, store
from aecore.runs.feed import Feed
from aecore.runs.run import Run
from aecore.runs.statuses import HELD, InvalidTransition, Status
from aecore.training.events import EpochEnded, Intervened, PhaseStarted, Snapshot, Steps
from tests.helpers import small_config

COMMANDS = ("pause", "resume", "step", "stop", "show", "learning_rate", "steps_per_second")
EVENTS = [
    PhaseStarted(0, "Phase", 1, 2, 10, 99),
    Steps(0, 1, 4, {"reconstruction_loss": np.array([0.5, 0.4, 0.3, 0.2])}, 400, 0.1, 0.01),
    Steps(0, 1, 5, {"reconstruction_loss": np.array([0.25])}, 100, 0.1, 0.01),
    EpochEnded(0, 1, 10, {"reconstruction_loss": 0.3}, {"reconstruction_loss": 0.2, "mse": 0.2}),
    Snapshot(0, 1, 10, np.zeros((2, 9), np.uint8), None, {"dead_codings": 0.0}),
    Intervened(0, 10, "learning_rate", 0.1 + 0.2),
]
# Hypothesis leaves surrogates out, and seldom finds what Unicode has for controlling text.
names = st.text(st.characters() | st.sampled_from("\ud800\udfff\u202e\u200b\x00\n\t /."))


def create(root: Path, name: str = "") -> Run:
    config = small_config("stacked")
    return store.create(
        root, variant_name="stacked", dataset="digits", config=config, seed=0, name=name
    )


def cleaned(name: str) -> str:
    """What is kept of a name: what can be printed, without space around it, 80 characters."""
    return "".join(character for character in name if character.isprintable()).strip()[:80]


def is_event(line: bytes) -> bool:
    return line.rstrip(b"\n").decode(errors="replace") in {codec.to_json(e) for e in EVENTS}


class Store(RuleBasedStateMachine):
    """Runs by id, and what must be read back of each: its name, events, commands and weights."""

    runs = Bundle("runs")

    def __init__(self):
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.names: dict[str, str] = {}
        self.events: dict[str, list[str]] = {}
        self.commands: dict[str, list[int]] = {}
        self.step: dict[str, int] = {}

    def teardown(self):
        shutil.rmtree(self.root)

    @rule(target=runs, name=names)
    def create(self, name):
        run = create(self.root, name)
        self.names[run.id] = cleaned(name) or "Stacked 32-8 on Digits"
        self.events[run.id], self.commands[run.id] = [], []
        return run

    @rule(run=runs, name=names)
    def rename(self, run, name):
        run.rename(name)
        self.names[run.id] = cleaned(name) or self.names[run.id]

    @rule(run=runs, event=st.sampled_from(EVENTS))
    def append(self, run, event):
        run.append(event)
        self.events[run.id].append(codec.to_json(event))

    @rule(run=runs, garbage=st.binary(min_size=1, max_size=20))
    def a_kill_tears_the_last_event(self, run, garbage):
        with (run.path / "events.jsonl").open("ab") as file:
            file.write(b'{"event": "St' + garbage.replace(b"\n", b""))

    @rule(run=runs, name=st.sampled_from(COMMANDS), value=st.none() | st.floats())
    def command(self, run, name, value):
        try:
            asked = run.command(name, value).asked
        except LabError:  # a value that cannot be, or a status that Stop may not follow
            return
        self.commands[run.id].append(asked)

    @rule(run=runs, garbage=st.binary(max_size=20))
    def a_kill_tears_the_last_command(self, run, garbage):
        with (run.path / "commands.jsonl").open("ab") as file:
            file.write(b'{"n": 1' + garbage.replace(b"\n", b""))

    @rule(run=runs, status=st.sampled_from(Status))
    def move(self, run, status):
        try:
            run.move(status)
        except InvalidTransition:
            assert run.state.status != status or status not in HELD

    @rule(run=runs, more=st.integers(0, 3))
    def queue(self, run, more):
        with contextlib.suppress(InvalidTransition):  # forgets its commands, then refuses
            run.queue(more)
        self.commands[run.id] = []

    @rule(run=runs)
    def commit(self, run):
        self.step[run.id] = self.step.get(run.id, 0) + 1
        run.commit({"variable.0": np.full(3, self.step[run.id], "f4")}, 0, self.step[run.id])

    @rule(run=runs, stored_after=st.integers(0, 3))
    def truncate(self, run, stored_after):
        """To the end of one of the first events, as a resumed run forgets what came later."""
        path = run.path / "events.jsonl"
        lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        run.truncate_events(sum(map(len, lines[:stored_after])))
        kept = len([line for line in lines[:stored_after] if is_event(line)])
        self.events[run.id] = self.events[run.id][:kept]

    @rule(run=consumes(runs))
    def delete(self, run):
        if run.state.status in HELD:
            with pytest.raises(LabError, match="still training"):
                run.delete()
            run.move(Status.INTERRUPTED)
        run.delete()
        del self.names[run.id]

    @invariant()
    def every_folder_can_be_read(self):
        found = store.listing(self.root)
        assert all(isinstance(run, Run) for run in found)
        assert {run.id: run.spec.name for run in found} == self.names
        for run in found:
            assert [codec.to_json(event) for event in run.events()] == self.events[run.id]
            assert [command.n for command in run.commands(0)[0]] == self.commands[run.id]
            step = self.step.get(run.id)
            if step is None:
                assert run.checkpoint() is None
            else:
                tensors, head = run.checkpoint()
                assert head.step == step and (tensors["variable.0"] == step).all()
        assert not [path for path in self.root.rglob("*.tmp")]


TestStore = Store.TestCase
TestStore.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, derandomize=True, database=None
)

quickly = settings(max_examples=60, deadline=None, derandomize=True, database=None)


@given(garbage=st.binary())
@example(garbage=b"\xff\xfe\x00")
@example(garbage=b'{"n": 2, "command": "stop", "value": null')
@example(garbage=b'\n{"event": "Steps"}\n[]\n7\nnull\n"')
@quickly
def test_garbage_behind_the_last_line_never_raises(garbage):
    """Whatever a crash left behind: what was written before is read, and what comes after."""
    with tempfile.TemporaryDirectory() as folder:
        run = create(Path(folder))
        for event in EVENTS:
            run.append(event)
        run.command("pause")
        for name in ("events.jsonl", "commands.jsonl"):
            with (run.path / name).open("ab") as file:
                file.write(garbage)
        feed = Feed(run)
        feed.news()
        assert len(feed.catch_up().evaluations) == 1
        run.append(EVENTS[0])
        run.command("resume")
        written = [codec.to_json(event) for event in [*EVENTS, EVENTS[0]]]
        read = [codec.to_json(event) for event in run.events()]
        assert read[: len(EVENTS)] == written[:-1] and read[-1] == written[-1]
        commands = [command.command for command in run.commands(0)[0]]
        assert commands[0] == "pause" and commands[-1] == "resume"
        feed.news()
        assert len(feed.phases) == 1 and run.interventions()[0].value == 0.1 + 0.2


@given(cut=st.integers(0, 2000), which=st.sampled_from(EVENTS))
@quickly
def test_half_an_event_is_no_event_and_spoils_no_other(cut, which):
    line = codec.to_json(which).encode()
    half = line[: cut % len(line)]
    with pytest.raises(ValueError):
        codec.from_json(half)
    good = codec.to_json(EVENTS[0]).encode()
    assert len(list(codec.read_events([good, half, good]))) == 2


@given(name=names)
@example(name="\u202eevil\u202c")
@example(name="e\u0301 \U0001f468\u200d\U0001f469 \u4e2d\u6587 \u0627")
@example(name="x" * 79 + " y")
@quickly
def test_a_name_of_any_characters_is_stored_cleaned_and_read_back(name):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        run = create(root, name)
        again = store.open_run(root, run.id).spec.name
        assert again == run.spec.name == (cleaned(name) or "Stacked 32-8 on Digits")
        run.rename("first")
        run.rename(name)
        assert store.open_run(root, run.id).spec.name == (cleaned(name) or "first")
        stored = json.loads((run.path / "run.json").read_text(encoding="utf-8"))["name"]
        assert stored.isprintable() and 0 < len(stored) <= 80


def test_deeply_nested_garbage_is_passed_over(tmp_path):
    run = create(tmp_path)
    (run.path / "events.jsonl").write_bytes(b"[" * 100_000 + b"\n")
    assert run.events() == []
