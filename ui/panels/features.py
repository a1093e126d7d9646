"""The Features tab: what single neurons look at and draw."""

from __future__ import annotations

from aecore.data.dataset import Dataset
from aecore.runs.run import Run
from ui import session
from ui.components.neurons import neurons
from ui.panels.shared import source_of


@session.of_run
def features(run: Run, data: Dataset) -> None:
    """Tiles, and a page for each neuron. They follow the time slider without the server's help."""
    neurons([source_of(run)], data, key=f"{run.id}.neurons")
