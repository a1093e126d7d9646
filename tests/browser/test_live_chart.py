"""The live chart under a person's hands: updates replace nothing, a closer look stays, the legend still answers."""

from benchmarks.page import IN_SHADOW, WATCH
from tests.browser.test_main_path import start_small_vae, wait_for_points


def test_updates_replace_nothing_and_a_closer_look_stays(server, page):
    start_small_vae(page, server)
    wait_for_points(page, 8)
    page.get_by_role("button", name="latent loss, validation").wait_for()  # every line is there
    chart = page.locator(".chart")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    whole = page.get_by_role("button", name="whole run")
    assert not whole.is_visible()
    page.mouse.move(box["x"] + 90, box["y"] + 120)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 120, steps=5)
    page.mouse.up()
    whole.wait_for()
    page.evaluate(WATCH)
    page.wait_for_function("() => window.updates >= 5")
    assert page.evaluate("window.replaced") == 0
    assert whole.is_visible() and page.locator(".tip").is_visible()
    page.keyboard.press("Escape")  # the chart has the focus since it was pressed
    whole.wait_for(state="hidden")
    page.get_by_role("button", name="Stop").click()
    page.wait_for_function(f"() => ({IN_SHADOW})('.status', (e) => ['Stopped', 'Done'].includes(e.textContent))")
