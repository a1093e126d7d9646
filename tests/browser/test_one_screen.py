"""The bench on one screen.

All of it in sight while it trains, nothing that jumps, in a good order on a phone and for the tab
key.
"""

import contextlib

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser.lab import FIRST_POINT, open_page

pytestmark = pytest.mark.whole

LESSONS = ("linear", "stacked", "tied", "greedy", "denoising", "sparse", "variational")


def box(page, selector: str) -> dict[str, float]:
    found = page.locator(selector).first
    found.wait_for()
    return found.bounding_box()


def open_bench(page, address: str) -> None:
    """Until the page's own styles have arrived, too."""
    open_page(page, address)
    page.wait_for_function(
        """() => {
          const drawing = document.querySelector('.lab-drawing');
          return drawing && getComputedStyle(drawing).display === 'flex';
        }"""
    )


def begin(page, address: str) -> None:
    """Open a page and train for many epochs, so that it is still at it when it is looked at."""
    open_bench(page, address)
    page.get_by_role("slider", name="Epochs").first.press("End")
    page.wait_for_timeout(400)
    page.get_by_role("button", name="Train").first.click()
    page.wait_for_function(FIRST_POINT, timeout=120_000)
    page.get_by_role("button", name="Pause").wait_for()


def end(page) -> None:
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Train again").and_(page.locator(":enabled")).wait_for()


def scrolled(page) -> float:
    return page.get_by_test_id("stMain").evaluate("e => e.scrollTop")


