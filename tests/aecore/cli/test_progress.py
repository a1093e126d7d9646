"""What the command line says of its progress where there is no terminal."""

import re

import numpy as np

from aecore.cli import progress
from aecore.training.events import PhaseStarted, Steps


def test_without_a_terminal_progress_is_a_line_from_time_to_time(monkeypatch, capsys):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with progress.TrainingBar() as bar:
        bar(PhaseStarted(0, "training", 1, epochs=4, steps_per_epoch=100, parameters=7))
        for step in range(10, 401, 10):
            now[0] += 1
            terms = {"reconstruction_loss": np.full(10, 0.25), "weight_decay": np.full(10, 0.5)}
            bar(Steps(0, -(-step // 100), step, terms, images=1500, seconds=0.5, learning_rate=0.1))
    lines = capsys.readouterr().err.splitlines()
    # every 10 of the 40 seconds
    assert [re.match(r"training (\d+) %", line)[1] for line in lines] == ["25", "50", "75", "100"]
    assert all(re.search(r"epoch \d/4  loss 0.75  3,000 images/s$", line) for line in lines), lines
    left = [int(re.search(r" %, (\d+) s left  ", line)[1]) for line in lines]
    assert left == [30, 20, 10, 0]
