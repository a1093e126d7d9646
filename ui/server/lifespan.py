"""What happens when the server starts and stops."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import AsyncIterator

from aecore.data.sources import load
from aecore.errors import LabError
from ui.session import pool, pool_if_started

# A worker that starts at once delays the first page's digit from 1.8 s to 2.0.
FIRST_PAGE_SECONDS = 2.0


@contextlib.asynccontextmanager
async def lifespan(app: object) -> AsyncIterator[None]:
    """Starts and closes the workers with the server.

    What was imported is kept out of garbage collections.
    """
    import gc

    from streamlit.runtime.pages_manager import PagesManager

    # If a folder `pages` lies beside the script, Streamlit's old page discovery is on until the
    # first call of st.navigation. The first visitor of a fresh server who follows a deep link
    # would then get a bare page. st.navigation itself clears this flag.
    PagesManager.uses_pages_directory = False
    threading.Thread(target=_prepare, daemon=True).start()
    gc.collect()
    gc.freeze()
    yield
    if workers := pool_if_started():
        workers.close()


def _prepare() -> None:
    """Loads the digits, leaves both cores to the first page, then starts a worker.

    The worker's import of TensorFlow takes a core for seconds.
    """
    load("digits")
    time.sleep(FIRST_PAGE_SECONDS)
    with contextlib.suppress(LabError):
        pool()
