"""The order of the training images."""

from aecore.models import variant
from aecore.training.batches import Batches
from aecore.training.loop import Training
from tests.helpers import small_config


def test_many_rows_are_shuffled_within_windows_and_each_comes_once_an_epoch(digits, monkeypatch):
    monkeypatch.setattr("aecore.training.batches.WINDOW", 64)
    made = Training.fresh(
        variant("stacked"), small_config("stacked", batch_size=50), (28, 28, 1), 0
    )
    batches = Batches(made, 430)
    rows: list[int] = []
    while made.step < 2 * batches.per_epoch:
        block = batches.next(7)
        made.step += len(block)
        rows += list(block.ravel())
    first, second = rows[:430], rows[430:]
    assert sorted(first) == sorted(second) == list(range(430)) and first != second
    assert (
        sum(a // 64 != b // 64 for a, b in zip(first, first[1:], strict=False)) == 6
    )  # seven windows, one after another
