"""Every page, walked by Streamlit's own test runner; none may raise, each must have a title and work empty."""

import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from aecore.jobs.work import work
from aecore.models import variants
from aecore.network import load_network
from aecore.runs import store
from aecore.runs.statuses import Status
from tests.helpers import place, small_config

ROOT = Path(__file__).parent.parent
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


@pytest.fixture(autouse=True)
def own_pool(own_home, monkeypatch):
    """A pool without workers over the test's own folder: pages are looked at here, trainings in test_jobs and in the browser."""
    from aecore.jobs.pool import Pool
    from ui import session

    pool = Pool(store.default_root(), max_concurrent_runs=0)
    monkeypatch.setattr(session, "pool", lambda: pool)
    monkeypatch.setattr("ui.server.live_socket.pool", lambda: pool)
    monkeypatch.setattr("ui.waiting.pool_if_started", lambda: pool)
    return pool


def open_page(page: str, **query: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    if page != "home":
        at.switch_page(f"pages/{page}.py").run()
    assert not at.exception, [error.message for error in at.exception]
    return at


def shown(words: str) -> str:
    """Markdown's escapes as the page shows them."""
    return words.replace("\\", "")


def components(at: AppTest) -> list[str]:
    return [node.proto.component_name for node in at.get("bidi_component")]


@pytest.fixture
def run(request, own_pool):
    """A finished small run of the variant the test names."""
    name = getattr(request, "param", "variational")
    made = store.create(
        own_pool.root,
        variant_name=name,
        dataset="digits",
        config=small_config(name, epochs=1),
        seed=0,
    )
    work(made)
    return made


@pytest.mark.parametrize("page", PAGES)
def test_page_opens_empty(page):
    at = open_page(page)
    assert len(at.title) == 1 and not at.error


def test_every_variant_of_the_lab_has_its_written_lesson_and_every_page_is_in_the_navigation():
    assert set(variants()) <= set(PAGES)
    app = (ROOT / "app.py").read_text()
    assert all(page in variants() or f'"pages/{page}.py"' in app for page in PAGES)


def test_home_has_a_working_explorer_and_a_card_for_each_variant():
    at = open_page("home")
    assert components(at) == ["lab_network", "lab_chart_ahead"]
    assert {f"**{cls.title}**" for cls in variants().values()} <= {
        link.proto.label for link in at.get("page_link")
    }


@pytest.mark.parametrize("name", list(variants()))
def test_every_hyperparameter_has_its_control(name):
    at = open_page(name)
    for field, control in variants()[name].Config.declared().items():
        if control.when is None and len(control.choices) != 1:
            assert at.get_by_key(f"{name}.{name}.{field}") is not None, field


@pytest.mark.parametrize("name", list(variants()))
def test_presets_fill_the_controls(name):
    at = open_page(name)
    cls = variants()[name]
    for preset, about in cls.presets.items():
        at.get_by_key(f"{name}.{name}.preset").set_value(preset).run()
        assert not at.exception
        config = cls.Config.build(about.values)
        assert at.get_by_key(f"{name}.{name}.learning_rate").value == config.learning_rate
        assert at.get_by_key(f"{name}.{name}.codings_size").value == config.codings_size


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


@pytest.mark.parametrize("run", list(variants()), indirect=True)
def test_a_finished_run_opens_on_its_page_with_every_tab(run):
    at = open_page(run.spec.variant, run=run.id)
    assert "lab_live_chart" in components(at)
    for tab in ("Features", "Codings", "Generate", "Figures"):
        at.session_state[f"{run.id}.tabs"] = tab
        at.run()
        assert not at.exception, (tab, [error.message for error in at.exception])
        assert {"Generate": "lab_network", "Codings": "lab_chart"}.get(
            tab, "lab_live_chart"
        ) in components(at)
        if tab == "Features":  # opens on what says something; the raw weights are there too
            stage = at.get_by_key(f"{run.id}.f.stage")
            assert (
                "what they draw" if len(run.network().decoder) == 1 else "what excites them"
            ) in stage.value
            assert any(option.endswith("by their weights") for option in stage.options)


def test_a_network_that_learned_nothing_is_no_plain_done(own_pool):
    config = small_config(
        "stacked", epochs=1, learning_rate=1e-6
    )  # it stays at the mean image, where it begins
    made = store.create(
        own_pool.root, variant_name="stacked", dataset="digits", config=config, seed=0
    )
    work(made)
    assert made.state.status == "done" and made.state.message.startswith(
        "The network collapsed: its error of 0.0"
    )
    at = open_page("runs")
    (told,) = [shown(each.value) for each in at.caption if "Stacked" in each.value]
    assert "Done, with a warning" in told.replace("\u00a0", " ") and "The network collapsed" in told


def test_variational_runs_are_compared_by_their_bounds_and_all_by_one_noise_level(own_pool):
    made = {}
    for weight in (5.0, 0.1, 1.0):
        run = store.create(
            own_pool.root, variant_name="variational", dataset="digits", config=small_config("variational", epochs=1, latent_weight=weight), seed=0, name=f"{weight}"
        )  # fmt: skip
        work(run)
        made[run.spec.name] = (run.id, run.results()["test"])
    table = (
        open_page("compare", runs=",".join(run_id for run_id, _ in made.values()))
        .dataframe[0]
        .value
    )
    best_first = sorted(made, key=lambda name: made[name][1]["bound"])
    assert list(table["run"]) == best_first != sorted(made, key=lambda name: made[name][1]["loss"])
    assert list(table["mse at noise 0.4"]) == [
        made[name][1]["mse_at_noise_0.4"] for name in best_first
    ]


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
    at.get_by_key(f"{run.id}.r.kind").set_value("dropped pixels").run()
    assert not at.exception and at.get_by_key(f"{run.id}.r.kept").value == 0.7
    before = at.markdown[-1].value
    at.get_by_key(f"{run.id}.r.rescale").set_value(True).run()
    assert not at.exception and at.markdown[-1].value != before


def test_runs_on_ones_own_images_are_compared(own_pool, tmp_path, monkeypatch, digits):
    np.save(tmp_path / "mine.npy", digits.train.x[:1000].reshape(-1, 28, 28))
    monkeypatch.setenv("AUTOENCODER_LAB_DATA", str(tmp_path))
    made = []
    for seed in (0, 1):
        made.append(
            store.create(
                own_pool.root,
                variant_name="stacked",
                dataset="mine",
                config=small_config("stacked", epochs=1),
                seed=seed,
            )
        )
        work(made[-1])
    at = open_page("compare", runs=",".join(each.id for each in made))
    assert not at.exception and len(at.dataframe[0].value) == 2
    assert any("The same test images" in each.value for each in at.subheader)


def test_what_was_set_otherwise_than_the_preset_is_said():
    at = open_page("stacked")
    assert not any("Changed" in each.value for each in at.caption)
    at.get_by_key("stacked.stacked.codings_size").set_value(77).run()
    assert any("**Changed** from “Recommended”: Codings." in each.value for each in at.caption)


def test_a_run_opens_in_the_lab_with_its_settings(run):
    at = open_page("lab", run=run.id)
    assert at.session_state["lab.variant"] == "variational"
    assert at.get_by_key("lab.variational.hidden_sizes").value == "32"


def test_the_command_line_is_called_the_same_run_only_where_it_is(run):
    def told() -> str:
        at = open_page("variational", run=run.id)
        at.session_state[f"{run.id}.tabs"] = "Figures"
        at.run()
        assert not at.exception
        return " ".join(
            [*(shown(each.value) for each in at.markdown), *(each.value for each in at.code)]
        )

    assert (
        "The same run from the command line" in told()
        and "train variational" in told()
        and "What was done" not in told()
    )
    run.queue(extra_epochs=2)
    run.command("learning_rate", 0.0005)
    assert "as long as nothing is turned" not in told()  # it was given more epochs
    run.command("stop")
    work(run)
    words = told()
    assert (
        "The same run from its record" in words
        and "given more epochs after its end" in words
        and "train --record" in words
    )
    assert "2 epochs more" in words and ": stopped" in words and "train variational" not in words


def test_a_run_of_an_earlier_version_is_not_said_to_have_a_record(run):
    spec = json.loads((run.path / "run.json").read_text())
    (run.path / "run.json").write_text(json.dumps(spec | {"schema_version": 2}))
    run.update(rate_turned=True)
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


@pytest.mark.parametrize("run", ["sparse"], indirect=True)
def test_the_dial_says_what_it_sets_and_shows_what_was_asked_on_any_page(run, own_pool):
    assert run.config.schedule != "constant"
    run.queue()
    run.move(Status.RUNNING, pid=os.getpid())
    at = open_page("sparse", run=run.id)
    dial = at.get_by_key(f"{run.id}.rate")
    assert (
        dial.label == "Peak rate"
        and "times the schedule's share" in dial.help
        and dial.value == run.config.learning_rate
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


def test_a_run_with_other_settings_than_the_bench_is_told_apart(run):
    """Nothing is said while they agree; a turned control, another seed: what the run had, and what the bench has."""
    at = open_page("variational", run=run.id)

    def told() -> str:
        return " ".join(
            shown(each.value)
            for each in at.caption
            if "other settings than the bench" in each.value
        )

    assert not told()
    at.get_by_key("variational.variational.codings_size").set_value(3)
    at.get_by_key("variational.variational.seed").set_value(7)
    at.run()
    assert (
        "Codings 8 (bench: 3)" in told()
        and "Seed 0 (bench: 7)" in told()
        and "Epochs" not in told()
    )


def test_a_bad_number_of_slots_is_told_in_a_sentence_in_place_of_the_page(monkeypatch):
    """By app.py, before any page is drawn (the test runner's switch_page would leave app.py out)."""
    monkeypatch.setenv("AUTOENCODER_LAB_SLOTS", "many")
    at = open_page("home")
    assert "expected a whole number from 1 to 64" in shown(at.error[0].value) and not at.title


@pytest.mark.parametrize("run_id", ["0" * 32, "../../etc/passwd", "<script>"])
def test_a_wrong_address_gets_a_sentence(run_id):
    at = open_page("stacked", run=run_id)
    assert "There is no run" in shown(at.warning[0].value) and "<script>" not in at.warning[0].value


def test_a_run_on_the_wrong_page_gets_a_sentence(run):
    assert "is a Variational one, not Tied weights" in shown(
        open_page("tied", run=run.id).warning[0].value
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
    at.get_by_key(f"sure.{run.id}").click().run()
    assert not store.listing(own_pool.root) and not at.exception


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


def test_two_runs_are_compared(run, own_pool):
    other = store.create(
        own_pool.root,
        variant_name="tied",
        dataset="digits",
        config=small_config("tied", epochs=1),
        seed=1,
    )
    work(other)
    at = open_page("compare", runs=f"{run.id},{other.id}")
    assert "lab_chart" in components(at) and len(at.dataframe) == 2
    differing = at.dataframe[1].value
    assert "Variant" in set(differing["setting"]) and "Codings" not in set(differing["setting"])


def test_a_trained_network_generates(run):
    at = open_page("generate", run=run.id)
    assert at.get_by_key("generate.network").value == run.id and "lab_network" in components(at)


def test_data_that_is_not_here_offers_to_fetch_and_digits_stay(monkeypatch):
    monkeypatch.delenv("AUTOENCODER_LAB_DATA", raising=False)
    at = open_page("stacked")
    at.get_by_key("stacked.stacked.dataset").set_value("fashion_mnist").run()
    assert at.get_by_key("stacked.stacked.dataset.fetch").label == "Fetch Fashion-MNIST"
    assert at.get_by_key("stacked.stacked.train").disabled
    at.get_by_key("stacked.stacked.dataset").set_value("digits").run()
    assert not at.get_by_key("stacked.stacked.train").disabled


def test_a_run_whose_data_are_not_here_says_what_to_press(run, own_pool, monkeypatch):
    """On its lesson, in Generate and in Compare: no flag, no folder, no error; and its settings stay readable."""
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


def test_settings_that_differ_are_in_the_pages_words(run, own_pool):
    config = small_config("variational", epochs=1, posterior="sigma")
    other = store.create(
        own_pool.root, variant_name="variational", dataset="digits", config=config, seed=0
    )
    work(other)
    differing = open_page("compare", runs=f"{run.id},{other.id}").dataframe[1].value
    assert "log variance" in differing.to_string() and "log_var" not in differing.to_string()
