"""Figures drawn as HTML: what they show must be the numbers."""

import re

import numpy as np

from ui import figures


def test_a_histogram_counts_every_value_once_and_puts_the_target_where_it_belongs():
    values = np.concatenate([np.linspace(0.0, 0.2, 90), [0.8] * 10])
    drawn = figures.histogram(values, 0.2, "mean <activation>")
    told = [(float(a), float(b), int(n)) for a, b, n in re.findall(r'title="([\d.]+) to ([\d.]+): (\d+) units?"', drawn)]
    assert sum(n for *_, n in told) == len(values)
    assert (told[0][0], told[-1][1]) == (0.0, 0.8) and told[-1][2] == 10
    heights = [float(height) for height in re.findall(r"height:([\d.]+)%", drawn)]
    assert max(heights) == 100 and np.allclose(heights, [100 * n / max(n for *_, n in told) for *_, n in told], atol=0.06)
    assert "left:25.0%" in drawn  # 0.2 of 0.8
    assert "mean &lt;activation&gt;: mean 0.170" in drawn


def test_a_histogram_of_dead_units_still_shows_the_target():
    drawn = figures.histogram(np.zeros(20), 0.1, "mean activation")
    assert "20 units" in drawn and "left:62.5%" in drawn  # 0.1 of 0.16
