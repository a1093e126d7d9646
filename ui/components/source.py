"""A network that components show."""

from __future__ import annotations

from dataclasses import dataclass, field

from ui.addresses import CODINGS_ROUTE, NETWORK_ROUTE, UNITS_ROUTE


@dataclass(frozen=True)
class Source:
    """A network, and the routes by which the page fetches what it shows of it.

    name: above it on the page; "" if it is the only one. id: the run's, or the name of one that the
    lab comes with. run: whose time slider moves it, or "". moment: of its run, as in addresses; ""
    is its last. stored: another value if that one was stored anew.
    """

    name: str
    id: str
    run: str = ""
    moment: str = ""
    stored: str = ""
    network: str = field(init=False)
    units: str = field(init=False)
    codings: str = field(init=False)

    def __post_init__(self) -> None:
        for name, route in (
            ("network", NETWORK_ROUTE),
            ("units", UNITS_ROUTE),
            ("codings", CODINGS_ROUTE),
        ):
            object.__setattr__(self, name, f"{route}/{self.id}")
