"""Trains one run to its end: for the command line, sweeps and the server's workers.

Longer than other files: a run's way from its claim to its results is read in one piece.
"""

from __future__ import annotations

import contextlib
import os
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aecore.backend import tf
from aecore.data import sources
from aecore.data.dataset import Dataset
from aecore.errors import LabError
from aecore.jobs.replay import replay
from aecore.jobs.session import RunSession
from aecore.jobs.warm_up import untrained
from aecore.jobs.watch import Watch
from aecore.models import variant
from aecore.runs import diagnosis, processes
from aecore.runs.records import Record
from aecore.runs.run import Run
from aecore.runs.statuses import HELD, Status
from aecore.training import devices, evaluation
from aecore.training.events import EpochEnded, Event, Intervened
from aecore.training.loop import Diverged, Training, train
from aecore.training.probe import shown_inputs


def work(
    run: Run,
    data_dir: Path | None = None,
    on_event: Callable[[Event], None] = lambda event: None,
    interrupted: Callable[[], bool] = lambda: False,
    wanted: Callable[[], bool] = lambda: False,
    record: Record | None = None,
) -> None:
    """Trains `run` to its end, or until it is stopped or gives up its worker.

    Errors are written to the run's state before they are raised.

    on_event: called with each event of the training before it is stored.
    interrupted: whether the process must end.
    wanted: whether another run waits for this worker; a paused run then gives it up.
    record: the record of another run, which this one repeats.
    """
    _claim(run)
    try:
        dataset = sources.load(run.spec.dataset, data_dir)
        stored = run.stored()
        run.truncate_events(stored.events_size if stored else 0)
        run.update(sessions=run.state.sessions + 1)
        paused = False
        for origin in [*run.origins_left(), None]:
            with stored_training(run, dataset, origin) as training:
                paused |= _prepare_resume(run, training, repeating=bool(origin))
                session = RunSession(run, training, interrupted, wanted, paused, bool(origin))
                _train(session, dataset, origin or record, on_event)
                if origin and not (session.stopped or session.away):
                    session.branch(origin)
                    paused = session.paused  # a single step may have ended here
                    continue
                if interrupted():
                    ended = Status.INTERRUPTED
                else:
                    ended = Status.STOPPED if session.stopped else Status.DONE
                _conclude(session, dataset, ended)
                return
    except Diverged as error:
        record_failure(run, Status.DIVERGED, error.on_page)
        raise
    except LabError as error:
        record_failure(run, Status.FAILED, error.on_page)
        raise
    except OSError as error:
        message = (
            f"The run's folder cannot be written ({error.strerror}); "
            "expected room and permission. Make some, then resume."
        )
        with contextlib.suppress(OSError):
            record_failure(run, Status.INTERRUPTED, message)
        raise LabError(message) from error
    except (MemoryError, tf.errors.ResourceExhaustedError) as error:
        message = "Not enough memory for this network. Use smaller layers or a smaller batch."
        record_failure(run, Status.FAILED, message)
        raise LabError(message) from error
    except Exception:  # a mistake in a variant, or in the lab
        with contextlib.suppress(LabError, OSError):
            record_failure(run, Status.FAILED, "Training failed unexpectedly; the log says why.")
        raise


def _train(
    session: RunSession,
    dataset: Dataset,
    record: Record | None,
    on_event: Callable[[Event], None],
) -> None:
    """Trains to the end, or as the record says, or until the session is over."""
    training, history = session.training, session.history
    history.drop_after((training.phase, training.step))
    _, shown = shown_inputs(training, dataset)
    history.keep_inputs(shown.numpy(), images=bool(dataset.image_shape))
    if record:
        events = replay(session, dataset, record)
    else:
        events = train(training, dataset, session.controls)
    watch = Watch(session.run, dataset)
    for event in events:
        on_event(event)
        session.take(event)
        if not session.repeating:
            watch.take(event, training.learning_rate)
        if session.stopped or session.away:
            events.close()
            break


def _claim(run: Run) -> None:
    """Makes this process the run's trainer; `InvalidTransition` if another one trains it."""
    state = run.state
    if state.status in HELD and not processes.alive(state):
        run.abandon("")
    run.move(Status.RUNNING, message="", pid=os.getpid(), born=processes.born(os.getpid()))


def record_failure(run: Run, status: Status, message: str) -> None:
    """Records why this session ended, unless it is over and another worker may have the run."""
    if run.state.pid == os.getpid():
        run.move(status, message=message, pid=0)


