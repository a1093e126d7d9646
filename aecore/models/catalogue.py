"""The catalogue: every registered variant by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from aecore.models.base import Autoencoder

CATALOGUE: dict[str, type[Autoencoder]] = {}
_Class = TypeVar("_Class", bound="type[Autoencoder]")


def register(cls: _Class) -> _Class:
    """Adds a variant to the catalogue. Streamlit may import its file again, which replaces it.

    One of its loss terms is `reconstruction_loss`: charts and weight decay take their unit from it.
    """
    if "reconstruction_loss" not in cls.formula(cls.Config.build({})).terms:
        raise TypeError(
            f"`formula` of the variant '{cls.name}' has no 'reconstruction_loss'; "
            "expected that name among those of its loss terms."
        )
    CATALOGUE[cls.name] = cls
    return cls
