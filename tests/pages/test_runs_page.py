"""The list of runs: renaming, deleting, other visitors' and damaged ones."""

import pytest

from aecore.export import EXPORTS
from aecore.jobs.work import work
from aecore.runs import store
from tests.helpers import small_config
from tests.pages.helpers import open_page, shown


def test_a_network_that_learned_nothing_is_no_plain_done(own_pool):
    config = small_config(
        "stacked", epochs=1, learning_rate=1e-6
    )  # it stays at the mean image, where it begins
    made = store.create(
        own_pool.root, variant_name="stacked", dataset="digits", config=config, seed=0
    )
    work(made)
    assert made.state.status == "done" and made.state.message.startswith(
        "The network has hardly begun to learn: its error of 0.0"
    )
    at = open_page("runs")
    (caption,) = [shown(each.value) for each in at.caption if "Stacked" in each.value]
    assert (
        "Done, with a warning" in caption.replace("\u00a0", " ")
        and "hardly begun to learn" in caption
    )


@pytest.mark.parametrize("place", ["America", "x" * 300, "Nowhere/Town", None, "Europe/Berlin"])
def test_any_time_zone_a_browser_may_name_gives_a_time(place, monkeypatch):
    from ui.views import runs

    monkeypatch.setattr(runs.st, "context", type("Context", (), {"timezone": place}))
    assert runs._when(0.0) == (
        "1970-01-01 01:00" if place == "Europe/Berlin" else "1970-01-01 00:00 UTC"
    )


def test_runs_are_listed_renamed_and_deleted(run, own_pool):
    at = open_page("runs")
    assert any("Variational" in link.proto.label for link in at.get("page_link"))
    at.get_by_key(f"name.{run.id}").set_value(
        "*My* first"
    )  # a form sends its fields with its button
    at.get_by_key(f"save.{run.id}").click().run()
    assert store.open_run(own_pool.root, run.id).spec.name == "*My* first"
    for name, letters in (("x" * 81, 81), ("  ", 0)):
        at.get_by_key(f"name.{run.id}").set_value(name)
        at.get_by_key(f"save.{run.id}").click().run()
        assert f"The name has {letters} characters; expected 1 to 80." in at.error[0].value
    assert store.open_run(own_pool.root, run.id).spec.name == "*My* first"
    at.get_by_key(f"sure.{run.id}").click().run()
    assert not store.listing(own_pool.root) and not at.exception


def test_a_run_without_results_offers_what_it_has_and_says_what_is_missing(run):
    downloads = {each.proto.label: each.proto for each in open_page("runs").get("download_button")}
    assert len(downloads) == len(EXPORTS) and not any(each.disabled for each in downloads.values())
    (run.path / "results.json").unlink()
    shown = {each.proto.label: each.proto for each in open_page("runs").get("download_button")}
    missing = shown["The network as safetensors, with a few test images"]
    assert missing.disabled and "has no results yet. Train it to its end" in missing.help
    assert not shown["Settings, figures, history and weights as a ZIP"].disabled


def test_another_visitors_run_can_be_watched_but_not_touched(run, own_pool):
    theirs = store.create(
        own_pool.root,
        variant_name="stacked",
        dataset="digits",
        config=small_config("stacked"),
        seed=0,
        owner="f" * 32,
    )
    own_pool.submit(theirs)
    at = open_page("stacked", run=theirs.id)
    assert any("watch it, not steer it" in caption.value for caption in at.caption)
    with pytest.raises(KeyError):
        at.get_by_key("stacked.stop")
    assert theirs.spec.name not in str(
        [link.proto.label for link in open_page("runs").get("page_link")]
    )


def test_a_damaged_run_does_not_take_the_runs_page_with_it(run, own_pool):
    (own_pool.root / ("e" * 32)).mkdir()
    at = open_page("runs")
    assert "is damaged" in at.warning[0].value and len(at.get("page_link")) >= 1
