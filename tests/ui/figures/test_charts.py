"""Plotly figures, built without a browser: what they show must be the numbers."""

import re

import numpy as np
import pytest

from ui.figures import charts


def test_a_histogram_counts_every_value_once_and_puts_the_target_where_it_belongs():
    values = np.concatenate([np.linspace(0.0, 0.2, 90), [0.8] * 10])
    figure = charts.histogram(values, 0.2, "Mean activation")
    (bars,) = figure.data
    words = [
        (float(a), float(b), int(n))
        for text in bars.hovertext
        for a, b, n in re.findall(r"([\d.]+) to ([\d.]+): (\d+) units?$", text)
    ]
    assert sum(bars.y) == sum(n for *_, n in words) == len(values)
    assert (words[0][0], words[-1][1]) == (0.0, 0.8) and bars.y[-1] == 10
    assert np.allclose(bars.x, [(a + b) / 2 for a, b, _ in words], atol=0.001) and np.isclose(
        bars.width * len(bars.x), 0.8
    )
    assert figure.layout.shapes[0].x0 == figure.layout.shapes[0].x1 == 0.2
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == (
        "Mean activation",
        "Number of units",
    )


def test_shares_are_sorted_and_each_bar_names_its_coding():
    (bars,) = charts.shares(np.array([0.5, 2.0, 0.0]), "KL (nats)", "nats").data
    assert list(bars.y) == [2.0, 0.5, 0.0]
    assert list(bars.hovertext) == ["coding 2: 2 nats", "coding 1: 0.5 nats", "coding 3: 0 nats"]


def test_a_histogram_of_dead_units_still_shows_the_target():
    (bars,) = (figure := charts.histogram(np.zeros(20), 0.1, "Mean activation")).data
    assert max(bars.y) == 20 and bars.x[0] < figure.layout.shapes[0].x0 < bars.x[-1]


def test_a_histogram_of_very_unequal_counts_has_a_logarithmic_axis():
    figure = charts.histogram(
        np.repeat([0.0, 0.9], [100_000, 3]), 0.1, "Activation", of="activation", log=True
    )
    assert figure.layout.yaxis.type == "log" and min(y for y in figure.data[0].y if y) == 3


@pytest.mark.parametrize("k", [1, 2])
def test_the_scene_shows_what_pcas_axes_span_about_the_mean(k):
    rng = np.random.default_rng(0)
    axes = np.linalg.qr(rng.standard_normal((3, 3)))[0][:k]
    mean, points = rng.standard_normal(3), rng.standard_normal((20, 3))
    parts = {trace.meta or trace.name: trace for trace in charts.scene(points, mean, axes).data}
    assert np.allclose(
        np.stack([parts["points"].x, parts["points"].y, parts["points"].z], axis=1), points
    )
    corners = np.stack([parts["pca"].x, parts["pca"].y, parts["pca"].z], axis=1) - mean
    assert (
        len(corners) == 2 * k
        and np.allclose(corners @ axes.T @ axes, corners, atol=1e-6)
        and np.allclose(corners.sum(axis=0), 0, atol=1e-6)
    )
    assert len(parts["learned"].x) == 0 and parts["learned"].type == parts["pca"].type


def test_with_three_codings_the_scene_says_that_nothing_is_left_out():
    figure = charts.scene(np.eye(3), np.zeros(3), np.eye(3))
    assert not any(trace.type == "mesh3d" for trace in figure.data)
    assert "every point can be rebuilt" in figure.layout.annotations[0].text
