"""The product's main path, as a person walks it: open, train, watch, reload, generate."""

import io
import re
import time
import zipfile
from pathlib import Path

import pytest
import safetensors.numpy

from tests.browser.lab import (
    OVER,
    POINTS,
    WARM,
    open_page,
    pixels,
    start_long_vae,
    start_small_vae,
    wait_for_points,
)


def test_the_first_visitor_may_come_by_a_deep_link(server, page):
    """Before anybody opened Home: the lab's own page, not Streamlit's bare one."""
    open_page(page, f"{server}/tied")
    assert page.get_by_role("link", name="Linear = PCA").is_visible()
    assert page.get_by_role("heading", name="Tied weights").is_visible()


def test_train_watch_reload_and_generate(server, page, chromium):
    run_id = start_small_vae(page, server)
    wait_for_points(page, 3)
    first = page.evaluate(POINTS)
    wait_for_points(page, first + 3)  # the chart grows
    page.reload()  # mid-training
    wait_for_points(page, first + 3)
    assert run_id in page.url
    status = page.locator(".status").first
    assert status.inner_text() in ("Training", "Done")
    other = chromium.new_context().new_page()  # a second visitor, by the link
    other.goto(page.url)
    other.wait_for_function(f"() => ({POINTS})() >= {first}", timeout=30_000)
    other.context.close()
    page.wait_for_function(
        WARM,
        timeout=120_000,
    )
    page.get_by_role("tab", name="Generate").click()
    page.locator(".samples .sheet").wait_for()
    page.wait_for_timeout(500)
    shown = page.locator(".samples .sheet").evaluate("c => c.toDataURL()")
    page.get_by_role("button", name="New 60").click()
    page.wait_for_timeout(500)
    assert page.locator(".samples .sheet").evaluate("c => c.toDataURL()") != shown
    assert page.get_by_role("slider", name=re.compile(r"Coding \d+")).count() == 20

    page.get_by_role("link", name="Runs").click()
    page.get_by_role("button", name="Download").first.click()
    files = {}
    for name in ("Settings, figures, history", "The network as safetensors"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        files[name] = Path(download.value.path()).read_bytes()
    archive, network = files.values()
    assert f"{run_id[:8]}/run.json" in zipfile.ZipFile(io.BytesIO(archive)).namelist()
    assert safetensors.numpy.load(network)["extract.images"].shape == (20, 28, 28, 1)


def test_pause_step_resume_and_stop_from_the_page(server, page):
    open_page(page, f"{server}/variational")  # half a minute of training at the least
    page.get_by_role("button", name="Train").first.click()
    wait_for_points(page, 2)
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Step", exact=False).wait_for()

    def step():
        return int(
            re.search(r"step ([\d,]+)", page.locator(".facts").first.inner_text())[1].replace(
                ",", ""
            )
        )

    page.wait_for_timeout(400)
    at = step()
    page.get_by_role("button", name="Step").click()
    page.wait_for_timeout(800)
    assert step() == at + 1
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.wait_for_timeout(600)
    assert step() > at + 1
    begin = time.monotonic()
    page.get_by_role("button", name="Stop").click()
    page.wait_for_function(
        OVER,
        timeout=10_000,
    )
    assert time.monotonic() - begin < 5
    page.get_by_role("button", name="Resume").wait_for()
    page.reload()  # opened when it was over, and followed again once it goes on
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("button", name="Pause").wait_for()
    before = page.evaluate(POINTS)
    wait_for_points(page, before + 2)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Resume").wait_for()


@pytest.mark.whole
def test_look_again_and_generate_follow_the_training(server, page):
    start_long_vae(page, server)
    wait_for_points(page, 2)
    moment = page.get_by_text("The weights of epoch")
    page.get_by_role("button", name="Look again").wait_for()

    def step():
        return int(re.search(r"step ([\d,]+)", moment.first.inner_text())[1].replace(",", ""))

    before = step()
    page.get_by_role("button", name="Look again").click()
    page.wait_for_function(
        "before => !document.body.innerText.includes(before)", arg=moment.first.inner_text()
    )
    assert step() > before
    page.get_by_role("tab", name="Generate").click()
    slider = page.get_by_role("slider", name=re.compile(r"Coding \d")).first
    slider.wait_for()
    slider.focus()
    for _ in range(100):
        slider.press("ArrowRight")
    coding, set_to, seen = (
        slider.get_attribute("data-coding"),
        float(slider.input_value()),
        pixels(page),
    )
    page.get_by_text("Follow the training").click()
    for _ in range(40):
        if pixels(page) != seen:
            break
        page.wait_for_timeout(200)
    same = page.locator(f".network [data-coding='{coding}']")
    assert pixels(page) != seen and float(same.input_value()) == pytest.approx(set_to, abs=0.02)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Resume").wait_for()
