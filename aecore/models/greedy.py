"""One autoencoder at a time: each pair of layers is trained on the codings of the pair before
(Bengio et al. 2007)."""

from __future__ import annotations

from typing import Any, ClassVar

from aecore import losses
from aecore.hyperparameters import hyperparameter, redeclared
from aecore.layers import run
from aecore.models.base import Tensor, network_of, register
from aecore.models.declarations import Formula, Preset
from aecore.models.phases import Phase, StepContext, Term
from aecore.models.stacked import COURSE, COURSE_ABOUT, Stacked, StackedConfig


class GreedyConfig(StackedConfig):
    schedule: str = redeclared(StackedConfig, "schedule", "cosine")
    fine_tune_epochs: int = hyperparameter(5, "Fine-tuning epochs",
        "After the phases, train all layers together for this many epochs; "
        "0 leaves them as they are.",
        low=0, high=10_000, slider=(0, 50), log=True, counts_epochs=True)  # fmt: skip
    epochs: int = redeclared(
        StackedConfig, "epochs", 5, help="Passes over the training images in each phase."
    )


@register
class Greedy(Stacked):
    name, title, order = "greedy", "One at a time", 40
    sentence = ("The outer pair of layers is trained first, then the inner pair on its frozen "
                "codings, then (if you like) all together.")  # fmt: skip
    captions = ("encoder", "codings", "decoder, trained pair by pair")
    Config = GreedyConfig
    presets: ClassVar = {
        "recommended": Preset("Recommended", "30 linear codings, no decay, a falling rate, "
                              "five epochs a phase and five of fine-tuning."),
        "course": Preset("As in the course", f"{COURSE_ABOUT} So are the four epochs a phase.",
                         COURSE | {"epochs": 4, "fine_tune_epochs": 0}),
    }  # fmt: skip

    def phases(self) -> list[Phase]:
        pairs = [self._pair_phase(depth) for depth in range(len(self.encoder))]
        if not self.config.fine_tune_epochs:
            return pairs
        return [*pairs, self.together(self.config.fine_tune_epochs, "All layers")]

    def _pair_phase(self, depth: int) -> Phase:
        """Trains encoder layer `depth` and its mirror; all other layers are frozen."""
        inner, outer = self.encoder[depth], self.decoder[-1 - depth]
        before = self.encoder[:depth]
        after = self.decoder[len(self.decoder) - depth :]

        def terms(h: Tensor, context: StepContext) -> dict[str, Term]:
            return {"reconstruction_loss": Term(losses.squared_error(h, outer(inner(h))))}

        return Phase(
            name=f"Pair {depth + 1} of {len(self.encoder)}",
            epochs=self.config.epochs,
            variables=[*inner.variables, *outer.variables],
            terms=terms,
            reconstruct=lambda x: run(after, outer(inner(run(before, x)))),
            network=lambda: network_of([*before, inner], [outer, *after]),
            uses_labels=self.uses_labels,
            features=(lambda x: run(before, x)) if before else None,
            **self.decaying([inner, outer]),
        )

    @classmethod
    def phase_epochs(cls, config: Any) -> list[int]:
        last = [config.fine_tune_epochs] if config.fine_tune_epochs else []
        return [config.epochs] * (len(config.hidden_sizes) + 1) + last

    @classmethod
    def units(cls, config: Any) -> dict[str, str]:
        return {"reconstruction_loss": "squared error"}  # of pixels first, then of codings

    @classmethod
    def loss_is_pixel_mse(cls, config: Any) -> bool:
        return False  # inner pairs rebuild codings, not pixels

    @classmethod
    def formula(cls, config: Any) -> Formula:
        symbols = {
            "f_k, g_k": "the $k$-th layer of the encoder, and its mirror in the decoder; "
            "these two learn in phase $k$",
            "h_b": "image $b$ of a batch of $B$ after the layers before, which are fixed "
            "($h=x$ in phase 1); it has $D_k$ numbers",
        }
        loss = (
            r"\text{phase }k:\quad "
            r"\mathcal L_k=\frac1B\sum_b\frac1{D_k}\lVert g_k(f_k(h_b))-h_b\rVert^2"
        )
        unit = "squared error, a mean over the numbers that are rebuilt"
        formula = Formula(loss, symbols, unit, where=r"h_b=f_{k-1}(\cdots f_1(x_b))")
        return formula.decayed(config, "the kernel weights that learn in the phase")
