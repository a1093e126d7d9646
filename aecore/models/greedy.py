"""One autoencoder at a time: each pair of layers is trained on the codings of the pair before
(Bengio et al. 2007)."""

from __future__ import annotations

from typing import Any, ClassVar

from aecore import losses
from aecore.hyperparameters import hyperparameter, redeclared
from aecore.layers import run
from aecore.models.base import Tensor, network_of, register
from aecore.models.declarations import BATCH_MEAN, MEAN_ERROR, Formula, LossTerm, Preset
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
    def loss_is_pixel_mse(cls, config: Any) -> bool:
        return False  # inner pairs rebuild codings, not pixels

    @classmethod
    def formula(cls, config: Any) -> Formula:
        layers = {
            "f_k, g_k": "the $k$-th layer of the encoder, and its mirror in the decoder; "
            "these two learn in phase $k$",
            "h_b": "image $b$ of a batch of $B$ after the layers before, which are fixed "
            "($h=x$ in phase 1); it has $D_k$ numbers",
        }
        numbers = "a mean over the numbers that are rebuilt and over the batch"
        error = cls._pair_error("k", "h_b", "squared error", numbers)
        where = r"h_b=f_{k-1}(\cdots f_1(x_b))"
        name = r"\text{phase }k:\quad\mathcal L_k"
        return cls._pair_formula(config, error, layers, where, name)

    @classmethod
    def phase_formulas(cls, config: Any) -> list[Formula]:
        first = cls._pair_error("1", "x_b", "squared pixels", MEAN_ERROR)
        images = {"x_b": "image $b$ of a batch of $B$, with $D_1$ pixels"}
        pairs = [cls._pair_formula(config, first, cls._pair("1") | images, "", r"\mathcal L_1")]
        for i in range(1, len(config.hidden_sizes) + 1):
            k, before = str(i + 1), "(".join(f"f_{n}" for n in range(i, 0, -1))
            error = cls._pair_error(
                k, "h_b", "squared activations", "a mean over the activations and over the batch"
            )
            symbols = cls._pair(k) | {
                "h_b": f"image $b$ of a batch of $B$ after the layers before, which are fixed: "
                f"$D_{k}$ activations"
            }
            where = f"h_b={before}(x_b{')' * i}"
            pairs.append(cls._pair_formula(config, error, symbols, where, rf"\mathcal L_{k}"))
        return [*pairs, super().formula(config)] if config.fine_tune_epochs else pairs

    @classmethod
    def _pair(cls, k: str) -> dict[str, str]:
        """The symbols of the layers that learn in phase k."""
        return {f"f_{k}, g_{k}": f"layer {k} of the encoder, and its mirror in the decoder"}

    @classmethod
    def _pair_error(cls, k: str, h: str, unit: str, reduction: str) -> LossTerm:
        """The error of phase k's pair on its inputs h."""
        latex = rf"{BATCH_MEAN}\frac1{{D_{k}}}\lVert g_{k}(f_{k}({h}))-{h}\rVert^2"
        return LossTerm(latex, unit, reduction, given_by=cls._pair_phase)

    @classmethod
    def _pair_formula(
        cls, config: Any, error: LossTerm, symbols: dict[str, str], where: str, name: str
    ) -> Formula:
        formula = Formula({"reconstruction_loss": error}, symbols, where, name)
        return formula.decayed(config, "the kernel weights that learn in the phase")
