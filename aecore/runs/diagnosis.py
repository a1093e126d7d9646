"""What went wrong in a training, in one sentence, with what to try: told from the run's record.

Each rule looks at the evidence and gives a finding or none; the first that finds something says
what matters most. A rule knows no variant: what it needs of one, that declares. The thresholds are
measured: `benchmarks/diagnosis.py` trains every preset with several seeds and shows the findings.

Longer than other files: the rules are read in their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from aecore.data.dataset import Dataset
from aecore.models import variant
from aecore.runs.evidence import FEWEST, Evidence, Remedy, mean_error, total
from aecore.runs.run import Run
from aecore.runs.statuses import Status
from aecore.training.events import EpochEnded, Snapshot, Steps

Kind = Literal[
    "exploded", "codings_ignored", "hardly_trained", "collapsed", "dead_codings", "overfitting",
    "below_pca", "still_falling",
]  # fmt: skip

# The share of the mean image's error above which a network has learned next to nothing about single
# inputs. PCA with one coding has .90 on MNIST.
NO_BETTER = 0.95


@dataclass(frozen=True)
class Finding:
    kind: Kind
    sentence: str  # for a person; it may be two
    remedies: tuple[Remedy, ...] = ()


def diagnose(run: Run, test: Mapping[str, float] | None = None) -> Finding | None:
    """Returns what went wrong in a training that has ended; None if nothing can be told.

    test: its figures on the test split, if they are not stored yet.
    """
    if test is None:
        test = (run.results() or {}).get("test", {})
    return finding(evidence_of(run, test))


def evidence_of(run: Run, test: Mapping[str, float]) -> Evidence:
    """Returns all that the rules look at. test: the figures that were measured."""
    state = run.state
    return Evidence(
        variant(run.spec.variant),
        run.config,
        run.events_of(EpochEnded),
        run.events_of(Steps),
        test,
        state.rate or run.config.learning_rate,
        state.status,
        state.message,
    )


def diagnose_so_far(run: Run, dataset: Dataset) -> Finding | None:
    """Returns what has gone wrong already in a training that has not ended; None if nothing has.

    dataset: what it is trained on.
    """
    measured = [each.metrics for each in run.events_of(Snapshot) if each.metrics]
    known = (measured[-1] if measured else {}) | {"mean_mse": mean_error(dataset)}
    return finding_so_far(evidence_of(run, known))


def finding_so_far(e: Evidence) -> Finding | None:
    """Returns what can be told before the end: an explosion, overfitting, or a stall.

    A stall counts only if the network has learned next to nothing about single inputs. `e.test`
    has what was measured last, and `mean_mse`.
    """
    last = len(e.variant.phase_epochs(e.config)) - 1
    if len(e.evaluations) < FEWEST or e.evaluations[-1].phase != last or len(e.curve) < FEWEST:
        return None
    now = replace(e, test={**e.test, **e.curve[-1].valid, "loss": float(e.validation[-1])})
    rules = (exploded, overfitting, *((codings_ignored, collapsed) if e.stalled else ()))
    return next(filter(None, (rule(now) for rule in rules)), None)


def finding(evidence: Evidence) -> Finding | None:
    """Returns what the first rule finds that finds something."""
    if evidence.status is Status.DIVERGED:  # its message says so
        return Finding("exploded", evidence.message, evidence.slower())
    if not (evidence.evaluations and evidence.steps and evidence.test):
        return None
    return next(filter(None, (rule(evidence) for rule in RULES)), None)


# Rules.

# How many times its lowest the loss is to have after an explosion.
EXPLODED = 3


def exploded(e: Evidence) -> Finding | None:
    """The loss rose to a multiple of its lowest, and did not come back."""
    if np.min(e.validation) <= 0:  # a loss that has no lower end
        return None
    lowest = np.minimum.accumulate(e.validation)
    calm = np.flatnonzero(e.validation <= EXPLODED * lowest)  # the first one is
    last = int(calm[-1])
    if last == len(e.validation) - 1:
        return None
    best = int(np.argmin(e.validation[: last + 1]))
    # The training loss says at which step between the two evaluations.
    level = EXPLODED * total(e.curve[best].train)
    before, after = e.curve[last].step, e.curve[last + 1].step
    above = np.flatnonzero(e.losses[before:after] > level)
    step = before + int(above[0]) + 1 if len(above) else after
    what = (
        f"The loss exploded at step {step:,}: at a learning rate of {e.rate:g} it rose from "
        f"{e.validation[best]:.3g} to {e.validation[-1]:.3g} on the validation inputs, and did not "
        "come back."
    )
    return _advised("exploded", what, e.slower())


def codings_ignored(e: Evidence) -> Finding | None:
    """Posterior collapse: no coding of a model with a prior depends on the input, or few do.

    Such a model leaves codings unused that it does not need; few is wrong if it pays more for each
    than the variant asks by default.
    """
    size, dead = e.config.codings_size, int(e.test.get("dead_codings", 0))
    if not e.variant.has_prior or not dead:
        return None
    if dead == size:
        which = f"all {size} codings give" if size > 1 else "its coding gives"
        what = f"The codings are ignored (posterior collapse): {which} the same for every input."
        return _advised("codings_ignored", what, (*e.lighter(), *e.slower()))
    if 2 * dead > size and e.heavy:
        what = (
            f"Most codings are ignored (posterior collapse): {dead} of {size} give the same for "
            "every input."
        )
        return _advised("codings_ignored", what, e.lighter())
    return None


# Below this `Evidence.way` the weights are almost the first ones, whose size is about .05.
HARDLY = 0.05


def hardly_trained(e: Evidence) -> Finding | None:
    """The rate was so small, or the steps so few, that the network is almost the untrained one."""
    if not _no_better(e) or e.way >= HARDLY:
        return None
    way = np.format_float_positional(e.way, precision=1, fractional=False, trim="-")
    what = (
        f"The network has hardly begun to learn: {_beside_mean(e)}, and in {len(e.fits):,} steps "
        f"at this learning rate no weight can move by more than about {way}."
    )
    return _advised("hardly_trained", what, e.faster() or e.longer())


def collapsed(e: Evidence) -> Finding | None:
    """The network gives about the mean image, whatever it sees."""
    if not _no_better(e):
        return None
    above = e.test["mse"] >= e.test["mean_mse"] / NO_BETTER
    obstacle, way_out = e.variant.obstacle(e.config)
    if obstacle and not above:
        what = (
            f"The network shows little more than the mean image: {_beside_mean(e)}, as {obstacle}."
        )
        words = " and ".join(f"a {e.title_of(name)} of {value}" for name, value in way_out.items())
        return _advised("collapsed", what, e.setting(words, **way_out))
    remedies = (*e.linear_codings(), *e.lighter(), *e.slower())
    return _advised("collapsed", f"The network collapsed: {_beside_mean(e)}.", remedies)


def dead_codings(e: Evidence) -> Finding | None:
    """A tenth of the codings, or more, hardly change; by design some variants spare them."""
    dead, size = int(e.test.get("dead_codings", 0)), e.config.codings_size
    if dead < max(1, size // 10) or e.variant.spares_codings:
        return None
    what = f"{dead} of {size} codings are dead: they hardly change from input to input."
    # The course's denoisers, at a rate of .01: linear codings alone bring the error from .030 to
    # .039 and from .018 to .020 (with dropout), together with a rate of .001 to .026
    # and .007 (two seeds).
    linear = e.linear_codings()
    remedies = _together(linear, e.calmer()) if linear else (*e.lighter(), *e.slower())
    return _advised("dead_codings", what, remedies)


# How far the validation loss is to be above its lowest, and beyond how many times its usual change
# from one evaluation to the next.
RISEN, BEYOND_NOISE = 0.05, 3


def overfitting(e: Evidence) -> Finding | None:
    """The validation loss has risen from its lowest while the training loss went on falling.

    Of the reconstruction: another term may be of the mean over images, or change its weight.
    """
    if len(e.curve) < FEWEST:
        return None
    valid = np.array([each.valid["reconstruction_loss"] for each in e.curve])
    train = np.array([each.train["reconstruction_loss"] for each in e.curve])
    smooth = np.median(np.lib.stride_tricks.sliding_window_view(valid, 3), axis=1)
    best = int(np.argmin(smooth))
    end = min(smooth[-1], valid[-1])
    rise, noise = end - smooth[best], np.median(np.abs(np.diff(valid)))
    if rise <= max(RISEN * abs(smooth[best]), BEYOND_NOISE * noise) or train[-1] >= train[best + 1]:
        return None
    epoch = e.curve[best + 1].epoch
    what = (
        f"The network overfits: the reconstruction loss on the validation inputs was lowest at "
        f"epoch {epoch} ({smooth[best]:.3g}) and has risen to {end:.3g}, while that on the "
        "training inputs went on falling."
    )
    fewer: tuple[Remedy, ...] = ()
    if len(e.variant.phase_epochs(e.config)) == 1:
        fewer = e.setting(f"{epoch:,} epochs", epochs=epoch)
    return _advised("overfitting", what, fewer)


# Twice the epochs gave 38 to 44 % less error below this way, and 17 to 25 % above it (stacked on
# the digits, rates of 1e-4 to 3e-3, 1 to 8 epochs, constant and restarting, one seed).
SHORT_WAY = 0.25
FALLING = 1.05
# With a rate that has not fallen, the slope tells too: below 1.3 in those trainings that twice the
# epochs improved by 17 %, from 1.6 by 24 to 44 %. A rate that falls makes any loss fall to the end,
# by up to 1.32 in the recommended presets.
STEEP = 1.4


def still_falling(e: Evidence) -> Finding | None:
    """More epochs, or a larger rate, would have lowered the loss much further."""
    if not _falls(e):
        return None
    what = (
        f"The network was still learning at the end: the last half of the {len(e.fits):,} steps "
        f"took {1 - 1 / e.slope:.0%} off its reconstruction loss."
    )
    return _advised("still_falling", what, (*e.faster(), *e.longer()))


# A linear network that has converged is within 1 % of PCA on test images.
ABOVE_PCA = 1.05
HEAVY = 0.2  # a term's share of the loss that is enough to hold the reconstruction back
# The change of the validation error between two evaluations, as a share, that a rate makes which is
# too large for the network to settle.
RESTLESS = 0.05


def below_pca(e: Evidence) -> Finding | None:
    """The network rebuilds worse than PCA with as many codings, and the record tells why.

    Only if nothing but the error (and weight decay) is in the loss, and the inputs are clean.
    """
    by_design = e.variant.spares_codings or e.variant.corruption(e.config)
    pca = e.test.get("pca_mse")
    others = set(e.variant.units(e.config)) - {"reconstruction_loss", "weight_decay"}
    if not pca or by_design or others:
        return None
    if e.test["mse"] <= ABOVE_PCA * pca:
        return None
    cause, remedies = _cause(e)
    if not cause:
        return None
    what = (
        f"Its error of {e.test['mse']:.4f} is above that of exact PCA with as many codings "
        f"({pca:.4f}): {cause}."
    )
    return _advised("below_pca", what, remedies)


def _cause(e: Evidence) -> tuple[str, tuple[Remedy, ...]]:
    """Why it is above PCA's error, as a clause, and what to try."""
    if e.pulls and e.pulls[0][1] > HEAVY:
        name, share = e.pulls[0]
        # The course's networks, at a rate of .01: without decay alone the stacked one's error goes
        # from .017 to .020, with a rate of .001 too it goes to .0055 (tied: from .0122 to .0060).
        cause = f"the {e.title_of(name)} makes up {share:.0%} of its loss"
        return cause, _together(e.lighter(), e.calmer())
    if _falls(e):
        return "it was still learning at the end", (*e.faster(), *e.longer())
    errors = np.array([each.valid["mse"] for each in e.curve[len(e.curve) // 2 :]])
    if len(errors) > 2 and np.median(np.abs(np.diff(errors)) / errors[1:]) > RESTLESS:
        return f"a learning rate of {e.rate:g} keeps it from settling", e.slower()
    return "", ()


RULES = (
    exploded, codings_ignored, hardly_trained, collapsed, dead_codings, overfitting, below_pca,
    still_falling,
)  # fmt: skip


def _falls(e: Evidence) -> bool:
    """Whether the loss would fall much further."""
    if e.way < SHORT_WAY:
        return e.slope > FALLING
    return e.rate_held and e.slope > STEEP


def _advised(kind: Kind, what: str, remedies: tuple[Remedy, ...]) -> Finding:
    """A finding whose sentence says what to try."""
    *some, last = [remedy.words for remedy in remedies] or [""]
    advice = f"{', '.join(some)} or {last}" if some else last
    return Finding(kind, f"{what} Try {advice}." if advice else what, remedies)


def _together(one: tuple[Remedy, ...], other: tuple[Remedy, ...]) -> tuple[Remedy, ...]:
    """Both at once, if there are both."""
    if not (one and other):
        return one or other
    words = f"{one[0].words} and {other[0].words}"
    return (Remedy(words, {**one[0].values, **other[0].values}),)


def _no_better(e: Evidence) -> bool:
    return e.test["mse"] >= NO_BETTER * e.test["mean_mse"]


def _beside_mean(e: Evidence) -> str:
    """The error beside the mean image's, as a clause."""
    above = e.test["mse"] >= e.test["mean_mse"] / NO_BETTER
    return (
        f"its error of {e.test['mse']:.4f} {'is above that' if above else 'is about that'} of "
        f"giving the mean image every time ({e.test['mean_mse']:.4f})"
    )
