"""The band in which a preset's validation curve is expected."""

import pytest

from aecore import references
from aecore.models import variant
from tests.browser.lab import IN_SHADOW, LINES, TIP, in_plot, open_page, wait_for_points

pytestmark = pytest.mark.whole

# The band's element, and whether every line of the chart is drawn after it.
BEHIND = """() => {
  const uid = PLOT._fullData.find(({ fill }) => fill === "toself").uid;
  const band = PLOT.querySelector(`.trace${uid}`);
  const lines = [...PLOT.querySelectorAll(".trace.scatter")].filter((line) => line !== band);
  const after = (line) => band.compareDocumentPosition(line) & Node.DOCUMENT_POSITION_FOLLOWING;
  return Boolean(band.querySelector(".js-fill")) && lines.length > 1 && lines.every(after);
}"""


def bands(page) -> list[dict]:
    return [line for line in in_plot(page, LINES) if "band" in line["meta"]]


def test_a_preset_is_trained_in_front_of_its_band_until_it_is_steered(server, page):
    open_page(page, f"{server}/linear")  # the points, in slow motion
    page.get_by_role("button", name="Train").first.click()
    wait_for_points(page, 2)
    cls = variant("linear")
    course = cls.Config.build(cls.presets["course"].values)
    (expected,) = references.reference(cls, "points3d", course).phases
    (band,) = bands(page)
    assert band["x"] == [*expected.steps, *expected.steps[::-1]]  # all of it, from the first point
    assert band["y"] == [*expected.low["loss"], *expected.high["loss"][::-1]]
    assert in_plot(page, BEHIND)
    key = page.locator(".losses .keys").get_by_role(
        "button", name="reconstruction loss, expected (5 seeds)"
    )
    key.wait_for()
    page.locator(".metrics").get_by_text("against five seeds").wait_for()
    plot = page.locator(".losses .plot")
    plot.press("End")  # reads the last step, where there is only the band yet
    rows = in_plot(page, TIP)
    assert rows[0] == "step 1,000" and "expected (5 seeds) 0.0" in rows[-1] and " to " in rows[-1]
    assert page.locator(".losses .said").inner_text().startswith("Training step 1,000: ")
    page.get_by_role("slider", name="Learning rate now").press("ArrowLeft")
    page.wait_for_function(
        f"""() => !({IN_SHADOW})('.losses .plot',
          (plot) => plot.data.some(({{ meta }}) => meta.band))"""
    )
    key.wait_for(state="detached")
    page.locator(".metrics").get_by_text("against five seeds").wait_for(state="detached")
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Train again").wait_for()


def test_a_run_with_settings_of_its_own_has_no_band(finished, page):
    for name in ("stacked", "linear"):
        page.goto(finished[name])
        wait_for_points(page, 3)
        assert not bands(page)
        assert not page.locator(".metrics").get_by_text("against five seeds").count()
