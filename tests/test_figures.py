"""Plotly figures, built without a browser: what they show must be the numbers, with what they are and in which unit."""

import re
from pathlib import Path

import numpy as np
import pytest

from aecore.models import RandomStream, StepContext, variant, variants
from tests.helpers import small_config
from ui import theme
from ui.figures import charts, losses
from ui.figures.losses import Curve


def test_a_histogram_counts_every_value_once_and_puts_the_target_where_it_belongs():
    values = np.concatenate([np.linspace(0.0, 0.2, 90), [0.8] * 10])
    figure = charts.histogram(values, 0.2, "Mean activation")
    (bars,) = figure.data
    told = [
        (float(a), float(b), int(n))
        for text in bars.hovertext
        for a, b, n in re.findall(r"([\d.]+) to ([\d.]+): (\d+) units?$", text)
    ]
    assert sum(bars.y) == sum(n for *_, n in told) == len(values)
    assert (told[0][0], told[-1][1]) == (0.0, 0.8) and bars.y[-1] == 10
    assert np.allclose(bars.x, [(a + b) / 2 for a, b, _ in told], atol=0.001) and np.isclose(
        bars.width * len(bars.x), 0.8
    )
    assert figure.layout.shapes[0].x0 == figure.layout.shapes[0].x1 == 0.2
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == (
        "Mean activation",
        "Number of units",
    )


def test_a_histogram_of_dead_units_still_shows_the_target():
    (bars,) = (figure := charts.histogram(np.zeros(20), 0.1, "Mean activation")).data
    assert max(bars.y) == 20 and bars.x[0] < figure.layout.shapes[0].x0 < bars.x[-1]


def test_a_histogram_of_very_unequal_counts_has_a_logarithmic_axis():
    figure = charts.histogram(
        np.repeat([0.0, 0.9], [100_000, 3]), 0.1, "Activation", of="activation", log=True
    )
    assert figure.layout.yaxis.type == "log" and min(y for y in figure.data[0].y if y) == 3


def test_compared_runs_have_each_pcas_line_once():
    pca = ("PCA, 30 codings", 0.007)
    curves = [
        Curve("one", [10, 20], [0.1, 0.05], pca),
        Curve("other", [10, 40], [0.1, 0.05], pca),
        Curve("points", [1], [0.2]),
    ]
    *_, line = losses.compare_curves(curves).data
    assert len(losses.compare_curves(curves).data) == 4 and (
        line.name,
        list(line.y),
        list(line.x),
    ) == (
        "PCA, 30 codings",
        [0.007, 0.007],
        [0, 40],
    )
    *_, another = losses.compare_curves(
        [*curves, Curve("wide", [5], [0.1], ("PCA, 150 codings", 0.001))]
    ).data
    assert (
        another.line.dash == "dot" and another.line.color and another.line.color != line.line.color
    )


def test_compared_runs_are_told_apart_by_colour_and_by_dash_and_keep_their_own_steps():
    curves = [
        Curve(f"run {i}", [10 * i, 20 * i], [0.1, 0.05])
        for i in range(1, 1 + len(theme.RUN_COLOURS))
    ]
    figure = losses.compare_curves(curves)
    assert (
        len({line.line.color for line in figure.data})
        == len({line.line.dash for line in figure.data})
        == len(curves)
    )
    assert [(line.name, list(line.x), list(line.y)) for line in figure.data] == [
        (c.name, c.steps, c.values) for c in curves
    ]
    assert (
        figure.layout.yaxis.type == "log"
        and "per pixel" in figure.layout.yaxis.title.text
        and "step" in figure.layout.xaxis.title.text
    )


def curves_of(name: str, **values):
    """The figure of a variant's losses, and its lines by (term, split)."""
    cls = variant(name)
    config = cls.Config.build(values)
    figure = losses.loss_curves(
        cls.units(config), pixels=not cls.loss_is_pixel_mse(config), reference="PCA, 2 codings"
    )
    return figure, {
        (line.meta.get("term", "PCA"), line.meta.get("split")): line for line in figure.data
    }


@pytest.mark.parametrize("name", list(variants()))
def test_every_variant_names_the_unit_of_each_of_its_terms(name, digits):
    """By which they are drawn: a term that is forgotten would have no axis."""
    config = small_config(name)
    model = variant(name)(config, digits.input_shape, np.random.default_rng(0))
    assert set(variant(name).units(config)) == set(
        model.loss_terms(digits.test.floats(4), StepContext(RandomStream(0, 0)))
    )


