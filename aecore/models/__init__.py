"""The catalogue: importing this package registers every variant, one file each. It loads no TensorFlow."""

import importlib
import pkgutil

from aecore.errors import LabError
from aecore.models.base import CATALOGUE, Autoencoder, Noise, Phase, Preset, Term

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

_LESSON_ORDER = ("linear", "stacked", "tied", "greedy", "denoising", "sparse", "variational")


def variants() -> dict[str, type[Autoencoder]]:
    """Every variant by name, in the order of the lessons; one that the order does not know comes last."""
    names = sorted(CATALOGUE, key=lambda name: (_LESSON_ORDER.index(name) if name in _LESSON_ORDER else len(_LESSON_ORDER), name))
    return {name: CATALOGUE[name] for name in names}


def variant(name: str) -> type[Autoencoder]:
    """The class of a variant by its name."""
    if name not in CATALOGUE:
        raise LabError(f"'{name}' is not a variant; expected one of {', '.join(variants())}.")
    return CATALOGUE[name]


__all__ = ["Autoencoder", "Noise", "Phase", "Preset", "Term", "variant", "variants"]
