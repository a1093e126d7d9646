"""The product's main path, as a person walks it: open, drag, train, watch, reload, generate."""

import json
import re
import time
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from aecore.models import variant
from aecore.network import Network
from aecore.training.loop import Training
from tests.helpers import small_config
from ui.components.bundle import bundle
from ui.components.packing import network_part, pack

SHARED = Path(__file__).parent.parent.parent / "ui" / "components" / "shared"

# Playwright's own selectors see into the components' shadow roots; these run in the page.
FRAMES = "() => { for (const e of document.querySelectorAll('*')) { const c = e.shadowRoot?.querySelector('.digit'); if (c) return +c.dataset.frames } return 0 }"
POINTS = "() => { for (const e of document.querySelectorAll('*')) { const c = e.shadowRoot?.querySelector('.chart'); if (c) return +(c.dataset.points || 0) } return 0 }"


def pixels(page, canvas: str = ".digit") -> list[int]:
    """A canvas (the digit's) as grey levels."""
    return page.locator(canvas).evaluate(
        "c => Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).filter((_, i) => i % 4 === 0)"
    )


def open_page(page, address: str) -> None:
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for()


def set_field(page, label: str, value: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(value)
    field.press("Enter")


def start_small_vae(page, server: str) -> str:
    """Train a small variational autoencoder on the embedded digits; the run's id."""
    open_page(page, f"{server}/variational")
    set_field(page, "Hidden layers", "64")
    page.get_by_role("slider", name="Epochs").first.press("End")
    return _train(page)


def start_long_vae(page, server: str) -> str:
    """Train one that is still at it however slowly the rest of a test goes; the run's id."""
    open_page(page, f"{server}/variational")
    page.get_by_role("slider", name="Epochs").first.press("End")
    return _train(page)


def _train(page) -> str:
    page.wait_for_timeout(500)
    page.get_by_role("button", name="Train").first.click()
    page.wait_for_url(re.compile(r"run=[0-9a-f]{32}"))
    return page.url.split("run=")[1][:32]


def wait_for_points(page, n: int, seconds: float = 60) -> None:
    page.wait_for_function(f"() => ({POINTS})() >= {n}", timeout=seconds * 1000)


def test_the_first_visitor_may_come_by_a_deep_link(server, page):
    """Before anybody opened Home: the lab's own page, not Streamlit's bare one."""
    open_page(page, f"{server}/tied")
    assert page.get_by_role("link", name="Linear = PCA").is_visible()
    assert page.get_by_role("heading", name="Tied weights").is_visible()


def test_a_digit_follows_the_slider_while_it_is_dragged(server, page):
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    open_page(page, server)
    slider = page.get_by_role("slider", name="Coding 3", exact=True)
    slider.wait_for()
    slider.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box, before, said, frames = (
        slider.bounding_box(),
        pixels(page),
        len(sent),
        page.evaluate(FRAMES),
    )
    assert said  # the page itself did speak with the server
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    seen = []
    for offset in np.linspace(0, box["width"] * 0.45, 30):
        page.mouse.move(x + offset, y)
        seen.append(tuple(pixels(page)))
    during = page.evaluate(FRAMES) - frames
    assert during >= 15 and len(set(seen)) >= 15  # the picture changed with the button still held
    page.mouse.up()
    assert pixels(page) != before and len(sent) == said


def test_sliders_work_from_the_keyboard_and_buttons_reset(server, page):
    open_page(page, server)
    slider = page.get_by_role("slider", name="Coding 1", exact=True)
    slider.wait_for()
    marked, model, copy = (
        page.locator(".example[aria-pressed=true]"),
        page.locator(".model figcaption"),
        page.locator(".copy figcaption"),
    )
    assert marked.count() == 1  # the test image the page opens on, which stands beside its copy
    assert (
        model.text_content() == "Test image (3)"
        and copy.text_content() == "Rebuilt from 20 numbers"
    )
    original = np.array(pixels(page, ".original"), float) / 255
    assert (
        np.mean((original - np.array(pixels(page)) / 255) ** 2) < 0.004
    )  # crisp: its mean over the test images is 0.0068
    slider.press("ArrowRight")
    assert (
        marked.count() == 0
        and model.text_content() == "The test image before"
        and copy.text_content() == "Drawn from your 20 numbers"
    )
    page.locator(".example").nth(4).click()
    assert (
        page.locator(".example").nth(4).get_attribute("aria-pressed") == "true"
        and marked.count() == 1
    )
    assert model.text_content() == "Test image (2)"
    page.get_by_role("button", name="Reset").click()
    assert (
        marked.count() == 0
        and model.text_content() == "No test image"
        and not page.locator(".original").is_visible()
    )
    page.wait_for_timeout(100)
    start = pixels(page)
    slider.focus()
    for _ in range(150):
        slider.press("ArrowRight")
    page.wait_for_timeout(100)
    assert pixels(page) != start and float(slider.get_attribute("aria-valuetext")) == pytest.approx(
        1.5
    )
    page.get_by_role("button", name="Reset").click()
    page.wait_for_timeout(100)
    assert pixels(page) == start
    page.get_by_role("button", name="Random").click()
    page.wait_for_timeout(100)
    assert pixels(page) != start


def test_the_temperature_turns_the_draws_in_sight(server, page):
    """The same draws at every temperature: at 0 a random digit is the middle of its class; the prior at 0 is the picture of Reset."""
    open_page(page, f"{server}/generate")
    heat = page.get_by_role("slider", name="Temperature")
    heat.wait_for()
    page.get_by_role("button", name="Random").click()
    page.wait_for_timeout(100)
    warm, sheet = pixels(page), pixels(page, ".sheet")
    heat.press("Home")
    page.wait_for_timeout(200)
    cold, cold_sheet = pixels(page), pixels(page, ".sheet")
    assert cold != warm and cold_sheet != sheet
    tiles = np.reshape(cold_sheet, (6, 28, 10, 28)).swapaxes(1, 2).reshape(60, -1)
    assert 5 <= len(np.unique(tiles, axis=0)) <= 10  # at most one picture for each class
    page.get_by_role("radio", name="the prior").check()
    page.wait_for_timeout(200)
    nothing = pixels(page)
    page.get_by_role("button", name="Reset").click()
    page.wait_for_timeout(100)
    assert nothing == pixels(page)


def test_the_browser_decodes_like_tensorflow(page, server):
    """Every activation, both sides, float16 weights: within 1e-3 of TensorFlow for each output."""
    rng = np.random.default_rng(0)
    page.goto(f"{server}/_stcore/health")
    script = bundle(SHARED / "packing.js", SHARED / "network.js")
    for activation in ("elu", "relu", "selu", "tanh", "sigmoid"):
        config = small_config(
            "stacked", hidden_sizes=(60, 30), codings_size=10, activation=activation
        )
        model = Training.fresh(variant("stacked"), config, (28, 28, 1), 0).model
        rounded = Network.from_bytes(model.network().to_bytes(np.float16))
        for layer, stored in zip(model.layers, (*rounded.encoder, *rounded.decoder), strict=True):
            layer.kernel.assign(stored.kernel)
            layer.bias.assign(stored.bias)
        x = rng.random((5, 784), dtype=np.float32)
        header, arrays = network_part(model.network())
        packed = pack(header, arrays | {"x": x})
        run = """([bytes, script]) => { eval(script + '; globalThis.lab = {unpack, layersOf, forward}');
            const m = lab.unpack(Uint8Array.from(bytes)), out = [];
            for (let i = 0; i < 5; i++) { const z = lab.forward(lab.layersOf(m, 'encoder'), m.arrays.x.subarray(784 * i, 784 * (i + 1)));
              out.push(Array.from(lab.forward(lab.layersOf(m, 'decoder'), z))); }
            return out; }"""
        made = np.array(page.evaluate(run, [list(packed), script]))
        assert np.abs(made - model.reconstruct(tf.constant(x)).numpy()).max() < 1e-3, activation


def test_what_the_page_shows_is_what_tensorflow_decodes(server, page):
    """The shipped network's float16 decoder at codings 0, pixel by pixel, on the canvas."""
    from aecore.pretrained import pretrained

    open_page(page, server)
    page.get_by_role("button", name="Reset").click()
    page.wait_for_timeout(200)
    x = tf.zeros([1, 20])
    for layer in pretrained("variational-20").network.decoder:
        x = tf.matmul(x, layer.kernel) + layer.bias
        x = {"elu": tf.nn.elu, "sigmoid": tf.sigmoid}[layer.activation](x)
    assert np.abs(np.array(pixels(page)) / 255 - x.numpy()[0]).max() <= 1e-3 + 0.5 / 255


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
        "() => { for (const e of document.querySelectorAll('*')) { const s = e.shadowRoot?.querySelector('.status'); if (s) return s.textContent === 'Done' } }",
        timeout=120_000,
    )
    page.get_by_role("tab", name="Generate").click()
    page.locator(".sheet").wait_for()
    page.wait_for_timeout(500)
    shown = page.locator(".sheet").evaluate("c => c.toDataURL()")
    page.get_by_role("button", name="New 60").click()
    page.wait_for_timeout(500)
    assert page.locator(".sheet").evaluate("c => c.toDataURL()") != shown
    assert page.get_by_role("slider", name=re.compile(r"Coding \d+")).count() == 20


