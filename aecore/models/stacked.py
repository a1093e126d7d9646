"""The stacked autoencoder: hidden layers on both sides of a narrow middle
(Hinton & Salakhutdinov 2006)."""

from __future__ import annotations

from typing import ClassVar

from aecore.hyperparameters import NetworkConfig, hyperparameter, redeclared
from aecore.models.base import Autoencoder, register
from aecore.models.declarations import Preset


class StackedConfig(NetworkConfig):
    learning_rate: float = redeclared(NetworkConfig, "learning_rate", 0.003)
    schedule: str = redeclared(NetworkConfig, "schedule", "restart")
    first_output: str = redeclared(NetworkConfig, "first_output", "mean")
    batch_size: int = redeclared(NetworkConfig, "batch_size", 100)
    output: str = hyperparameter(
        "sigmoid", "Output",
        "Linear outputs, as in the course, or squeezed into the pixels' range 0 to 1.",
        choices=("sigmoid", "linear"), advanced=True)  # fmt: skip


COURSE = {
    "codings_size": 150, "learning_rate": 0.01, "schedule": "constant", "batch_size": 150,
    "weight_decay": 0.001, "epochs": 5, "output": "linear", "codings_activation": "elu",
    "first_output": "zero",
}  # fmt: skip
GLOROT = "The first weights of {} (Glorot's) are the lab's; the course's text names He's for all."
COURSE_ABOUT = (
    "The course's own numbers, its ELU codings among them. Expect grey, blurred digits: "
    f"a rate of 0.01 and an L2 of 0.001 are both at fault. {GLOROT.format('the last layer')}"
)
RECOMMENDED = Preset(
    "Recommended",
    "30 linear codings, no decay, a rate of 0.003 that falls to zero twice "
    "(a good network early, a better one at the end), outputs kept in 0 to 1.",
)


@register
class Stacked(Autoencoder):
    name, title, order = "stacked", "Stacked", 20
    sentence = "Several layers squeeze the input into a few numbers and several layers rebuild it."
    Config = StackedConfig
    presets: ClassVar = {
        "recommended": RECOMMENDED,
        "course": Preset("As in the course", COURSE_ABOUT, COURSE),
    }
