"""A lesson's page: its controls, its training, and the run that is open on it."""

import os

import pytest

from aecore.jobs.work import work
from aecore.models import variants
from aecore.runs import store
from aecore.runs.statuses import Status
from tests.helpers import place
from tests.pages.helpers import PAGES, open_page, shown


def benches(name):
    """A variant's benches: in the Lab, and in its lesson if it has one. Each with its page."""
    lab = open_page("lab")
    lab.get_by_key("lab.variant").set_value(name).run()
    assert not lab.exception
    return [("lab", lab), *([(name, open_page(name))] if name in PAGES else [])]


@pytest.mark.parametrize("name", list(variants()))
@pytest.mark.whole
def test_every_hyperparameter_has_its_control(name):
    for page, at in benches(name):
        for field, control in variants()[name].Config.declared().items():
            if control.when is None and len(control.choices) != 1:
                assert at.get_by_key(f"{page}.{name}.{field}") is not None, field


@pytest.mark.parametrize("name", list(variants()))
@pytest.mark.whole
def test_presets_fill_the_controls(name):
    cls = variants()[name]
    for page, at in benches(name):
        for preset, about in cls.presets.items():
            at.get_by_key(f"{page}.{name}.preset").set_value(preset).run()
            assert not at.exception
            config = cls.Config.build(about.values)
            assert at.get_by_key(f"{page}.{name}.learning_rate").value == config.learning_rate
            assert at.get_by_key(f"{page}.{name}.codings_size").value == config.codings_size


def test_a_setting_that_is_wrong_gets_a_sentence_and_train_waits():
    at = open_page("stacked")
    at.get_by_key("stacked.stacked.hidden_sizes").set_value("many").run()
    assert "Hidden layers is 'many'; expected whole numbers" in shown(at.error[0].value)
    assert at.get_by_key("stacked.stacked.train").disabled
    at.get_by_key("stacked.stacked.hidden_sizes").set_value("64").run()
    assert not at.error and not at.get_by_key("stacked.stacked.train").disabled


def test_train_queues_a_run_with_the_controls_settings_and_puts_it_into_the_address(own_pool):
    at = open_page("sparse")
    at.get_by_key("sparse.sparse.codings_size").set_value(77).run()
    at.get_by_key("sparse.sparse.train").click().run()
    assert not at.exception
    (made,) = store.listing(own_pool.root)
    assert (
        made.config.codings_size == 77
        and made.state.status == "queued"
        and place(own_pool, made.id) == 1
    )
    assert at.query_params["run"] == [made.id] or at.query_params["run"] == made.id
    at.get_by_key("sparse.stop").click().run()
    assert made.state.status == "stopped"


def test_another_variant_in_the_lab_lets_go_of_the_open_run(run):
    at = open_page("lab", run=run.id)
    at.get_by_key("lab.variant").set_value("tied").run()
    assert not at.exception and "run" not in at.query_params and at.get_by_key("lab.tied.train")


@pytest.mark.parametrize("run", ["stacked", "greedy"], indirect=True)
def test_train_more_queues_the_run_for_as_many_epochs_again(run, own_pool):
    at = open_page(run.spec.variant, run=run.id)
    at.get_by_key(f"{run.spec.variant}.more").click().run()
    assert (
        not at.exception
        and run.state.status == "queued"
        and run.state.extra_epochs == 1
        and place(own_pool, run.id) == 1
    )
    work(run)
    assert run.state.status == "done" and run.results()["epochs"] == (
        2 if run.spec.variant == "stacked" else 4
    )


def test_what_was_set_otherwise_than_the_preset_is_said_and_taken_back():
    at = open_page("stacked")
    assert not any("Changed" in each.value for each in at.caption)
    at.get_by_key("stacked.stacked.codings_size").set_value(77).run()
    assert any("**Changed** from “Recommended”: Codings." in each.value for each in at.caption)
    at.get_by_key("stacked.stacked.preset").set_value(None).run()  # clicked again
    assert at.get_by_key("stacked.stacked.preset").value == "recommended"
    assert not any("Changed" in each.value for each in at.caption)
    assert (
        at.get_by_key("stacked.stacked.codings_size").value
        == variants()["stacked"].Config().codings_size
    )


def test_a_run_opens_in_the_lab_with_its_settings(run):
    at = open_page("lab", run=run.id)
    assert at.session_state["lab.variant"] == "variational"
    assert at.get_by_key("lab.variational.hidden_sizes").value == "32"


@pytest.mark.parametrize("run", ["sparse"], indirect=True)
def test_the_rate_slider_says_what_it_sets_and_shows_what_was_asked_on_any_page(run, own_pool):
    assert run.config.schedule != "constant"
    run.queue()
    run.move(Status.RUNNING, pid=os.getpid())
    at = open_page("sparse", run=run.id)
    slider = at.get_by_key(f"{run.id}.rate")
    assert (
        slider.label == "Peak rate"
        and "times the schedule's share" in slider.help
        and slider.value == run.config.learning_rate
    )
    own_pool.ask(run, "learning_rate", 0.0005)  # in another tab
    at.run()
    assert at.get_by_key(f"{run.id}.rate").value == 0.0005
    at.get_by_key(f"{run.id}.rate").set_value(0.002).run()
    at.get_by_key(f"{run.id}.slow").set_value(True).run()
    assert run.state.rate == 0.002 and run.state.steps_per_second and not at.exception
    assert [command.command for command in run.commands(0)[0]] == [
        "learning_rate",
        "learning_rate",
        "steps_per_second",
    ]


def test_a_run_with_other_settings_than_the_bench_is_distinguished(run):
    """Nothing is said while they agree; a changed control, another seed.

    What the bench has, and what the run had.
    """
    at = open_page("variational", run=run.id)

    def said() -> str:
        return " ".join(
            shown(each.value)
            for each in at.caption
            if "settings now differ from this run" in each.value
        )

    assert not said()
    at.get_by_key("variational.variational.codings_size").set_value(3)
    at.get_by_key("variational.variational.seed").set_value(7)
    at.run()
    assert "Codings 3 (run: 8)" in said() and "Seed 7 (run: 0)" in said() and "Epochs" not in said()


@pytest.mark.parametrize("run_id", ["0" * 32, "../../etc/passwd", "<script>"])
def test_a_wrong_address_gets_a_sentence(run_id):
    at = open_page("stacked", run=run_id)
    assert "There is no run" in shown(at.warning[0].value) and "<script>" not in at.warning[0].value


def test_a_run_on_the_wrong_page_gets_a_sentence(run):
    assert "is a Variational one, not Tied weights" in shown(
        open_page("tied", run=run.id).warning[0].value
    )
