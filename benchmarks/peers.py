"""The contenders of `training.py` and `quality.py`: each a process of its own, in an environment of
its own, that is asked for blocks of steps. `contenders/shared.py` has their side of the pipe.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT)]

from aecore.jobs.worker_process import LARGE_PAGES

ENVIRONMENTS = ROOT / ".bench"  # ignored by git


@dataclass(frozen=True)
class Contender:
    title: str
    script: str
    environment: str | None = None  # None: the lab's own
    arguments: tuple[str, ...] = ("-",)  # what comes before the seed


CONTENDERS = {
    "lab": Contender("the lab", "lab.py", arguments=("run",)),
    "bare": Contender("the lab, bare loop", "lab.py", arguments=("bare",)),
    "keras": Contender("Keras fit", "keras_fit.py"),
    "torch": Contender("PyTorch eager", "torch_steps.py", "torch"),
    "compile": Contender("PyTorch compile", "torch_steps.py", "torch", ("compile",)),
    "jax": Contender("JAX jit + scan", "jax_scan.py", "jax"),
    "floor": Contender("floor A", "floor.py", "torch"),
}
PEERS = ("torch", "compile", "jax")


class Contest:
    """A contender's process, which trains a task whenever it is asked.

    The lab's allocates memory as its workers do, the others as they come.

    seed: for PyTorch and JAX; the others have their own.
    environment: variables for it, besides this process's.
    """

    def __init__(
        self,
        name: str,
        task: str,
        inputs: Path,
        seed: int = 0,
        environment: dict[str, str] | None = None,
    ):
        self.name, contender = name, CONTENDERS[name]
        python = sys.executable
        if contender.environment:
            python = str(ENVIRONMENTS / contender.environment / "bin" / "python")
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - until `close`
        script = str(HERE / "contenders" / contender.script)
        try:
            self._process = subprocess.Popen(
                [python, script, task, str(inputs), *contender.arguments, str(seed)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
                env=os.environ
                | {"PYTHONPATH": str(ROOT)}
                | (LARGE_PAGES if contender.script == "lab.py" else {})
                | (environment or {}),
            )
        except FileNotFoundError:
            self._errors.close()
            raise SystemExit(
                f"The contender '{name}' has no environment. "
                "Make it: benchmarks/training.py --install."
            ) from None

    def wait_until_ready(self) -> None:
        if self._read() != "ready\n":
            raise self._broken()

    def ask(self, steps: int, weights: Path | None = None) -> tuple[int, float, float]:
        """Returns the steps taken (at least `steps`), their seconds and the last loss.

        weights: where the contender then stores its weights; None: nowhere.
        """
        assert self._process.stdin
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{steps} {weights or ''}".rstrip() + "\n")
            self._process.stdin.flush()
        answer = self._read()
        if not answer:
            raise self._broken()
        taken, seconds, loss = answer.split()
        return int(taken), float(seconds), float(loss)

    def close(self) -> None:
        self._process.kill()
        with contextlib.suppress(BrokenPipeError, ValueError):  # closed twice
            self._process.communicate()
        self._errors.close()

    def __enter__(self) -> Contest:
        self.wait_until_ready()
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def _read(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()

    def _broken(self) -> SystemExit:
        """Ends the process; the exception has its last words."""
        self._errors.seek(0)
        last_words = self._errors.read()[-2000:]
        self.close()
        return SystemExit(f"The contender '{self.name}' broke off:\n{last_words}")
