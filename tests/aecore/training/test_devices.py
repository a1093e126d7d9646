"""What a training runs on, in words."""

import pytest

from aecore.training import devices


def test_the_worker_says_on_what_it_trains():
    """One thread for each of TensorFlow's towers, or the name that the GPU's driver gives."""
    threads = devices.towers()
    words = f"CPU, {threads} threads" if threads > 1 else "CPU, 1 thread"
    if devices.on_gpu():
        (gpu, *_) = devices.tf.config.list_physical_devices("GPU")
        words = devices.tf.config.experimental.get_device_details(gpu).get("device_name", "GPU")
    assert devices.device() == words


@pytest.mark.parametrize(("threads", "words"), [(1, "CPU, 1 thread"), (8, "CPU, 8 threads")])
def test_a_cpu_is_called_by_its_threads(threads, words, monkeypatch):
    monkeypatch.setattr(devices, "on_gpu", lambda: False)
    monkeypatch.setattr(devices, "towers", lambda: threads)
    assert devices.device() == words
