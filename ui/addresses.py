"""The addresses of the lab's own routes."""

from __future__ import annotations

from importlib.metadata import version

LIVE_ROUTE = "/lab/live"
PLOTLY_ROUTE = f"/lab/plotly-{version('plotly')}.min.js"  # a new version is a new address
