"""What can be made of a run: importing this package registers every export, one file each."""

from __future__ import annotations

import importlib
import pkgutil

from aecore.errors import LabError
from aecore.export.base import EXPORTS, Export

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")


def export(name: str) -> Export:
    """The export of this name."""
    if name not in EXPORTS:
        expected = ", ".join(sorted(EXPORTS))
        raise LabError(f"'{name}' is not an export; expected one of {expected}.")
    return EXPORTS[name]


__all__ = ["EXPORTS", "Export", "export"]
