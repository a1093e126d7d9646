"""The stacked autoencoder: hidden layers on both sides of a narrow middle (Hinton & Salakhutdinov 2006)."""

from __future__ import annotations

from typing import ClassVar

from aecore.hyperparameters import NetworkConfig, hyperparameter, redeclared
from aecore.models.base import Autoencoder, Preset, register


class StackedConfig(NetworkConfig):
    codings_size: int = redeclared(NetworkConfig, "codings_size", 150)
    output: str = hyperparameter(
        "sigmoid", "Output", "Linear outputs, as in the course, or squeezed into the pixels' range 0 to 1.", choices=("sigmoid", "linear")
    )


COURSE = {"learning_rate": 0.01, "schedule": "constant", "weight_decay": 0.001, "epochs": 5, "output": "linear"}
COURSE_ABOUT = (
    "The course's own numbers. Its L2 of 0.001 mostly shrinks the weights, so expect grey, blurred digits; "
    "watch the weight decay curve to see why."
)


@register
class Stacked(Autoencoder):
    name = "stacked"
    title = "Stacked"
    sentence = "Several layers squeeze the input into a few numbers and several layers rebuild it."
    Config = StackedConfig
    presets: ClassVar = {
        "recommended": Preset("Recommended", "No decay, a fifth of the course's rate that falls along a cosine, outputs kept in 0 to 1."),
        "course": Preset("As in the course", COURSE_ABOUT, COURSE),
    }
