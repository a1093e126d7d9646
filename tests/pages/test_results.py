"""The tabs below a lesson: what they state of a finished run is true."""

import json
import re

import numpy as np
import pytest

from aecore.jobs.work import work
from aecore.models import variants
from aecore.network import load_network
from tests.pages.helpers import components, open_page, shown


@pytest.mark.parametrize("run", list(variants()), indirect=True)
@pytest.mark.whole
def test_a_finished_run_opens_on_its_page_with_every_tab(run):
    at = open_page(run.spec.variant, run=run.id)
    assert "lab_live_chart" in components(at)
    for tab in ("Features", "Codings", "Generate", "Figures"):
        at.session_state[f"{run.id}.tabs"] = tab
        at.run()
        assert not at.exception, (tab, [error.message for error in at.exception])
        drawn_by = {"Generate": "network", "Codings": "space", "Features": "neurons"}
        assert f"lab_{drawn_by.get(tab, 'live_chart')}" in components(at)


@pytest.mark.parametrize("run", ["denoising"], indirect=True)
def test_the_stated_errors_are_the_means_over_all_test_images(run, digits):
    at = open_page("denoising", run=run.id)
    for corrupt in (False, True):
        at.get_by_key(f"{run.id}.r.corrupt").set_value(corrupt)
        at.get_by_key(f"{run.id}.r.pca").set_value(True).run()
        (words,) = [
            each.value
            for each in at.markdown
            if each.value.startswith("Mean squared error over all 250 test images")
        ]
        by_network, by_pca = map(float, re.findall(r"\*\*([0-9.]+)\*\*", words))
        x, network = digits.test.floats(), load_network(run.path / "network.safetensors")
        if corrupt:  # other draws of the same noise, for both
            assert "given the same corrupted images" in words
            x_seen = x + np.float32(run.config.noise_level) * np.random.default_rng(
                7
            ).standard_normal(x.shape, dtype=np.float32)
            assert by_network == pytest.approx(
                np.mean(np.square(network.reconstruct(x_seen) - x)), rel=0.02
            )
            assert by_pca == pytest.approx(
                np.mean(np.square(digits.pca.reconstruct(x_seen, network.codings_size) - x)),
                rel=0.02,
            )
        else:
            assert by_pca == pytest.approx(digits.pca.mse(x, network.codings_size), abs=1e-5)
            assert by_network == pytest.approx(
                np.mean(np.square(network.reconstruct(x) - x)), abs=1e-5
            )


@pytest.mark.parametrize("run", ["denoising"], indirect=True)
def test_dropped_pixels_are_shown_too(run):
    at = open_page("denoising", run=run.id)
    at.get_by_key(f"{run.id}.r.kind").set_value("dropout").run()
    assert not at.exception and at.get_by_key(f"{run.id}.r.kept").value == 0.7
    before = at.markdown[-1].value
    at.get_by_key(f"{run.id}.r.rescale").set_value(True).run()
    assert not at.exception and at.markdown[-1].value != before


def test_the_command_line_is_called_the_same_run_only_where_it_is(run):
    def said() -> str:
        at = open_page("variational", run=run.id)
        at.session_state[f"{run.id}.tabs"] = "Figures"
        at.run()
        assert not at.exception
        return " ".join(
            [*(shown(each.value) for each in at.markdown), *(each.value for each in at.code)]
        )

    assert (
        "The same run from the command line" in said()
        and "train variational" in said()
        and "What was done" not in said()
    )
    run.queue(extra_epochs=2)
    run.command("learning_rate", 0.0005)
    assert "The same run from the command line" not in said()  # it was given more epochs
    run.command("stop")
    work(run)
    words = said()
    assert (
        "The same run from its record" in words
        and "given more epochs after its end" in words
        and "train --record" in words
    )
    assert "2 epochs more" in words and ": stopped" in words and "train variational" not in words


def test_a_run_of_an_earlier_version_is_not_said_to_have_a_record(run):
    spec = json.loads((run.path / "run.json").read_text())
    (run.path / "run.json").write_text(json.dumps(spec | {"schema_version": 2}))
    run.update(rate_changed=True)
    at = open_page("variational", run=run.id)
    at.session_state[f"{run.id}.tabs"] = "Figures"
    at.run()
    assert (
        any("changes that it kept no record of" in shown(each.value) for each in at.markdown)
        and not at.exception
    )


def test_the_tabs_say_the_moment_their_weights_are_from(run):
    at = open_page("variational", run=run.id)
    assert any(shown(each.value).startswith("The weights of epoch 1, step ") for each in at.caption)
