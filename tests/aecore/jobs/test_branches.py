"""A branch goes on from a moment of another run: with nothing changed it is that run.

Longer than other files: one contract, for the worker, the record and the command line.
"""

import json
import threading

import numpy as np
import pytest

from aecore.data import sources
from aecore.errors import LabError
from aecore.jobs.work import work
from aecore.runs.branches import branch, check
from aecore.runs.history import History
from aecore.runs.records import Moment
from aecore.training.events import EpochEnded, Steps
from tests.helpers import made, run_cli, same_weights, small_config, status, wait_for

CHANGED = [
    ("stacked", {"schedule": "cosine"}, Moment(phase=0, step=20)),
    ("variational", {"schedule": "restart"}, Moment(phase=0, step=1)),
    ("denoising", {}, Moment(phase=0, step=0)),
    ("greedy", {}, Moment(phase=1, step=10)),
]


@pytest.fixture
def digits():
    return sources.load("digits")


def trained(tmp_path, name="stacked", **values):
    run = made(tmp_path, name, seed=3, **({"batch_size": 200, "epochs": 3} | values))
    work(run)
    assert status(run) == "done"
    return run


def branched(run, moment, dataset, config=None, seed=3):
    made_from = branch(
        run.path.parent, run, moment, config=config or run.config, dataset=dataset, seed=seed
    )
    work(made_from)
    return made_from


def losses_of(run):
    """Each step's loss terms, each once: by phase and step."""
    found = {}
    for event in run.events():
        if isinstance(event, Steps):
            taken = len(next(iter(event.terms.values())))
            for i in range(taken):
                found[event.phase, event.step - taken + i + 1] = {
                    name: float(values[i]) for name, values in event.terms.items()
                }
    return found


@pytest.mark.parametrize(("name", "values", "moment"), CHANGED)
@pytest.mark.whole
def test_with_nothing_changed_it_is_the_run_that_it_left_bit_for_bit(
    tmp_path, digits, name, values, moment
):
    run = trained(tmp_path, name, **values)
    again = branched(run, moment, digits)
    assert status(again) == "done" and same_weights(run, again)
    assert losses_of(again) == losses_of(run)
    assert again.results()["test"] == run.results()["test"]
    assert History(again.path).places() == History(run.path).places()
    assert again.results()["origin"] == {
        "run_id": run.id, "name": run.spec.name, "phase": moment.phase, "step": moment.step,
        "same_weights": True,
    }  # fmt: skip


@pytest.mark.whole
def test_its_own_settings_hold_from_that_moment_on_and_not_before(tmp_path, digits):
    run = trained(tmp_path, "denoising", noise_level=0.2)
    moment = Moment(phase=0, step=20)
    config = run.config.model_copy(update={"noise_level": 0.9, "learning_rate": 0.0001})
    other = branched(run, moment, digits, config)
    before, after = losses_of(run), losses_of(other)
    assert all(before[0, step] == after[0, step] for step in range(1, 21))
    assert all(before[0, step] != after[0, step] for step in range(21, 30))
    kept = [History(each.path).network((0, 20)).fingerprint for each in (run, other)]
    assert kept[0] == kept[1]
    rates = [each.learning_rate for each in other.events() if isinstance(each, Steps)]
    assert max(rates[-3:]) <= 0.0001 < max(rates)


def test_another_seed_gives_another_future(tmp_path, digits):
    run = trained(tmp_path)
    other = branched(run, Moment(phase=0, step=20), digits, seed=4)
    before, after = losses_of(run), losses_of(other)
    assert before[0, 20] == after[0, 20] and before[0, 21] != after[0, 21]


def test_from_the_end_it_takes_the_checkpoint_and_trains_on(tmp_path, digits):
    run = trained(tmp_path, schedule="constant")
    (*_, last) = [each for each in run.events() if isinstance(each, EpochEnded)]
    longer = run.config.model_copy(update={"epochs": 5})
    other = branch(
        run.path.parent,
        run,
        Moment(phase=0, step=last.step),
        config=longer,
        dataset=digits,
        seed=3,
    )
    assert not other.origins_left() and same_weights(run, other)  # before any training
    work(other)
    whole = made(tmp_path, "stacked", seed=3, batch_size=200, epochs=5, schedule="constant")
    work(whole)
    assert same_weights(other, whole) and losses_of(other) == losses_of(whole)
    assert other.results()["epochs"] == 5