def test_pause_step_resume_and_stop_from_the_page(server, page):
    open_page(page, f"{server}/variational")  # half a minute of training at the least
    page.get_by_role("button", name="Train").first.click()
    wait_for_points(page, 2)
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Step", exact=False).wait_for()
    step = lambda: int(
        re.search(r"step ([\d,]+)", page.locator(".facts").first.inner_text())[1].replace(",", "")
    )  # noqa: E731
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
        "() => { for (const e of document.querySelectorAll('*')) { const s = e.shadowRoot?.querySelector('.status'); if (s) return ['Stopped', 'Done'].includes(s.textContent) } }",
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


def test_a_visitor_cannot_steer_another_visitors_run(server, page, chromium):
    run_id = start_small_vae(page, server)
    stranger = chromium.new_context().new_page()
    stranger.goto(f"{server}/variational?run={run_id}")
    stranger.get_by_text("you can watch it, not steer it").wait_for(timeout=20_000)
    assert (
        not stranger.locator(".st-key-steer").get_by_role("button", name="Stop").count()
    )  # Streamlit has one of its own, while it draws
    stranger.goto(f"{server}/runs")
    stranger.get_by_text("No runs yet").wait_for()
    stranger.context.close()
    page.get_by_role("button", name="Stop").click()


def test_every_page_fits_a_phone_and_has_words_for_its_pictures(server, chromium):
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    for path in (
        "",
        "lab",
        "linear",
        "stacked",
        "tied",
        "greedy",
        "denoising",
        "sparse",
        "variational",
        "generate",
        "compare",
        "runs",
    ):
        open_page(page, f"{server}/{path}")
        page.wait_for_timeout(700)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert not page.locator("img:not([alt]), canvas[role=img]:not([aria-label])").count(), path
    context.close()