@pytest.fixture
def desk(chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    yield page
    stop = page.get_by_role("button", name="Stop", exact=True).and_(page.locator(":enabled"))
    if stop.count():  # a test that failed keeps no slot
        with contextlib.suppress(PlaywrightTimeout):  # it was going, and is gone
            stop.click(timeout=3000)
        page.wait_for_timeout(1000)
    context.close()


def test_the_labs_variants_can_be_clicked_by_mouse(server, desk):
    """Streamlit's header, which nobody sees, lies over them."""
    open_bench(desk, f"{server}/lab")
    for name in ("Sparse", "Tied weights"):
        desk.get_by_role("radio", name=name).or_(desk.get_by_role("button", name=name)).first.click(
            timeout=5000
        )
        desk.locator(f"[class*='-lab-{name.split()[0].lower()}-train']").wait_for()


@pytest.mark.parametrize("name", [*LESSONS, "lab"])
def test_the_whole_bench_is_in_sight_while_a_training_runs(server, desk, name):
    begin(desk, f"{server}/{name}")
    pictures = ".space" if name == "linear" else ".pictures"
    parts = {
        "settings": box(desk, ".st-key-settings"),
        "preset": box(desk, '[class*="-preset"]'),
        "data": box(desk, '[class*="-dataset"]'),
        "codings": box(desk, '[class*="-codings_size"]'),
        "epochs": box(desk, '[class*="-epochs"]'),
        "learning rate": box(desk, '[class*="-learning_rate"]'),
        "train": box(desk, '[class*="-train"]'),
        "stop": box(desk, '[class*="-stop"]'),
        "drawing": box(desk, ".lab-drawing"),
        "chart": box(desk, ".chart"),
        "pictures": box(desk, pictures),
    }
    if name == "lab":
        parts["variant"] = box(desk, '[class*="lab-variant"]')
    assert scrolled(desk) == 0
    for part, at in parts.items():
        assert at["y"] >= 0 and at["y"] + at["height"] <= 800 and at["x"] + at["width"] <= 1280, (
            part,
            at,
        )
    end(desk)


@pytest.mark.parametrize("name", ["stacked", "lab"])
def test_nothing_jumps_when_a_training_starts_pauses_goes_on_and_ends(server, desk, name):
    open_bench(desk, f"{server}/{name}")
    desk.get_by_role("slider", name="Epochs").first.press("End")
    desk.wait_for_timeout(400)
    before = [
        box(desk, part) for part in ('[class*="-preset"]', '[class*="-train"]', ".lab-drawing")
    ]
    desk.get_by_role("button", name="Train").first.click()
    desk.get_by_role("button", name="Stop").wait_for()
    tops = [(box(desk, ".chart")["y"], box(desk, ".st-key-steer .stSlider")["x"])]
    assert [
        box(desk, part)["y"] for part in ('[class*="-preset"]', '[class*="-train"]', ".lab-drawing")
    ] == [at["y"] for at in before]
    desk.wait_for_function(FIRST_POINT, timeout=120_000)
    for press, then in (("Pause", "Step"), ("Resume", "Pause"), ("Stop", "Train again")):
        desk.get_by_role("button", name=press).click()
        desk.get_by_role("button", name=then).and_(desk.locator(":enabled")).wait_for()
        desk.wait_for_timeout(500)
        tops.append((box(desk, ".chart")["y"], box(desk, ".st-key-steer .stSlider")["x"]))
    assert (
        max(y for y, _ in tops) - min(y for y, _ in tops) <= 1
        and max(x for _, x in tops) - min(x for _, x in tops) <= 1
    ), tops


def test_settings_that_differ_are_named_without_moving_the_chart(server, desk):
    begin(desk, f"{server}/variational")
    end(desk)
    top = box(desk, ".chart")["y"]
    for label in ("Codings", "Epochs", "Learning rate", "Latent weight"):
        desk.get_by_role("slider", name=label).first.press("ArrowLeft")
        desk.wait_for_timeout(400)
    desk.get_by_text("settings now differ from this run").wait_for()
    assert abs(box(desk, ".chart")["y"] - top) <= 1


def test_the_lesson_is_open_until_there_is_a_run_and_one_click_away_then(server, desk):
    open_bench(desk, f"{server}/denoising")
    words = desk.get_by_text("Corruption is for training only")
    assert words.is_visible() and desk.get_by_text("Predict, then run.").is_visible()
    lead = box(desk, ".st-key-fold")
    begin(desk, f"{server}/denoising")
    assert (
        not words.is_visible() and box(desk, ".st-key-fold") == lead
    )  # its first sentence stays where it stood
    desk.get_by_text("Read the lesson").click()
    for part in (words, desk.get_by_text("Predict, then run."), desk.locator(".katex").first):
        part.wait_for()

    def place():
        return words.bounding_box()["y"] + scrolled(desk)

    at = place()
    noise = desk.locator(".st-key-settings").get_by_role("slider", name="Noise level")
    noise.press("ArrowRight")  # it is not redrawn under the reader's eyes
    desk.get_by_role("button", name="Pause").click()
    desk.get_by_role("button", name="Step").wait_for()
    assert words.is_visible() and abs(place() - at) <= 1
    end(desk)
    assert words.is_visible()


def test_train_by_keyboard_leaves_the_focus_in_its_row(server, desk):
    def focused(words):
        return desk.wait_for_function(
            """(words) => document.activeElement.closest('.st-key-steer button')
              && document.activeElement.innerText.match(words)""",
            arg=words,
        )

    open_bench(desk, f"{server}/stacked")
    desk.get_by_role("slider", name="Epochs").first.press("End")
    desk.wait_for_timeout(400)
    desk.get_by_role("button", name="Train").first.press("Enter")
    desk.get_by_role("button", name="Stop").wait_for()
    focused("Stop|Pause")
    desk.wait_for_function(FIRST_POINT, timeout=120_000)
    desk.get_by_role("button", name="Pause").press("Enter")
    desk.get_by_role("button", name="Step").wait_for()
    focused("Resume|Step|Stop")
    desk.get_by_role("button", name="Stop").press("Enter")
    desk.get_by_role("button", name="Train again").and_(desk.locator(":enabled")).wait_for()
    focused("Train again")


def test_on_a_phone_prose_train_chart_pictures_then_settings(server, chromium):
    """By the eye, and for somebody who goes from one to the next by keyboard or by voice."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    open_bench(page, f"{server}/stacked")
    prose = page.get_by_text("The dotted line is the exact PCA").bounding_box()
    train, preset = box(page, '[class*="-train"]'), box(page, '[class*="-preset"]')
    assert prose["y"] < train["y"] < preset["y"]
    begin(page, f"{server}/stacked")
    tops = [
        box(page, part)["y"]
        for part in (
            ".st-key-fold",
            '[class*="-train"]',
            ".chart",
            ".pictures",
            '[class*="-preset"]',
            '[class*="-dataset"]',
        )
    ]
    assert tops == sorted(tops)
    page.wait_for_timeout(1000)
    chart = box(page, ".chart")
    assert chart["y"] > 0 and chart["y"] + chart["height"] <= 844, (
        "Train brings the chart into sight"
    )
    page.get_by_role("button", name="Stop").focus()
    visited = []
    while len(visited) < 60 and visited.count("settings") < 3:
        page.keyboard.press("Tab")
        visited.append(
            page.evaluate(
                """['work', 'settings'].find((part) =>
                  document.activeElement.closest(`.st-key-${part}`))"""
            )
        )
    inside = [place for place in visited if place]
    assert inside == sorted(inside, reverse=True) and {"work", "settings"} <= set(
        inside
    )  # all of the work, then the settings
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    end(page)
    context.close()


@pytest.mark.parametrize(
    ("width", "faded"), [(1280, []), (390, ["variational"])], ids=["desk", "phone"]
)
def test_a_formula_fades_only_if_it_goes_on_beyond_the_edge(width, faded, server, chromium):
    page = chromium.new_page(viewport={"width": width, "height": 844})
    found = []
    for lesson in ("tied", "stacked", "variational"):
        page.goto(f"{server}/{lesson}")
        formula = page.locator(".katex-display").first
        formula.wait_for()
        page.wait_for_timeout(500)
        if formula.evaluate("e => getComputedStyle(e).maskImage") != "none":
            found.append(lesson)
    page.close()
    assert found == faded
