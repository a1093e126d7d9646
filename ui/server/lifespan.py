"""What happens when the server starts and stops."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

from aecore.data.sources import load
from aecore.errors import LabError
from ui.session import pool, pool_if_started

FIRST_PAGE_SECONDS = (
    2.0  # a worker that starts at once makes the first digit wait 0.2 s longer (1.8 s to 2.0)
)


@contextlib.asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Start the workers with the server, and keep what was imported out of the garbage collections."""
    import gc

    from streamlit.runtime.pages_manager import PagesManager

    # A folder called pages beside the script arms Streamlit's old page discovery until the first st.navigation call, so the first
    # visitor of a fresh server who follows a deep link would get a bare page. This is the flag that st.navigation itself clears.
    PagesManager.uses_pages_directory = False
    threading.Thread(target=_prepare, daemon=True).start()
    gc.collect()
    gc.freeze()
    yield
    if workers := pool_if_started():
        workers.close()


def _prepare() -> None:
    """What the first visitor needs: the digits, then both cores for the first page, then a worker, whose import of TensorFlow takes one for seconds."""
    load("digits")
    time.sleep(FIRST_PAGE_SECONDS)
    with contextlib.suppress(LabError):
        pool()
