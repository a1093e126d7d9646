"""Data that are not here, and words that a visitor must not see."""

import json
import shutil

from tests.pages.helpers import open_page, shown


def test_data_that_is_not_here_offers_to_fetch_and_digits_stay(monkeypatch):
    monkeypatch.delenv("AUTOENCODER_LAB_DATA", raising=False)
    at = open_page("stacked")
    at.get_by_key("stacked.stacked.dataset").set_value("fashion_mnist").run()
    assert at.get_by_key("stacked.stacked.dataset.fetch").label == "Fetch Fashion-MNIST"
    assert at.get_by_key("stacked.stacked.train").disabled
    at.get_by_key("stacked.stacked.dataset").set_value("digits").run()
    assert not at.get_by_key("stacked.stacked.train").disabled


def test_a_run_whose_data_are_not_here_says_what_to_press(run, own_pool, monkeypatch):
    """On its lesson, in Generate and in Compare: no flag, no folder, no error.

    And its settings stay readable.
    """
    monkeypatch.delenv("AUTOENCODER_LAB_DATA", raising=False)
    for name in ("run.json", "results.json"):
        path = run.path / name
        path.write_text(path.read_text().replace('"digits"', '"fashion_mnist"'))
    other = own_pool.root / ("a" * 32)
    shutil.copytree(run.path, other)
    (other / "run.json").write_text((other / "run.json").read_text().replace(run.id, other.name))
    for page, query in (
        ("variational", {"run": run.id}),
        ("generate", {"run": run.id}),
        ("compare", {"runs": f"{run.id},{other.name}"}),
    ):
        at = open_page(page, **query)
        (said,) = [shown(info.value) for info in at.info if "need its data" in info.value]
        assert (
            "Fashion-MNIST is not on this machine" in said and "press Fetch Fashion-MNIST" in said
        )
        assert "aecore" not in said and "AUTOENCODER" not in said and not at.error
    assert (
        open_page("variational", run=run.id)
        .get_by_key("variational.variational.dataset.fetch")
        .label
        == "Fetch Fashion-MNIST"
    )


def test_what_a_page_says_knows_no_internal_names(run, own_pool):
    settings = json.loads((run.path / "run.json").read_text())
    settings["config"]["leak_rate"] = 1
    (run.path / "run.json").write_text(json.dumps(settings))
    said = shown(open_page("variational", run=run.id).warning[0].value)
    assert (
        "is damaged: 'run.json' has settings that this version of the lab does not know" in said
        and "hidden_sizes" not in said
    )
    assert "'train'" not in shown(open_page("stacked", run="0" * 32).warning[0].value)
