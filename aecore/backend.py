"""Imports TensorFlow on first use, and sets its threads.

A variant's file has both its controls, which the dashboard's server reads, and its mathematics,
which only a worker runs. `import tensorflow` costs 3 to 5 s and 500 MB, which the server must never
pay. So `tf` is a proxy here: it imports the real package at the first access to an attribute.
"""

import contextlib
import os
import tempfile
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aecore.errors import LabError


def gpus() -> int:
    """Returns how many NVIDIA GPUs TensorFlow may use, without loading it.

    0 if TensorFlow's CUDA packages are not installed (`pip install '.[gpu]'`).
    """
    if find_spec("nvidia") is None:
        return 0
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is not None:
        return sum(name not in ("", "-1") for name in allowed.split(","))
    driver = Path("/proc/driver/nvidia/gpus")
    return len(list(driver.iterdir())) if driver.is_dir() else 0


def max_concurrent_runs() -> int:
    """Returns how many trainings run at once.

    `AUTOENCODER_LAB_SLOTS`, or one per GPU, or, without GPUs, one per two cores.
    """
    asked = os.environ.get("AUTOENCODER_LAB_SLOTS") or str(
        gpus() or max(1, (os.cpu_count() or 1) // 2)
    )
    if not asked.isdecimal() or not 1 <= int(asked) <= 64:
        raise LabError(
            f"AUTOENCODER_LAB_SLOTS is '{asked}'; expected a whole number from 1 to 64. "
            "Set it to the trainings that may run at once."
        )
    return int(asked)


def threads() -> int:
    """Returns the threads of one training: the machine's cores over `max_concurrent_runs()`."""
    return max(1, (os.cpu_count() or 1) // max_concurrent_runs())


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Drops what this process prints to standard error, unless an exception is raised.

    While it is imported, TensorFlow prints notices there, whatever its log level.
    """
    with contextlib.ExitStack() as files:
        try:
            kept = os.fdopen(os.dup(2), "wb")
        except OSError:  # this process has no standard error
            yield
            return
        files.enter_context(kept)
        printed = files.enter_context(tempfile.TemporaryFile())
        os.dup2(printed.fileno(), 2)
        try:
            yield
        except BaseException:
            printed.seek(0)
            kept.write(printed.read())
            raise
        finally:
            kept.flush()
            os.dup2(kept.fileno(), 2)


if TYPE_CHECKING:
    import tensorflow as tf
else:

    class _TensorFlowOnDemand:
        _package = None
        _lock = threading.RLock()

        def __getattr__(self, name: str) -> Any:
            if self._package is None:
                with self._lock:
                    self._package = self._package or self._load()
            return getattr(self._package, name)

        @staticmethod
        def _load() -> Any:
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
            devices = []
            with _quiet():
                import tensorflow

                with contextlib.suppress(RuntimeError):
                    devices = tensorflow.config.list_physical_devices("GPU")
            # Otherwise it warns on the server's console if it compiles several shapes in a row.
            tensorflow.get_logger().setLevel("ERROR")
            # One thread for each operation, and `threads()` operations at once:
            # aecore.training.engine says why. A process that has already run TensorFlow
            # keeps its own settings.
            with contextlib.suppress(RuntimeError):
                tensorflow.config.threading.set_intra_op_parallelism_threads(1)
                tensorflow.config.threading.set_inter_op_parallelism_threads(threads())
            with contextlib.suppress(RuntimeError):
                for device in devices:
                    # Otherwise the first process takes all of its memory.
                    tensorflow.config.experimental.set_memory_growth(device, True)
            return tensorflow

    tf = _TensorFlowOnDemand()

__all__ = ["gpus", "max_concurrent_runs", "tf", "threads"]
