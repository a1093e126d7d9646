"""On MNIST, what other tests try on the embedded digits: finished runs, and one that trains."""

import json
import re

import numpy as np
import pytest

from aecore.data.dataset import as_bytes
from aecore.jobs.work import work
from aecore.runs.history import History
from aecore.runs.store import open_run
from tests.browser.lab import IN_SHADOW, open_page, pixels, wait_for_points
from tests.browser.test_drawing import draw_a_seven, drawn, wait_until_painted
from tests.browser.test_space_of_codings import FOUND, Map, caption, lonely
from tests.browser.test_time_slider import MADE, slider, wait_for_step
from tests.helpers import made

pytestmark = [pytest.mark.whole, pytest.mark.usefixtures("mnist")]  # skipped where MNIST is not


@pytest.fixture(scope="module", params=["stacked", "variational"])
def trained(request, finished, mnist):
    """A finished run on MNIST of two codings, and its address."""
    run = made(finished.runs.parent, request.param, dataset="mnist", epochs=1, codings_size=2)
    work(run)
    assert run.state.status == "done"
    return run, f"{finished.address}/{request.param}?run={run.id}"


def check_moments(page, kept, steps):
    """Goes to moments; the ten pictures and a drawing's are each rebuilt by its network."""
    x, own = kept.inputs()[0], drawn(page)
    assert own.any()
    for step in steps:
        number = page.get_by_role("textbox", name="At step")
        number.fill(str(step))
        number.press("Enter")
        wait_for_step(page, step)
        network = kept.network((0, step))
        wait_until_painted(page, ".own .mine", network.reconstruct(own)[0])
        assert np.array_equal(
            np.array(page.evaluate(MADE), np.uint8), as_bytes(network.reconstruct(x))
        )


def test_pictures_and_a_drawing_are_those_of_the_moments_network(trained, page):
    run, address = trained
    open_page(page, address)
    slider(page).wait_for()
    draw_a_seven(page, ".own .sheet")
    kept = History(run.path)
    steps = [step for _, step in kept.places()]
    check_moments(page, kept, (steps[0], steps[len(steps) // 2], steps[-1]))


def test_features_open_a_neurons_page(trained, page):
    _, address = trained
    open_page(page, address)
    page.get_by_role("tab", name="Features").click()
    first = page.locator(".neurons .sources .tile").first
    unit = int(first.get_attribute("data-unit"))
    first.click()
    page.get_by_role("heading", name=f"Neuron {unit + 1} of the codings").wait_for()
    page.locator(".activations .plot .barlayer").wait_for()


def test_codings_have_dots_on_a_decoded_map_and_a_posterior(trained, page, mnist):
    run, address = trained
    network, x = run.network(), mnist.mapped.floats()
    z = network.encode(x)
    open_page(page, address)
    page.get_by_role("tab", name="Codings").click()
    page.locator(".plane[data-decoded=true]").wait_for()
    here = Map(page)
    row = lonely(z, here.frame)[0]
    here.point(*z[row])
    caption(page, "image").get_by_text(f"test image {row}, {mnist.test.labels[row]}").wait_for()
    assert np.array_equal(pixels(page, ".side .image canvas"), mnist.test.x[row])
    rebuilt = np.clip(network.reconstruct(x[row : row + 1])[0], 0, 1) * 255
    assert np.abs(np.array(pixels(page, ".side .rebuilt canvas")) - rebuilt).max() <= 2
    if run.spec.variant == "stacked":
        assert not page.locator(".inference").is_visible()
        return
    page.wait_for_function(FOUND)
    found = json.loads(page.evaluate(FOUND))
    assert found["sum"] == pytest.approx(1, abs=1e-9)
    # the encoder's Gaussian is that of the digit that was pointed at
    np.testing.assert_allclose(found["gaussian"]["mean"], z[row], atol=2e-3)


def test_both_hold_on_a_run_that_still_trains(server, server_runs, page):
    open_page(page, f"{server}/stacked")
    page.get_by_role("combobox", name=re.compile("Data")).first.click()
    page.get_by_role("option", name="MNIST", exact=True).click()
    page.get_by_role("slider", name="Epochs").first.press("End")
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Train").first.click()
    page.wait_for_url(re.compile(r"run=[0-9a-f]{32}"))
    run = open_run(server_runs, page.url.split("run=")[1][:32])
    assert run.spec.dataset == "mnist"
    wait_for_points(page, 12)
    draw_a_seven(page, ".own .sheet")
    page.wait_for_function(
        f"() => ({IN_SHADOW})('.own .mine', (c) =>"
        " c.getContext('2d').getImageData(0, 0, 28, 28).data.some((v, i) => i % 4 !== 3 && v))"
    )
    check_moments(page, History(run.path), (0, 4, 10))
    assert page.locator(".status").first.inner_text() == "Training"
    assert run.state.status == "running"
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Train again").wait_for()
