"""The diagnosis on a run's page: its sentence, and the buttons that set what it advises."""

import pytest

from aecore.jobs.work import work
from aecore.runs import store
from aecore.training.loop import Diverged
from tests.helpers import place, small_config
from tests.pages.helpers import open_page, shown


def ended(pool, **values):
    """A small run of the pool's, trained to its end."""
    config = small_config("stacked", **values)
    run = store.create(pool.root, variant_name="stacked", dataset="digits", config=config, seed=0)
    try:
        work(run)
    except Diverged:
        assert run.state.status == "diverged"
    return run


def said(at, words):
    return any(words in shown(each.value) for each in at.markdown)


@pytest.fixture
def slow(own_pool):
    """A run whose rate was too small."""
    return ended(own_pool, epochs=2, learning_rate=1e-4)


@pytest.mark.parametrize("page", ["stacked", "lab"])
def test_a_remedy_sets_the_control_and_trains_nothing(slow, own_pool, page):
    at = open_page(page, run=slow.id)
    assert said(at, "it was still learning")
    button = at.get_by_key(f"{page}.stacked.remedy.0")
    assert button.label == "Set a learning rate of 0.003"
    button.click().run()
    assert not at.exception
    assert at.get_by_key(f"{page}.stacked.learning_rate").value == 0.003
    assert at.get_by_key(f"{page}.stacked.codings_size").value == 8  # the others stay
    assert any("Set: a learning rate of 0.003" in shown(each.value) for each in at.toast)
    told = [each.value for each in at.caption if "settings now differ" in each.value]
    assert told and "Learning rate 0.003 (run: 0.0001)" in shown(told[0])
    assert slow.state.status == "done" and len(store.listing(own_pool.root)) == 1
    assert said(at, "it was still learning")  # it is still this run's page


def test_epochs_more_are_queued_by_their_button(slow, own_pool):
    at = open_page("stacked", run=slow.id)
    button = at.get_by_key("stacked.stacked.remedy.1")
    assert button.label == "Train 2 epochs more"
    button.click().run()
    assert not at.exception and slow.state.extra_epochs == 2 and place(own_pool, slow.id) == 1
    assert not said(at, "it was still learning")


def test_who_may_not_change_a_run_is_not_offered_to_train_it_further(slow, monkeypatch):
    from ui import session

    monkeypatch.setattr(session, "may_change", lambda run: False)
    at = open_page("stacked", run=slow.id)
    labels = [button.label for button in at.button]
    assert "Set a learning rate of 0.003" in labels and "Train 2 epochs more" not in labels


def test_a_diverged_run_offers_a_smaller_rate(own_pool):
    run = ended(own_pool, learning_rate=10.0, output="linear", activation="relu",
                hidden_sizes=(500, 500, 500))  # fmt: skip
    at = open_page("stacked", run=run.id)
    assert said(at, "The loss stopped being a number at step ")
    at.get_by_key("stacked.stacked.remedy.0").click().run()
    assert at.get_by_key("stacked.stacked.learning_rate").value == 0.003


def test_nothing_is_said_of_a_training_that_went_well(own_pool):
    run = ended(own_pool, epochs=3)
    at = open_page("stacked", run=run.id)
    assert not run.state.message
    assert not [button for button in at.button if button.key and ".remedy." in button.key]