@pytest.mark.parametrize("name", list(variants()))
def test_lines_of_two_units_never_share_an_axis_and_each_axis_says_its_unit(name):
    figure, lines = curves_of(name)
    units = variant(name).units(variant(name).Config()) | {"mse": "squared pixels"}
    on: dict[str, set[str]] = {}
    for (term, _), line in lines.items():
        if term in units:
            on.setdefault(line.yaxis, set()).add(units[term])
    assert all(len(found) == 1 for found in on.values()), on
    for axis, (unit,) in on.items():
        assert f"({unit})" in figure.layout[axis.replace("y", "yaxis")].title.text
    assert "step" in figure.layout.xaxis.title.text


def test_nats_stand_on_the_left_and_the_pixels_with_pcas_line_on_the_right():
    figure, lines = curves_of("variational")
    assert (
        lines["loss", "training"].yaxis
        == lines["reconstruction_loss", "training"].yaxis
        == lines["latent_loss", "validation"].yaxis
        == "y"
    )
    assert (
        lines["mse", "validation"].yaxis == lines["PCA", None].yaxis == "y2"
        and ("mse", "training") not in lines
    )
    assert figure.layout.yaxis2.side == "right" and figure.layout.yaxis2.overlaying == "y"


def test_where_the_pixels_need_a_third_axis_pcas_line_waits_with_them():
    _, lines = curves_of("sparse", reconstruction="cross_entropy")
    assert lines["mse", "validation"].yaxis == lines["PCA", None].yaxis == "y3"
    assert lines["mse", "validation"].visible == lines["PCA", None].visible == "legendonly"


def test_the_lines_are_as_the_lessons_call_them():
    """The stacked, linear and greedy lessons speak of a dotted and of a dashed red line."""
    _, lines = curves_of("greedy")
    assert lines["PCA", None].line.dash == "dot" and lines["mse", "validation"].line.dash == "dash"
    assert lines["mse", "validation"].line.color == theme.VERMILION
    for page, words in (
        ("linear", "the dotted line"),
        ("stacked", "The dotted line"),
        ("greedy", "The dashed red curve"),
    ):
        assert words in (Path(__file__).parent.parent / "pages" / f"{page}.py").read_text()


def test_a_loss_of_two_units_waits_for_its_name_to_be_clicked():
    figure, lines = curves_of("sparse")
    assert (
        lines["loss", "training"].visible == "legendonly"
        and lines["sparsity_loss", "training"].visible is True
    )
    assert figure.layout.yaxis3.title.text == "Loss (squared pixels<br>+ 0.001 × nats)"


def test_training_is_solid_validation_dashed_and_terms_differ_in_colour_and_mark():
    _, lines = curves_of("variational")
    assert all(
        line.line.dash == {"training": "solid", "validation": "dash"}[split]
        for (_, split), line in lines.items()
        if split
    )
    for asked, n in (("training", 3), ("validation", 4)):
        marks = {
            term: (line.line.color, line.marker.symbol)
            for (term, split), line in lines.items()
            if split == asked
        }
        assert (
            len({symbol for _, symbol in marks.values()})
            == len({colour for colour, _ in marks.values()})
            == len(marks)
            == n
        )
        assert all("markers" in line.mode for (_, split), line in lines.items() if split)
    assert lines["loss", "training"].legendgroup == lines["loss", "validation"].legendgroup


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


def test_ten_classes_differ_in_colour_and_in_mark_and_carry_their_names_at_their_medians():
    rng = np.random.default_rng(0)
    places, labels, names = (
        rng.standard_normal((500, 2)),
        rng.integers(0, 10, 500),
        tuple("abcdefghij"),
    )
    figure = charts.codings(places, labels, names, ("across", "up"))
    dots = [trace for trace in figure.data if trace.mode == "markers"]
    assert len({dot.marker.color for dot in dots}) == len({dot.marker.symbol for dot in dots}) == 10
    assert sorted(row for dot in dots for row in dot.customdata) == list(range(500))
    for label, dot in enumerate(dots):
        assert np.allclose(np.stack([dot.x, dot.y], axis=1), places[list(dot.customdata)]) and set(
            labels[list(dot.customdata)]
        ) == {label}
        (word,) = [
            trace
            for trace in figure.data
            if trace.mode == "text" and trace.legendgroup == dot.legendgroup
        ]  # hidden with its class
        assert names[label] in word.text[0] and np.isclose(
            word.x[0], np.median(places[labels == label, 0])
        )
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("across", "up")


def test_points_without_classes_have_neither_legend_nor_names():
    figure = charts.codings(np.zeros((5, 2)), np.zeros(5, int), ("point",), ("across", "up"))
    assert len(figure.data) == 1 and figure.layout.showlegend is False
