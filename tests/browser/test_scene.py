"""The 3-D scene of the linear autoencoder."""

import pytest

from tests.browser.lab import (
    IN_SHADOW,
    in_plot,
    wait_for_points,
)

pytestmark = pytest.mark.whole


def test_the_learned_plane_is_drawn_on_the_axes_of_pcas(finished, page):
    page.goto(finished["linear"])
    page.wait_for_function(
        f"""() => ({IN_SHADOW})('.space .plot', (e) =>
          e.data?.some((t) => t.meta === 'learned' && t.x.length === 4))""",
        timeout=20_000,
    )
    learned, pca = (
        in_plot(
            page,
            f"""() => {{
              const square = PLOT.data.find((trace) => trace.meta === '{meta}');
              return [square.x, square.y, square.z];
            }}""",
            ".space .plot",
        )
        for meta in ("learned", "pca")
    )

    def side(corners, a, b):
        return [c[b] - c[a] for c in corners]

    for a, b in ((0, 1), (1, 2)):  # both squares, and their sides point the same way
        ours, theirs = side(learned, a, b), side(pca, a, b)
        assert sum(v * v for v in ours) == pytest.approx(sum(v * v for v in theirs), rel=1e-3)
        assert sum(v * w for v, w in zip(ours, theirs, strict=True)) > 0
    before = in_plot(page, "() => PLOT._fullLayout.scene._scene.getCamera().eye", ".space .plot")
    page.locator(".space .plot").press("ArrowLeft")
    page.wait_for_timeout(600)
    assert (
        in_plot(page, "() => PLOT._fullLayout.scene._scene.getCamera().eye", ".space .plot")
        != before
    )


def test_without_webgl_a_sentence_stands_where_the_scene_would_and_the_losses_are_drawn(
    finished, page
):
    page.add_init_script(
        """const own = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
          return kind.startsWith('webgl') ? null : own.call(this, kind, ...rest);
        };"""
    )
    page.goto(finished["linear"])
    wait_for_points(page, 1)
    page.locator(".space").scroll_into_view_if_needed()
    page.get_by_text("it has no WebGL").wait_for()
