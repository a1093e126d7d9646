"""What a run's record says of its training, and what its settings allow to try: for a diagnosis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from aecore.data.dataset import Dataset
from aecore.errors import LabError
from aecore.models import Autoencoder
from aecore.runs.statuses import Status
from aecore.training.events import EpochEnded, Steps

Array = np.ndarray
FEWEST = 6  # evaluations that make a curve


@dataclass(frozen=True)
class Remedy:
    """What may help: settings with other values, or more epochs on the same weights.

    words: what it is, after "Try".
    """

    words: str
    values: Mapping[str, Any] = field(default_factory=dict)
    more_epochs: int = 0

    @property
    def label(self) -> str:
        return f"{'Train' if self.more_epochs else 'Set'} {self.words}"


@dataclass(frozen=True)
class Evidence:
    """What a run's record says: all that the rules look at.

    rate: the learning rate before the schedule's factor, as last set by hand.
    test: the figures on the test split; empty if there are none.
    """

    variant: type[Autoencoder]
    config: Any
    evaluations: Sequence[EpochEnded]
    steps: Sequence[Steps]
    test: Mapping[str, float]
    rate: float
    status: Status = Status.DONE
    message: str = ""

    def prefixes(self) -> Iterator[Evidence]:
        """What was known at each evaluation; `test` is always the last."""
        for n, last in enumerate(self.evaluations, 1):
            place = last.phase, last.step
            steps = [each for each in self.steps if (each.phase, each.step) <= place]
            yield replace(self, evaluations=self.evaluations[:n], steps=steps)

    @cached_property
    def curve(self) -> list[EpochEnded]:
        """The evaluations of the last phase: an earlier one may have another loss."""
        return [each for each in self.evaluations if each.phase == self.evaluations[-1].phase]

    @cached_property
    def validation(self) -> Array:
        """The validation loss at each evaluation of the last phase."""
        return np.array([total(each.valid) for each in self.curve])

    @cached_property
    def chunks(self) -> list[Steps]:
        """The steps of the last phase."""
        return [each for each in self.steps if each.phase == self.steps[-1].phase]

    @cached_property
    def losses(self) -> Array:
        """The loss at each step of the last phase."""
        return np.concatenate([sum(each.terms.values()) for each in self.chunks])

    @cached_property
    def fits(self) -> Array:
        """The reconstruction loss at each step of the last phase."""
        return np.concatenate([each.terms["reconstruction_loss"] for each in self.chunks])

    @cached_property
    def way(self) -> float:
        """How far a weight can have moved in the last phase: its steps' learning rates, added.

        Adam moves a weight by about the rate.
        """
        steps = [
            (len(each.terms["reconstruction_loss"]), each.learning_rate) for each in self.chunks
        ]
        return float(sum(taken * rate for taken, rate in steps))

    @cached_property
    def slope(self) -> float:
        """The reconstruction loss halfway through the last phase, as a multiple of that at its end.

        Of the training, or of the validation if that has fallen less: a network that learns its
        training inputs by heart is no longer learning. The other terms may fall of themselves, as
        weight decay does.
        """
        n = len(self.fits)
        window = max(1, n // 10)
        middle = self.fits[(n - window) // 2 : (n + window) // 2 + 1]
        end = float(np.mean(self.fits[-window:]))
        valid = [each.valid["reconstruction_loss"] for each in self.curve]
        if min(end, valid[-1]) <= 0:  # of a loss that has no lower end, a multiple says nothing
            return 1.0
        of_training = float(np.mean(middle)) / end
        if len(self.curve) < FEWEST:
            return of_training
        steps = [each.step for each in self.curve]
        return min(of_training, float(np.interp(steps[-1] / 2, steps, valid)) / valid[-1])

    @property
    def stalled(self) -> bool:
        """Whether the validation loss has not fallen by a hundredth over its last third."""
        recent = max(FEWEST - 1, len(self.curve) // 3)
        before, after = self.validation[:-recent], self.validation[-recent:]
        return bool(len(before)) and bool(np.min(after) > 0.99 * np.min(before) > 0)

    @property
    def rate_held(self) -> bool:
        """Whether the last phase's rate was in its last half what it is at its end."""
        n, taken = len(self.fits), 0
        last = self.chunks[-1].learning_rate
        for chunk in self.chunks:
            taken += len(chunk.terms["reconstruction_loss"])
            if 2 * taken > n and not 0.8 < chunk.learning_rate / max(last, 1e-30) < 1.25:
                return False
        return True

    @property
    def pulls(self) -> list[tuple[str, float]]:
        """The weights of terms beside the reconstruction, each with its share of the loss.

        The largest share comes first.
        """
        shares = [
            (name, self.test.get(control.weighs, 0.0) / self.test["loss"])
            for name, control in self.config.declared().items()
            if control.weighs and getattr(self.config, name) and self.test.get("loss")
        ]
        return sorted(shares, key=lambda pull: -pull[1])

    # Remedies: an empty tuple if this config has them already, or does not allow them.

    def setting(self, words: str, **values: Any) -> tuple[Remedy, ...]:
        """A remedy with these values, if the variant declares and accepts them."""
        present = self.config.model_dump()
        if any(name not in present for name in values):
            return ()
        if all(present[name] == value for name, value in values.items()):
            return ()
        try:
            type(self.config).build(present | values)
        except LabError:
            return ()
        return (Remedy(words, values),)

    def slower(self) -> tuple[Remedy, ...]:
        """A smaller learning rate."""
        rate = self.variant.smaller_rate(self.rate)
        if rate >= self.config.learning_rate:  # it had been raised by hand
            return ()
        return self.setting(f"a learning rate of {rate:g}", learning_rate=rate)

    def calmer(self) -> tuple[Remedy, ...]:
        """A smaller learning rate, if this one is much larger than usual."""
        return self.slower() if self.rate > 2 * self.variant.usual_rate() else ()

    def faster(self) -> tuple[Remedy, ...]:
        """The variant's usual learning rate, if that is much larger."""
        usual = self.variant.usual_rate()
        if usual < 2 * self.rate:
            return ()
        return self.setting(f"a learning rate of {usual:g}", learning_rate=usual)

    def linear_codings(self) -> tuple[Remedy, ...]:
        return self.setting("linear codings", codings_activation="linear")

    def lighter(self) -> tuple[Remedy, ...]:
        """Less weight on the term that counts most beside the reconstruction."""
        if not self.pulls:
            return ()
        name, _ = self.pulls[0]
        title = self.title_of(name)
        if self.config.declared()[name].default == 0:  # it is off in most networks
            return self.setting(f"no {title}", **{name: 0.0})
        value = float(f"{getattr(self.config, name) / 10:.1g}")
        return self.setting(f"a {title} of {value:g}", **{name: value})

    @property
    def heavy(self) -> bool:
        """Whether the term that counts most beside the reconstruction weighs more than usual."""
        if not self.pulls:
            return False
        name, _ = self.pulls[0]
        return bool(getattr(self.config, name) > self.config.declared()[name].default)

    def title_of(self, name: str) -> str:
        """A setting's name within a sentence."""
        return str(self.config.declared()[name].title.split(" (")[0].lower())

    def longer(self) -> tuple[Remedy, ...]:
        """As many epochs again, on the weights that it has."""
        epochs = self.variant.phase_epochs(self.config)[-1]
        words = f"{epochs:,} {'epoch' if epochs == 1 else 'epochs'} more"
        return (Remedy(words, more_epochs=epochs),)


def mean_error(dataset: Dataset) -> float:
    """The mean squared error of answering every validation input with the training inputs' mean."""
    x = dataset.watched.floats()
    return float(np.mean(np.square(x - dataset.mean, dtype=np.float64)))


def total(terms: Mapping[str, float]) -> float:
    """The loss: the sum of its terms. `mse` is measured beside them."""
    return sum(value for name, value in terms.items() if name != "mse")