def test_what_was_done_to_the_origin_before_is_repeated_and_later_changes_are_not(tmp_path, digits):
    run = made(tmp_path, seed=3, batch_size=200, epochs=3, schedule="constant")

    def change(event):
        if isinstance(event, Steps) and event.step in (10, 20):
            run.command("learning_rate", 0.01 if event.step == 10 else 0.0001)

    work(run, None, change)
    run.queue(extra_epochs=1)
    work(run)
    other = branched(run, Moment(phase=0, step=20), digits)
    before, after = losses_of(run), losses_of(other)
    assert all(before[0, step] == after[0, step] for step in range(1, 21))
    assert before[0, 25] != after[0, 25]  # the run's rate was lowered at step 20
    assert other.state.rate is None and other.state.extra_epochs == 0
    added = branched(
        run,
        Moment(phase=0, step=max(step for _, step in before)),
        digits,
        run.config.model_copy(update={"epochs": 6}),
    )
    assert losses_of(added)[0, 25] == before[0, 25]  # both changes, and the added epoch


@pytest.mark.whole
def test_a_branch_of_a_branch_repeats_exactly(tmp_path, digits):
    run = trained(tmp_path, "variational")
    higher = run.config.model_copy(update={"latent_weight": 4.0})
    first = branched(run, Moment(phase=0, step=16), digits, higher)
    second = branched(first, Moment(phase=0, step=25), digits)
    assert same_weights(first, second)
    shared = branched(second, Moment(phase=0, step=10), digits, run.config)
    assert shared.spec.origin.run_id == run.id and same_weights(shared, run)
    file = tmp_path / "record.json"
    file.write_text(second.record().model_dump_json())
    replayed = run_cli("train", "--record", str(file), "--runs", str(tmp_path / "replayed"))
    assert "bit for bit" in replayed.stdout, replayed.stderr


def test_stopped_while_it_repeats_it_goes_on_to_the_same_end(tmp_path, digits):
    run = trained(tmp_path, schedule="constant")
    config = run.config.model_copy(update={"learning_rate": 0.01})
    moment = Moment(phase=0, step=25)
    straight = branched(run, moment, digits, config)
    other = branch(run.path.parent, run, moment, config=config, dataset=digits, seed=3)

    def stop(event):
        if isinstance(event, Steps) and event.step == 13:
            other.command("learning_rate", 0.5)  # of a page drawn before: not its origin's rate
            other.command("stop")

    work(other, None, stop)
    assert status(other) == "stopped" and other.origins_left() and other.state.repeating
    stored = other.record().end
    assert stored.step < 25 and other.record().run_id == run.id
    other.update(rate=None)
    other.queue()
    work(other)
    assert status(other) == "done" and not other.state.repeating and same_weights(straight, other)


def test_the_origin_may_be_deleted(tmp_path, digits):
    run = trained(tmp_path)
    straight = branched(run, Moment(phase=0, step=16), digits)
    other = branch(
        run.path.parent, run, Moment(phase=0, step=16), config=run.config, dataset=digits, seed=3
    )
    run.delete()
    work(other)
    assert same_weights(straight, other)


AN_EPOCH = 65  # steps, of the digits in batches of 200
REFUSED = [
    ({"codings_size": 9}, (0, AN_EPOCH), "expected layers of the same shapes"),
    ({"hidden_sizes": (33,)}, (0, AN_EPOCH), "expected layers of the same shapes"),
    ({"batch_size": 100}, (0, AN_EPOCH), "The batch size is 100; expected the run's, 200"),
    ({"epochs": 1}, (0, AN_EPOCH), "Step 65 is where 1 epoch end, or beyond"),
    ({"epochs": 1}, (0, AN_EPOCH + 1), "Step 66 is where 1 epoch end, or beyond"),
    ({}, (0, 3 * AN_EPOCH), "Step 195 is where 3 epochs end, or beyond"),
    ({"fine_tune_epochs": 0}, (2, 5), "The phases before that moment have other epochs"),
    ({"epochs": 2}, (1, 5), "The phases before that moment have other epochs"),
]


