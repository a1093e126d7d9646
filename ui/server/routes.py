"""The lab's own routes, beside Streamlit's."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route, WebSocketRoute

from ui.addresses import (
    CODINGS_ROUTE,
    FILM_ROUTE,
    LIVE_ROUTE,
    NETWORK_ROUTE,
    PLOTLY_ROUTE,
    UNITS_ROUTE,
)
from ui.server import codings, films, live_socket, networks, plotly_js, units


def routes() -> list[BaseRoute]:
    return [
        WebSocketRoute(LIVE_ROUTE + "/{run_id}", live_socket.follow),
        Route(FILM_ROUTE + "/{run_id}", films.answer),
        Route(NETWORK_ROUTE + "/{name}", networks.answer),
        Route(CODINGS_ROUTE + "/{name}", codings.answer),
        Route(UNITS_ROUTE + "/{name}", units.answer),
        Route(PLOTLY_ROUTE, plotly_js.library),
    ]
