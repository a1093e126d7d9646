"""Which steps of a training are kept."""

import math

from hypothesis import given
from hypothesis import strategies as st

from aecore.training.moments import is_moment, next_moment


def moments(total, phases=1):
    return [step for step in range(total + 1) if is_moment(step, total, phases)]


def test_they_are_dense_at_first_and_even_in_the_logarithm_of_the_step():
    assert moments(32) == [0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 32]
    kept = moments(10_000)
    ratios = [after / before for before, after in zip(kept[12:], kept[13:], strict=False)]
    assert all(abs(math.log10(ratio) - 0.1) < 0.02 for ratio in ratios)


def test_a_training_of_the_course_has_about_forty():
    of_mnist = 50 * math.ceil(55_000 / 150)
    assert len(moments(of_mnist)) == 42
    assert 36 <= 3 * len(moments(5 * 367, phases=3)) <= 45


@given(total=st.integers(1, 10**7), phases=st.integers(1, 9))
def test_the_first_and_the_last_step_are_moments_and_others_follow_one_another(total, phases):
    assert is_moment(0, total, phases) and is_moment(total, total, phases)
    step = next_moment(total, phases)
    assert step > total and is_moment(step, 10 * step, phases)
    assert next_moment(step - 1, phases) == step < next_moment(step, phases)
