"""What a training runs on."""

from aecore.training import devices


def test_the_worker_says_on_what_it_trains():
    assert devices.device().startswith(("CPU, ", "NVIDIA", "GPU"))
