"""How good after how many seconds: `python benchmarks/quality.py [--seeds 0 1 2] [--tasks ...]
[--markdown FILE] [--chart FILE]`.

Each network of the course is trained on MNIST three times over, one training after the other: by
its recommended preset in the lab, and by the reference recipe (Adam at a constant 0.001, batches of
150) in the lab and in the fastest of PyTorch and JAX. Every training is stopped 2 to 60 times an
epoch, the clock is stopped, and its weights are judged on the test images by the same few lines of
NumPy. It reports the seconds and epochs to a target, as medians over the seeds, and how good the
first seed's recommended training is at its end; a training's seconds are its steps times its median
time a step, so that neither compiling nor a moment in which the machine was busy elsewhere counts.
`benchmarks/training.py --install` makes the peers' environments.

Longer than other files: the goals are declared here, and two ways to train are made comparable.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from peers import CONTENDERS, HERE, PEERS, ROOT, Contest
from report import chart, heading, table, write

sys.path[:0] = [str(ROOT), str(HERE / "contenders")]

from shared import TASKS, Task, Weights, activations

from aecore.data import sources
from aecore.layers.activations import ACTIVATIONS
from aecore.models import variant
from aecore.training.events import Steps
from aecore.training.loop import Training, TrainingControls, train
from ui.theme import BLUE, CSS, ORANGE

Array = np.ndarray


@dataclass(frozen=True)
class Goal:
    """A task of `contenders/shared.py`, the lab's variant for it, what is judged, and when it is
    good enough.
    """

    variant: str
    values: dict[str, Any]
    target: float
    unit: str
    judge: Callable[[Task, Weights, Array], float]  # less is better; infinite if a condition fails
    epochs: int  # the longest that the reference recipe is followed
    looks: int  # an epoch


def mse(task: Task, weights: Weights, x: Array) -> float:
    return float(np.mean(np.square(through(task, weights, x)[-1] - x)))


def squared_error(task: Task, weights: Weights, x: Array) -> float:
    return mse(task, weights, x) * x.shape[1]


def cleaning(task: Task, weights: Weights, x: Array) -> float:
    noise = np.random.default_rng(0).standard_normal(x.shape, dtype=np.float32)
    return float(
        np.mean(np.square(through(task, weights, x + np.float32(task.noise_level) * noise)[-1] - x))
    )


def sparse(task: Task, weights: Weights, x: Array) -> float:
    codings, outputs = through(task, weights, x)
    return (
        float(np.mean(np.square(outputs - x))) if 0.09 <= codings.mean() <= 0.11 else float("inf")
    )


def bound(task: Task, weights: Weights, x: Array) -> float:
    """Cross-entropy plus KL, nats an image, one fixed draw of the codings."""
    *layers, spread = weights
    kinds = activations(task)
    middle = len(layers) // 2
    h = x
    for (w, b), kind in zip(layers[: middle - 1], kinds, strict=False):
        h = ACTIVATIONS[kind](h @ w + b)
    mean, log_var = h @ layers[middle - 1][0] + layers[middle - 1][1], h @ spread[0] + spread[1]
    h = mean + np.exp(0.5 * log_var) * np.random.default_rng(0).standard_normal(
        mean.shape, dtype=np.float32
    )
    for (w, b), kind in zip(layers[middle:-1], kinds[middle:], strict=False):
        h = ACTIVATIONS[kind](h @ w + b)
    logits = h @ layers[-1][0] + layers[-1][1]
    fit = np.sum(np.maximum(logits, 0) - logits * x + np.log1p(np.exp(-np.abs(logits))), axis=1)
    return float(np.mean(fit + 0.5 * np.sum(np.exp(log_var) + mean**2 - 1 - log_var, axis=1)))


def through(task: Task, weights: Weights, x: Array) -> list[Array]:
    """What every layer gives."""
    outputs = []
    for (w, b), kind in zip(weights, activations(task), strict=True):
        x = ACTIVATIONS[kind](x @ w + b)
        outputs.append(x)
    return outputs


GOALS = {
    "quality-stacked": Goal("stacked", {"codings_size": 150}, 0.0034, "MSE", mse, 20, 12),
    "quality-deep": Goal(
        "stacked",
        {"hidden_sizes": (500, 250), "codings_size": 30},
        4.45,
        "squared error an image",
        squared_error,
        30,
        6,
    ),
    "quality-variational": Goal("variational", {}, 99.5, "nats an image", bound, 60, 2),
    "quality-denoising": Goal(
        "denoising",
        {"noise_level": 0.3, "codings_size": 150},
        0.0269,
        "MSE from noisy images",
        cleaning,
        20,
        60,
    ),
    "quality-sparse": Goal(
        "sparse", {}, 0.0140, "MSE, mean activation within 10 %", sparse, 10, 12
    ),
}
RECIPE = {"learning_rate": 0.001, "schedule": "constant", "batch_size": 150, "first_output": "zero"}


@dataclass(frozen=True)
class Timed:
    """One training: what it had reached at which epoch, and what a step took."""

    reached: list[tuple[float, float]]  # (epochs, judged)
    steps_per_epoch: int
    seconds_a_step: float

    def to(self, target: float) -> tuple[float, float]:
        """(epochs, seconds) to the target; infinite if it was not reached."""
        epochs = next((epochs for epochs, judged in self.reached if judged <= target), float("inf"))
        return epochs, epochs * self.steps_per_epoch * self.seconds_a_step


def in_the_lab(name: str, goal: Goal, values: dict[str, Any], seed: int, to_the_end: bool) -> Timed:
    """The lab's own `train()`."""
    cls, dataset = variant(goal.variant), sources.load("mnist")
    config = cls.Config.build(dict(cls.presets["recommended"].values) | goal.values | values)
    training = Training.fresh(cls, config, dataset.input_shape, seed)
    per_epoch = -(-len(dataset.train) // config.batch_size)
    between = max(1, per_epoch // goal.looks)
    controls = TrainingControls(most_steps=between)
    paces, x = [], dataset.test.floats()

    def looks() -> Iterator[tuple[float, Weights]]:
        due = between
        for event in train(training, dataset, controls):
            if isinstance(event, Steps):
                taken = len(next(iter(event.terms.values())))
                if training.step > between:  # the first chunks are short, and compile
                    paces.append(event.seconds / taken)
                if training.step >= due:
                    due = training.step + between
                    yield training.step / per_epoch, _weights(training.model)
        if training.step != due - between:  # the end is no look yet
            yield training.step / per_epoch, _weights(training.model)

    reached = judged(looks(), goal, name, x, to_the_end)
    return Timed(reached, per_epoch, statistics.median(paces))


def _weights(model: Any) -> Weights:
    layers = [*model.encoder, *model.decoder, *model.heads]
    return [(layer.kernel.numpy(), layer.bias.numpy()) for layer in layers]


def in_a_peer(name: str, goal: Goal, peer: str, seed: int, inputs: Path) -> Timed:
    """The same network by the reference recipe in a process of PyTorch or JAX."""
    per_epoch = 55_000 // TASKS[name].batch_size
    block, paces = max(1, per_epoch // goal.looks), []
    with tempfile.TemporaryDirectory() as folder, Contest(peer, name, inputs, seed) as contest:

        def looks() -> Iterator[tuple[float, Weights]]:
            for number in range(1, goal.epochs * goal.looks + 1):
                file = Path(folder) / "weights.npz"
                taken, seconds, _ = contest.ask(block, file)
                paces.append(seconds / taken)
                with np.load(file) as stored:
                    arrays = [stored[key] for key in stored.files]
                yield number * block / per_epoch, list(zip(arrays[::2], arrays[1::2], strict=True))

        reached = judged(looks(), goal, name, sources.load("mnist").test.floats(), False)
    return Timed(reached, per_epoch, statistics.median(paces[1:]))


def judged(
    looks: Iterator[tuple[float, Weights]], goal: Goal, name: str, x: Array, to_the_end: bool
) -> list[tuple[float, float]]:
    """(epochs, judged) at every look until the target is reached.

    And, to the end, at a look in every fifth of an epoch, and at the last.
    """
    reached: list[tuple[float, float]] = []
    met, passed = False, None
    for epochs, weights in looks:
        if met and epochs < reached[-1][0] + 0.2:
            passed = (epochs, weights)
            continue
        reached.append((epochs, goal.judge(TASKS[name], weights, x)))
        met, passed = met or reached[-1][1] <= goal.target, None
        if met and not to_the_end:
            break
    if passed:
        reached.append((passed[0], goal.judge(TASKS[name], passed[1], x)))
    return reached


def fastest(name: str, inputs: Path) -> str:
    """The peer whose steps take least."""
    paces = {}
    for peer in PEERS:
        with Contest(peer, name, inputs) as contest:
            blocks = [contest.ask(100) for _ in range(4)][1:]
        paces[peer] = statistics.median(seconds / taken for taken, seconds, _ in blocks)
    return min(paces, key=lambda peer: paces[peer])


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options.add_argument("--tasks", nargs="+", choices=GOALS, default=list(GOALS))
    options.add_argument("--markdown", type=Path, help="write the tables here too")
    options.add_argument("--chart", type=Path, help="draw quality against seconds into this PNG")
    chosen = options.parse_args()
    found: dict[str, dict[str, list[Timed]]] = {}
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        inputs = Path(folder) / "mnist.npy"
        np.save(inputs, sources.load("mnist").train.floats())
        for name in chosen.tasks:
            goal, peer = GOALS[name], fastest(name, inputs)
            courses = found[name] = {"recommended": [], "reference": [], CONTENDERS[peer].title: []}
            for seed in chosen.seeds:
                print(f"{TASKS[name].title}, seed {seed} ...", file=sys.stderr)
                courses["recommended"].append(
                    in_the_lab(name, goal, {}, seed, seed == chosen.seeds[0])
                )
                courses["reference"].append(
                    in_the_lab(name, goal, RECIPE | {"epochs": goal.epochs}, seed, False)
                )
                courses[CONTENDERS[peer].title].append(in_a_peer(name, goal, peer, seed, inputs))
            rows.append(row(name, courses))
            print(" | ".join(rows[-1]), file=sys.stderr)
    columns = [
        "",
        "target",
        "the lab, recommended",
        "the lab, reference recipe",
        "fastest peer, reference recipe",
        "share of the peer's time",
        "at the preset's end, epochs (first seed)",
    ]
    write(
        [
            heading("Quality per second"),
            "Seconds (epochs) to the target on MNIST's test images, "
            f"medians of {len(chosen.seeds)} seeds.",
            table(columns, rows),
        ],
        chosen.markdown,
    )
    if chosen.chart:
        chart(drawn(found), chosen.chart)


def row(name: str, courses: dict[str, list[Timed]]) -> list[str]:
    """A network's seconds (epochs) to its target by each recipe, the share of the peer's time, and
    what the recommended preset ends at.
    """
    goal, (peer, theirs) = GOALS[name], list(courses.items())[-1]
    ours, reference = courses["recommended"], courses["reference"]
    shares = [
        a.to(goal.target)[1] / b.to(goal.target)[1] for a, b in zip(ours, theirs, strict=True)
    ]
    return [
        TASKS[name].title,
        f"{goal.target:g} {goal.unit}",
        median(ours, goal),
        median(reference, goal),
        f"{median(theirs, goal)}, {peer}",
        f"{statistics.median(shares):.2f}",
        f"{ours[0].reached[-1][1]:.4g} after {ours[0].reached[-1][0]:.0f}",
    ]


def median(courses: list[Timed], goal: Goal) -> str:
    epochs, seconds = (
        statistics.median(course.to(goal.target)[i] for course in courses) for i in (0, 1)
    )
    return f"{seconds:.1f} s ({epochs:.1f})"


def drawn(found: dict[str, dict[str, list[Timed]]]) -> Any:
    """A panel for each network: what was reached after how many seconds, the first seed's."""
    from plotly.subplots import make_subplots

    figure = make_subplots(
        rows=1,
        cols=len(found),
        subplot_titles=[TASKS[name].title for name in found],
        horizontal_spacing=0.055,
    )
    styles = (
        (BLUE, "solid", "the lab, recommended"),
        (ORANGE, "dash", "the lab, reference recipe"),
        (CSS["layer"], "dot", "fastest peer, reference recipe"),
    )
    for column, (name, courses) in enumerate(found.items(), 1):
        goal = GOALS[name]
        for (colour, dash, title), course in zip(
            styles, (seeds[0] for seeds in courses.values()), strict=True
        ):
            pace = course.steps_per_epoch * course.seconds_a_step
            points = [
                (epochs * pace, judged) for epochs, judged in course.reached if np.isfinite(judged)
            ]
            figure.add_scatter(
                x=[x for x, _ in points],
                y=[y for _, y in points],
                mode="lines",
                line={"color": colour, "dash": dash, "width": 2.5},
                name=title,
                showlegend=column == 1,
                row=1,
                col=column,
            )
        figure.add_hline(y=goal.target, line={"color": "#222", "width": 1}, row=1, col=column)
        figure.update_yaxes(
            title={"text": goal.unit, "standoff": 4, "font": {"size": 12}},
            tickformat="~g",
            row=1,
            col=column,
            **({"dtick": 10} if goal.unit.startswith("nats") else {"type": "log", "dtick": "D2"}),
        )
        figure.update_xaxes(title_text="seconds", type="log", dtick=1, row=1, col=column)
    legend = {"orientation": "h", "x": 0.5, "xanchor": "center", "y": -0.22}
    return figure.update_layout(
        width=340 * len(found),
        height=360,
        template="simple_white",
        legend=legend,
        margin={"t": 40, "r": 10, "b": 20, "l": 70},
    )


if __name__ == "__main__":
    main()
