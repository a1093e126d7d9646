"""TensorFlow, imported at the first tensor and not before, with its threads set the same for every door.

A variant's file holds both its controls, which the dashboard's server reads, and its mathematics, which only a
worker runs. `import tensorflow` costs 3 to 5 s and 500 MB, so the server must never pay it: `tf` here is a stand-in
that imports the real package when the first of its names is asked for.
"""

import contextlib
import os
from typing import TYPE_CHECKING, Any

from aecore.errors import LabError


def max_concurrent_runs() -> int:
    """How many trainings run at once: `AUTOENCODER_LAB_SLOTS`, or one for every two cores."""
    asked = os.environ.get("AUTOENCODER_LAB_SLOTS") or str(max(1, (os.cpu_count() or 1) // 2))
    if not asked.isdecimal() or not 1 <= int(asked) <= 64:
        raise LabError(
            f"AUTOENCODER_LAB_SLOTS is '{asked}'; expected a whole number from 1 to 64. Set it to the trainings that may run at once."
        )
    return int(asked)


def threads() -> int:
    """Threads of one training: the machine's cores shared out among `slots()`."""
    return max(1, (os.cpu_count() or 1) // max_concurrent_runs())


if TYPE_CHECKING:
    import tensorflow as tf
else:

    class _TensorFlowOnDemand:
        _package = None

        def __getattr__(self, name: str) -> Any:
            if self._package is None:
                os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
                import tensorflow

                # It would warn, on the server's console, that trainings of different shapes are compiled one after the other.
                tensorflow.get_logger().setLevel("ERROR")
                # Every operation on one thread, and as many at once: aecore.training.engine says why. Whoever has used TensorFlow before keeps theirs.
                with contextlib.suppress(RuntimeError):
                    tensorflow.config.threading.set_intra_op_parallelism_threads(1)
                    tensorflow.config.threading.set_inter_op_parallelism_threads(threads())
                self._package = tensorflow
            return getattr(self._package, name)

    tf = _TensorFlowOnDemand()

__all__ = ["max_concurrent_runs", "tf", "threads"]