def test_nothing_is_asked_of_another_server(server, chromium):
    """It works without a network, and tells nobody who uses it."""
    context = chromium.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("", "stacked", "generate"):
        open_page(page, f"{server}/{path}")
        page.wait_for_timeout(800)
    start_long_vae(page, server)  # draws charts, too
    wait_for_points(page, 1)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Resume").wait_for()
    outside = [url for url in asked if not url.startswith((server, "data:", "blob:"))]
    assert not outside, json.dumps(outside)
    context.close()


def test_without_the_push_route_the_page_polls(server, page):
    page.route_web_socket("**/lab/live/**", lambda socket: socket.close())
    start_small_vae(page, server)
    wait_for_points(page, 2)
    first = page.evaluate(POINTS)
    wait_for_points(page, first + 2)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Resume").wait_for()


def test_who_waits_is_told_why_and_a_pause_lets_the_next_one_in(server, page, chromium):
    start_long_vae(page, server)
    wait_for_points(page, 1)
    visitors = [chromium.new_context().new_page() for _ in range(2)]
    for visitor in visitors:
        start_long_vae(visitor, server)
    visitors[0].get_by_text("Waiting for a slot: place 1 of 2").wait_for()
    visitors[1].get_by_text("Waiting for a slot: place 2 of 2").wait_for()
    page.get_by_role("button", name="Pause").click()  # and whoever pauses may leave
    page.get_by_text("Paused and stored: it holds no place").wait_for()
    wait_for_points(visitors[0], 1)
    visitors[1].get_by_text("Waiting for a slot: place 1 of 1").wait_for()
    page.get_by_role("button", name="Resume").click()
    page.get_by_text("Waiting for a slot: place 2 of 2").wait_for()
    visitors[1].get_by_role("button", name="Stop").click()
    visitors[0].get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Pause").wait_for()  # it has its turn again
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Train anew").and_(page.locator(":enabled")).wait_for()
    for visitor in visitors:
        visitor.context.close()


def test_look_again_and_generate_follow_the_training(server, page):
    start_long_vae(page, server)
    wait_for_points(page, 2)
    moment = page.get_by_text("The weights of epoch")
    page.get_by_role("button", name="Look again").wait_for()
    step = lambda: int(re.search(r"step ([\d,]+)", moment.first.inner_text())[1].replace(",", ""))  # noqa: E731
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
