"""The losses' curves: each with its name, its unit and its own axis."""

import pytest

from aecore.models import variant, variants
from tests import ROOT
from ui import theme
from ui.figures import losses
from ui.figures.losses import Curve


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


@pytest.mark.parametrize("name", list(variants()))
def test_the_band_is_in_sight_at_first_behind_its_lines_and_in_their_colour(name):
    cls = variant(name)
    for preset in cls.presets.values():
        config = cls.Config.build(preset.values)
        units = cls.units(config)
        figure = losses.loss_curves(units, pixels=not cls.loss_is_pixel_mse(config), expected=True)
        # Last: the legend names it after the lines, and undeclared terms copy the first two.
        (band,) = [line for line in figure.data if line.meta.get("band")]
        assert band is figure.data[-1] and band.zorder < 0 and band.visible is True
        (line,) = [
            line
            for line in figure.data
            if (line.meta.get("term"), line.meta.get("split")) == (band.meta["band"], "validation")
        ]
        assert (band.yaxis, band.line.color, band.legendgroup) == (
            line.yaxis,
            line.line.color,
            line.legendgroup,
        )
        assert line.visible is True


@pytest.mark.parametrize(
    ("units", "term"),
    [
        ({"reconstruction_loss": "nats"}, "reconstruction_loss"),
        ({"reconstruction_loss": "nats", "latent_loss": "nats"}, "loss"),
        ({"reconstruction_loss": "nats", "sparsity_loss": "2 × nats"}, "reconstruction_loss"),
    ],
)
def test_the_band_is_of_the_whole_loss_if_that_is_in_sight(units, term):
    assert losses.expected_term(units) == term


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
        assert words in (ROOT / "pages" / f"{page}.py").read_text()


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
