"""Plotly figures, built without a browser: what they show must be the numbers, with what they are and in which unit."""

import re

import numpy as np

from ui import figures
from ui.figures import Curve


def test_a_histogram_counts_every_value_once_and_puts_the_target_where_it_belongs():
    values = np.concatenate([np.linspace(0.0, 0.2, 90), [0.8] * 10])
    figure = figures.histogram(values, 0.2, "Mean activation")
    (bars,) = figure.data
    told = [(float(a), float(b), int(n)) for text in bars.hovertext for a, b, n in re.findall(r"([\d.]+) to ([\d.]+): (\d+) units?$", text)]
    assert sum(bars.y) == sum(n for *_, n in told) == len(values)
    assert (told[0][0], told[-1][1]) == (0.0, 0.8) and bars.y[-1] == 10
    assert np.allclose(bars.x, [(a + b) / 2 for a, b, _ in told], atol=0.001) and np.isclose(bars.width * len(bars.x), 0.8)
    assert figure.layout.shapes[0].x0 == figure.layout.shapes[0].x1 == 0.2
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("Mean activation", "Number of units")


def test_a_histogram_of_dead_units_still_shows_the_target():
    (bars,) = (figure := figures.histogram(np.zeros(20), 0.1, "Mean activation")).data
    assert max(bars.y) == 20 and bars.x[0] < figure.layout.shapes[0].x0 < bars.x[-1]


def test_compared_runs_are_told_apart_by_colour_and_by_dash_and_keep_their_own_steps():
    curves = [Curve(f"run {i}", [10 * i, 20 * i], [0.1, 0.05]) for i in range(1, 1 + len(figures.RUN_COLOURS))]
    figure = figures.compare_curves(curves)
    assert len({line.line.color for line in figure.data}) == len({line.line.dash for line in figure.data}) == len(curves)
    assert [(line.name, list(line.x), list(line.y)) for line in figure.data] == [(c.name, c.steps, c.values) for c in curves]
    assert figure.layout.yaxis.type == "log" and "per pixel" in figure.layout.yaxis.title.text and "step" in figure.layout.xaxis.title.text
