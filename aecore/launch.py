"""Opens the dashboard: `autoencoder-lab open` does `streamlit run` on the lab's app.py.

The server runs in this process, so Ctrl+C and signals reach it as with `streamlit run`. Streamlit
is started by its name, as the core does not import it.
"""

from __future__ import annotations

import importlib.util
import runpy
import sys
from pathlib import Path

from aecore.errors import LabError

# Relative to the folder of this package: in an installation, and in a checkout.
PLACES = ("autoencoder_lab/app.py", "app.py")


def open_lab(port: int | None = None) -> int:
    """Serves the dashboard until it is stopped, and returns the server's exit status.

    port: None lets Streamlit choose, from 8501 up.
    """
    app = find_app(Path(__file__).parent.parent)
    if importlib.util.find_spec("streamlit") is None:
        raise LabError(
            "The dashboard needs Streamlit, which is not installed here; "
            "install it with 'pip install streamlit'."
        )
    options = ["--server.port", str(port)] if port is not None else []
    sys.argv = ["streamlit", "run", str(app), *options]
    try:
        runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else int(done.code is not None)
    return 0


def find_app(beside: Path) -> Path:
    """Returns the dashboard's app.py, given the folder that contains this package."""
    for place in PLACES:
        if (beside / place).is_file():
            return beside / place
    raise LabError(
        f"The dashboard is not here: expected {' or '.join(PLACES)} in '{beside}'. "
        "Install the lab again with 'pip install .' in its checkout."
    )
