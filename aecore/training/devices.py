"""What trains: a GPU, or the threads of the CPU."""

from __future__ import annotations

from aecore.backend import tf


def on_gpu() -> bool:
    return bool(tf.config.list_logical_devices("GPU"))


def towers() -> int:
    """One for each thread that TensorFlow may run operations on; a GPU is one."""
    return 1 if on_gpu() else max(1, tf.config.threading.get_inter_op_parallelism_threads())


def device() -> str:
    """What trains, in words."""
    if not on_gpu():
        return f"CPU, {towers()} threads" if towers() > 1 else "CPU, 1 thread"
    details = tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
    return str(details.get("device_name", "GPU"))
