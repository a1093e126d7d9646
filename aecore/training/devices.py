"""The device that trains: a GPU, or the threads of the CPU."""

from __future__ import annotations

from aecore.backend import tf


def on_gpu() -> bool:
    return bool(tf.config.list_logical_devices("GPU"))


def towers() -> int:
    """Returns the number of threads that TensorFlow runs operations on; 1 for a GPU."""
    return 1 if on_gpu() else max(1, tf.config.threading.get_inter_op_parallelism_threads())


def device() -> str:
    """Returns the name of the device that trains."""
    if not on_gpu():
        return f"CPU, {towers()} threads" if towers() > 1 else "CPU, 1 thread"
    details = tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
    return str(details.get("device_name", "GPU"))