@pytest.mark.parametrize(("values", "place", "words"), REFUSED)
def test_what_does_not_fit_gets_one_sentence(tmp_path, digits, values, place, words):
    name = "greedy" if place[0] else "stacked"
    run = made(tmp_path, name, seed=3, batch_size=200, epochs=3)
    config = small_config(name, **({"batch_size": 200, "epochs": 3} | values))
    with pytest.raises(LabError, match=words):
        check(run, Moment(phase=place[0], step=place[1]), config, digits)


def test_what_fits_is_not_refused(tmp_path, digits):
    run = made(tmp_path, seed=3, batch_size=200, epochs=3)
    for values, step in [
        ({}, 3 * AN_EPOCH - 1),
        ({"epochs": 4}, 3 * AN_EPOCH),
        ({"epochs": 1}, 64),
    ]:
        config = small_config("stacked", **({"batch_size": 200, "epochs": 3} | values))
        check(run, Moment(phase=0, step=step), config, digits)


@pytest.mark.whole
def test_the_command_line_branches_with_the_runs_settings_and_its_own_flags(tmp_path):
    run = trained(tmp_path, "variational")
    where = ("--runs", str(run.path.parent), "--json")
    moment = ("--origin", run.id[:8], "--at", "16")
    done = run_cli("train", "variational", *moment, "--latent-weight", "3", *where)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert results["config"] == run.results()["config"] | {"latent_weight": 3.0}
    assert results["origin"]["run_id"] == run.id and results["origin"]["step"] == 16
    assert not np.isclose(results["test"]["mse"], run.results()["test"]["mse"])
    for flags, words in [
        (("--origin", run.id, "--at", "soon"), "--at is 'soon'; expected a step"),
        (("--at", "16"), "expected --origin RUN beside it"),
        (("--origin", run.id), "or beyond; expected more epochs"),
    ]:
        refused = run_cli("train", "variational", *flags, *where)
        assert refused.returncode == 2 and words in refused.stderr
    refused = run_cli("train", "stacked", "--origin", run.id, *where)
    assert "is variational; expected one that is stacked" in refused.stderr


def test_single_steps_across_the_moment_stay_paused(tmp_path, digits):
    run = trained(tmp_path)
    other = branch(
        run.path.parent, run, Moment(phase=0, step=10), config=run.config, dataset=digits, seed=3
    )

    def pause(event):
        if isinstance(event, Steps) and event.step == 8:
            other.command("pause")

    worker = threading.Thread(target=work, args=(other, None, pause), daemon=True)
    worker.start()
    wait_for(lambda: status(other) == "paused")
    for _ in range(4):
        asked = other.command("step").asked
        wait_for(lambda: other.state.carried_out >= asked)  # noqa: B023
        assert status(other) == "paused"
    assert not other.state.repeating and max(step for _, step in losses_of(other)) > 10
    other.command("resume")
    wait_for(lambda: status(other) in ("running", "done"))
    worker.join()
    assert status(other) == "done" and same_weights(run, other)


def test_a_moment_that_the_run_has_not_come_to_is_refused(tmp_path, digits):
    run = made(tmp_path, seed=3, batch_size=200, epochs=3)
    with pytest.raises(LabError, match="has not come to step 10"):
        branch(
            run.path.parent, run, Moment(phase=0, step=10), config=run.config, dataset=digits,
            seed=3,
        )  # fmt: skip


def test_other_weights_at_the_moment_are_said(tmp_path, digits):
    run = trained(tmp_path)
    kept = History(run.path)
    kept.file((0, 10)).write_bytes(kept.file((0, 13)).read_bytes())  # as if trained elsewhere
    other = branched(run, Moment(phase=0, step=10), digits)
    assert other.results()["origin"]["same_weights"] is False
