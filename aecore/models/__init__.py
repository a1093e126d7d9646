"""The variants, one file each. Importing this package registers all, and loads no TensorFlow."""

import importlib
import pkgutil

from aecore.errors import LabError
from aecore.models.base import Autoencoder
from aecore.models.catalogue import CATALOGUE
from aecore.models.declarations import Preset
from aecore.models.phases import Phase, StepContext, Term
from aecore.training.random import RandomStream

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")


def variants() -> dict[str, type[Autoencoder]]:
    """Every variant by name, in the order of the lessons.

    They are sorted by the `order` that the class itself declares, then by name.
    """

    def place(name: str) -> tuple[int, str]:
        return vars(CATALOGUE[name]).get("order", Autoencoder.order), name

    return {name: CATALOGUE[name] for name in sorted(CATALOGUE, key=place)}


def variant(name: str) -> type[Autoencoder]:
    """The class of a variant by its name."""
    if name not in CATALOGUE:
        raise LabError(f"'{name}' is not a variant; expected one of {', '.join(variants())}.")
    return CATALOGUE[name]


__all__ = [
    "Autoencoder", "Phase", "Preset", "RandomStream", "StepContext", "Term", "variant", "variants",
]  # fmt: skip
