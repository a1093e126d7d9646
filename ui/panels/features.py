"""The Features tab: what single neurons look at and draw."""

from __future__ import annotations

from aecore.data.dataset import Dataset
from aecore.runs.history import place_key
from aecore.runs.run import Run
from ui import addresses, session
from ui.components.live_chart import looked_at
from ui.components.neurons import Source, neurons


def source_of(run: Run, name: str = "") -> Source:
    """A run's network at the moment that its time slider is at."""
    place = looked_at(run)
    return Source(
        name,
        run.id,
        f"{addresses.UNITS_ROUTE}/{run.id}",
        f"{addresses.NETWORK_ROUTE}/{run.id}",
        place_key(place) if place else "",
        str((run.path / "network.safetensors").stat().st_mtime_ns),
    )


@session.of_run
def features(run: Run, data: Dataset) -> None:
    """Tiles, and a page for each neuron. They follow the time slider without the server's help."""
    neurons([source_of(run)], data, key=f"{run.id}.neurons")
