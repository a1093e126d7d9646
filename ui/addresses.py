"""The addresses of the lab's own routes."""

from __future__ import annotations

from importlib.metadata import version

LIVE_ROUTE = "/lab/live"
FILM_ROUTE = "/lab/film"
NETWORK_ROUTE = "/lab/network"
CODINGS_ROUTE = "/lab/codings"
UNITS_ROUTE = "/lab/units"
# With the version, because browsers may cache it for good.
PLOTLY_ROUTE = f"/lab/plotly-{version('plotly')}.min.js"
