"""What is said of a training while it goes on."""

from aecore.data.sources import load
from aecore.jobs.work import work
from aecore.runs.diagnosis import diagnose_so_far
from aecore.runs.evidence import mean_error
from aecore.runs.feed import status_key
from aecore.runs.statuses import Status
from aecore.training.events import EpochEnded
from tests.helpers import made

STUCK = {"schedule": "constant", "learning_rate": 0.3, "epochs": 12}


def said_while(run):
    """The run's status, sentence and status key at each evaluation, one late."""
    heard = []

    def note(event):
        if isinstance(event, EpochEnded):
            state = run.state
            heard.append((state.status, state.message, status_key(run, state)))

    work(run, on_event=note)
    return heard


def test_a_stalled_training_says_so_before_its_end(tmp_path, digits):
    run = made(tmp_path, **STUCK)
    heard = said_while(run)
    statuses, messages, keys = zip(*heard, strict=True)
    assert set(statuses) == {Status.RUNNING}
    assert not any(messages[:6]) and messages[-1].startswith("The network collapsed: its error of ")
    assert len(set(messages)) == 2, "the same fault is told once, in the same words"
    assert keys[-1] == "running, weights, advised"
    found = diagnose_so_far(run, digits)
    assert found and [each.values for each in found.remedies] == [{"learning_rate": 0.003}]
    assert run.state.status is Status.DONE and "collapsed" in run.state.message


def test_a_healthy_training_is_told_nothing(tmp_path):
    heard = said_while(made(tmp_path, epochs=8))
    assert not any(message for _, message, _ in heard)


def test_the_mean_error_is_that_of_the_mean_image(digits):
    x, mean = load("digits").watched.floats(), digits.train.floats().mean(axis=0)
    assert abs(mean_error(digits) - ((x - mean) ** 2).mean()) < 1e-6
