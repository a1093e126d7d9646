"""Open the dashboard: `autoencoder-lab open` is `streamlit run` on the lab's app.py, wherever that lies.

The server runs in this process, so Ctrl+C and signals reach it as they do there. Streamlit is started by its name: the core imports none of it.
"""

from __future__ import annotations

import importlib.util
import runpy
import sys
from pathlib import Path

from aecore.errors import LabError

PLACES = (
    "autoencoder_lab/app.py",
    "app.py",
)  # beside this package: in an installation; in a checkout


def open_lab(port: int | None = None) -> int:
    """Serve the dashboard until it is stopped; the server's exit status. port: Streamlit's own choice, from 8501 up, if none is given."""
    app = find_app(Path(__file__).parent.parent)
    if importlib.util.find_spec("streamlit") is None:
        raise LabError(
            "The dashboard needs Streamlit, which is not installed here; install it with 'pip install streamlit'."
        )
    sys.argv = [
        "streamlit",
        "run",
        str(app),
        *(["--server.port", str(port)] if port is not None else []),
    ]
    try:
        runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else int(done.code is not None)
    return 0


def find_app(beside: Path) -> Path:
    """The dashboard's app.py, given the folder in which this package lies."""
    for place in PLACES:
        if (beside / place).is_file():
            return beside / place
    raise LabError(
        f"The dashboard is not here: expected {' or '.join(PLACES)} in '{beside}'. Install the lab again with 'pip install .' in its checkout."
    )
