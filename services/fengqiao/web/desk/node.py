"""What the desk is made from: the nodes that it shows, and its settings; entry hands it all in."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from fengqiao.handlers.context import Context
from fengqiao.insight.custody_trace import Trace
from fengqiao.insight.federation_search import SearchFound, SearchWanted

HASHED_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class LinkView:
    """How a node stands to its parent now.

    `connected` is the Link to the parent (always True at the city), `since` when that became so, `waiting` how many
    messages to any neighbour are not acknowledged, `kafka` whether the broker can be reached.
    """

    connected: bool
    since: datetime | None
    waiting: int
    kafka: bool


@dataclass(frozen=True, slots=True)
class TileFigures:
    """One tile of the federation page; figures of a centre that is not hosted here are unknown and not shown."""

    code: str
    hosted: bool
    link_connected: bool
    outbox_oldest_seconds: float
    unpublished: int
    offers_waiting: int
    open_cases: int


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account with its password, shown on the front page of a demonstration and nowhere else.

    Bodies outside the chain have theirs at the city and the counties only.
    """

    login: str
    password: str
    role: str


class Asking(Protocol):
    """How a page asks all centres."""

    async def search(self, wanted: SearchWanted) -> SearchFound:
        """Look for cases at all centres; raises INVALID, and UNAVAILABLE database_away."""

    async def trace(self, key: str) -> Trace:
        """Follow a case to its holder; raises NOT_FOUND, and UNAVAILABLE when nobody on the way can be asked."""


@dataclass(frozen=True, slots=True)
class DeskNode:
    """One hosted centre: its handlers' context, how to ask for the state of its link, and how to ask all centres."""

    context: Context
    link: Callable[[], LinkView]
    asking: Asking


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """The settings of the desk.

    `secret` signs form tokens (at least 32 bytes, the same for all replicas); `clock` gives the time in UTC;
    `federation_view` gives the figures of all centres that this process knows about; `closing` is set by entry before
    the server stops, and ends all live streams; `secure_cookies` is off only where there is no TLS, on a laptop.
    """

    secret: bytes
    clock: Callable[[], datetime]
    federation_view: Callable[[], Sequence[TileFigures]]
    closing: asyncio.Event
    demo_accounts: Sequence[DemoAccount] = ()
    secure_cookies: bool = True
    session_hours: int = 12
    request_seconds: float = 10.0
    heartbeat_seconds: float = 15.0
    streams_limit: int = 2000


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that a page may need: all hosted nodes by the code of their centre, and the settings."""

    directory: Mapping[str, DeskNode]
    settings: DeskSettings
    streams: set[object] = field(default_factory=set)
    """The live streams that are open; bounded by `streams_limit`."""
    hashing: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(HASHED_AT_ONCE, "sign-in"))
    """Where passwords are checked: each takes 64 MiB, in the process that also holds the relays."""

    @property
    def ordered(self) -> tuple[DeskNode, ...]:
        """The hosted nodes in the order of the list of centres."""
        if not self.directory:
            return ()
        topology = next(iter(self.directory.values())).context.topology
        return tuple(self.directory[code] for code in topology.centres if code in self.directory)
