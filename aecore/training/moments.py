"""The moments of a training at which its whole network is kept: dense at first, then ever rarer.

Most happens at the start, so the steps are spaced evenly in their logarithm: in each phase the
first and the last step, and between them 1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, … That makes
about 40 moments in the course's trainings. A training with several phases has fewer in each.
"""

from __future__ import annotations

from itertools import count

A_DECADE = 10  # steps from 10 to 99, and so on, in a training with one phase
FEWEST = 3  # as many in a training with many phases


def next_moment(step: int, phases: int = 1) -> int:
    """Returns the first step after `step` that is a moment, in one of `phases` phases.

    The last step of a phase is one besides.
    """
    decade = max(FEWEST, A_DECADE // phases)
    return next(at for n in count() if (at := round(10 ** (n / decade))) > step)


def is_moment(step: int, total: int, phases: int = 1) -> bool:
    """Whether the network after `step` of a phase's `total` steps is kept."""
    return step in (0, total) or next_moment(step - 1, phases) == step
