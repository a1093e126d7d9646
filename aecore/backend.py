"""TensorFlow, imported at the first tensor and not before.

A variant's file holds both its controls, which the dashboard's server reads, and its mathematics, which only a
worker runs. `import tensorflow` costs 3 to 5 s and 500 MB, so the server must never pay it: `tf` here is a stand-in
that imports the real package when the first of its names is asked for.
"""

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import tensorflow as tf
else:

    class _TensorFlowOnDemand:
        def __getattr__(self, name: str) -> Any:
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
            import tensorflow

            return getattr(tensorflow, name)

    tf = _TensorFlowOnDemand()

__all__ = ["tf"]
