"""A page that follows a run whose status changes while the page is drawn."""

import json
import os

from aecore.runs import processes
from aecore.runs.statuses import Status
from tests.helpers import made
from tests.pages.helpers import open_page
from ui import session


def test_the_view_says_for_which_status_the_buttons_were_drawn(own_pool, monkeypatch):
    """Else it would hear of "stopped", and the buttons would stay those of "stopping"."""
    run = made(own_pool.root.parent, epochs=1)
    run.move(Status.RUNNING, pid=os.getpid(), born=processes.born(os.getpid()))
    run.command("stop")
    dataset_of = session.dataset_of

    def late(asked, quiet=False):
        if not quiet and run.state.status is Status.STOPPING:  # the view is being drawn
            run.move(Status.STOPPED, pid=0)
        return dataset_of(asked, quiet=quiet)

    monkeypatch.setattr(session, "dataset_of", late)
    at = open_page("stacked", run=run.id)
    assert at.get_by_key("stacked.stop").label == "Stopping"
    (view,) = (
        each.proto
        for each in at.get("bidi_component")
        if each.proto.component_name.endswith("lab_live_chart")
    )
    (data,) = json.loads(view.json)
    assert data["status"] == "stopped" and data["status_key"].startswith("stopping")