def _conclude(session: RunSession, dataset: Dataset, ended: Status) -> None:
    """Stores the checkpoint and the test figures, and moves the run to its last status.

    A stopped run has its status before its checkpoint is stored. A run that is done has it only
    after its figures are stored.
    """
    run, training = session.run, session.training
    if not session.away:  # else it was committed when it gave up its worker
        session.picture()
        session.keep()  # the last moment, wherever it was stopped
        session.commit(Status.STOPPED if ended is Status.STOPPED else None)
        if ended is Status.STOPPED:
            run.update(pid=0)
        elif ended is Status.INTERRUPTED:
            run.move(ended, pid=0)
    test = evaluation.evaluate(training.model, dataset)
    stored = run.stored()
    if stored and stored.place != (training.phase, training.step):
        return  # another worker resumed it meanwhile, and has trained further
    # A run that was stopped did not come to the end of its schedule: nothing is wrong with it yet.
    found = diagnosis.diagnose(run, test) if ended is Status.DONE else None
    run.write_results(
        {
            "run_id": run.id,
            "variant": run.spec.variant,
            "dataset": run.spec.dataset,
            "config": training.model.config.model_dump(mode="json") | {"seed": training.seed},
            "epochs": session.epochs_done,
            "seconds": round(session.seconds, 3),
            "images_per_second": round(session.images / max(session.seconds, 1e-9), 1),
            "parameters": training.model.parameters,
            "device": devices.device(),
            **({} if session.repeating else _origin_of(run)),
            "train": _last_terms(run),
            "test": test,
            "finding": asdict(found) if found else None,
        }
    )
    if ended is Status.DONE and not session.away:
        run.move(ended, message=found.sentence if found else "", pid=0)


@contextlib.contextmanager
def stored_training(run: Run, dataset: Dataset, origin: Record | None = None) -> Iterator[Training]:
    """Restores the run's training from its last checkpoint; untrained before the first.

    origin: the record that it repeats, with that one's settings.
    """
    config, seed = (origin.built_config(), origin.seed) if origin else (run.config, run.spec.seed)
    with untrained(variant(run.spec.variant), config, dataset, seed) as training:
        if stored := run.checkpoint():
            tensors, head = stored
            training.restore(tensors, head.phase, head.step)
        yield training


def _prepare_resume(run: Run, training: Training, *, repeating: bool) -> bool:
    """Applies the changes made before the last checkpoint. Returns whether the run stays paused.

    repeating: those changes were made to its origin.
    """
    run.update(repeating=repeating)
    interventions = run.interventions()
    for change in (each for each in interventions if each.what == "learning_rate"):
        training.learning_rate = change.value or training.learning_rate
    added = round(sum(each.value or 0 for each in interventions if each.what == "more"))
    training.extra_epochs = added if repeating else run.state.extra_epochs
    if more := training.extra_epochs - added:
        run.append(Intervened(training.phase, training.step, "more", more))
    halting = ("pause", "step", "stop", "resume")
    halted = [each.what for each in interventions if each.what in halting][-1:]
    asked = {command.command for command in run.commands(0)[0] if command.n > run.state.carried_out}
    if halted in (["pause"], ["step"]) and asked & {"resume", "step"}:
        return True
    if halted not in ([], ["resume"]):
        run.append(Intervened(training.phase, training.step, "resume"))
    return False


def _origin_of(run: Run) -> dict[str, Any]:
    """Names the moment that the run went on from, if it is another run's."""
    if not (origin := run.spec.origin):
        return {}
    end = origin.end
    return {
        "origin": {
            "run_id": origin.run_id,
            "name": origin.name,
            "phase": end.phase,
            "step": end.step,
            "same_weights": run.state.origin_repeated,
        }
    }


def _last_terms(run: Run) -> dict[str, Any]:
    """Returns the training means of the last evaluation: every loss term by its name."""
    ended = run.events_of(EpochEnded)
    return ended[-1].train if ended else {}


def results_of(run: Run, data_dir: Path | None) -> dict[str, Any]:
    """Returns the run's results, with test figures recomputed from the stored weights."""
    results = run.results()
    if results is None or run.stored() is None:
        raise LabError(
            f"The run '{run.spec.name}' has no results yet; expected one whose training has ended. "
            "Train it to its end first."
        )
    dataset = sources.load(run.spec.dataset, data_dir)
    with stored_training(run, dataset) as training:
        return results | {"test": evaluation.evaluate(training.model, dataset)}


def serve(
    folder: Path,
    data_dir: Path | None = None,
    on_event: Callable[[Event], None] = lambda event: None,
    interrupted: Callable[[], bool] = lambda: False,
    wanted: Callable[[], bool] = lambda: False,
) -> None:
    """Trains the run in this folder without raising: errors are written to the run's state.

    The worker can then train the next run.
    """
    try:
        work(Run(folder), data_dir, on_event, interrupted, wanted)
    except LabError:
        pass  # already written to the run's state
    except Exception:
        traceback.print_exc()
