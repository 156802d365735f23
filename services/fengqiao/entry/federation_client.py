"""The running federation as import, replay and story see it: where each centre's gRPC is, one client per centre.

The addresses come from the settings, or from the local stack's status. A stack that is started again may have other
ports, so whoever finds a centre away looks the addresses up anew.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from fengqiao.domain.errors import Kind, Refusal, not_found, unavailable
from fengqiao.domain.topology import Topology
from fengqiao.entry.local.running import read_status
from fengqiao.entry.settings import CENTRE_MARK, Settings
from fengqiao.rpc.client import NodeClient

Addresses = Callable[[], Mapping[str, str]]
"""Gives `host:port` by the code of the centre; raises STATE stack_not_running."""

CALL_SECONDS = 30.0
LOOK_AGAIN_SECONDS = 0.5


class Federation:
    """Clients of the centres that run, opened on first use; an async context manager that closes them."""

    def __init__(self, topology: Topology, addresses: Addresses, timeout_seconds: float = CALL_SECONDS) -> None:
        self._addresses = addresses
        self._timeout_seconds = timeout_seconds
        self._targets = dict(addresses())
        self._clients: dict[str, NodeClient] = {}
        self._given_up: list[NodeClient] = []
        self._looked_at = time.monotonic()
        self.whole = topology
        self.topology = running_part(topology, frozenset(self._targets))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(client.close() for client in (*self._clients.values(), *self._given_up)))

    def client(self, centre: str) -> NodeClient:
        """Give the client of a centre; raises UNAVAILABLE centre_not_running when its address is not known."""
        if centre not in self._targets:
            name = self.whole.centre(centre).name
            raise unavailable("centre_not_running", centre=centre, name=name)
        if centre not in self._clients:
            self._clients[centre] = NodeClient(self._targets[centre], timeout_seconds=self._timeout_seconds)
        return self._clients[centre]

    def look_again(self) -> None:
        """Read the addresses anew, at most twice a second; clients of centres that have moved are made anew."""
        if time.monotonic() - self._looked_at < LOOK_AGAIN_SECONDS:
            return
        self._looked_at = time.monotonic()
        try:
            found = self._addresses()
        except Refusal:
            # It is being started again; until then the old addresses are as good as any.
            return
        for code, target in found.items():
            if self._targets.get(code, target) != target and code in self._clients:
                # It is closed at the end: closing it now would cancel calls of others that are under way.
                self._given_up.append(self._clients.pop(code))
        self._targets.update(found)


def running_part(topology: Topology, running: frozenset[str]) -> Topology:
    """Give the part of a topology whose centres run, each with all above it, in the order of the list.

    Raises UNAVAILABLE centre_not_running when the city does not run.
    """
    city = topology.city
    if city.code not in running:
        raise unavailable("centre_not_running", centre=city.code, name=city.name)
    kept = {city.code}
    for level_of in (topology.children(city.code), tuple(topology.centres)):
        kept |= {code for code in level_of if code in running and topology.parent(code) in kept}
    return Topology(centre for code, centre in topology.centres.items() if code in kept)


def addresses_of(settings: Settings, topology: Topology, data: Path) -> Addresses:
    """Tell where to look: the setting `federation` when it is given, else the stack of the data folder.

    Raises NOT_FOUND centre_unknown, and INVALID settings_wrong for a centre without an address.
    """
    if settings.federation:
        fixed = _fixed(settings.federation, topology)
        return lambda: fixed
    return lambda: {found["code"]: found["grpc"] for found in read_status(data)["centres"]}


def _fixed(named: str, topology: Topology) -> dict[str, str]:
    if "=" not in named:
        return {code: named.replace(CENTRE_MARK, code) for code in topology.centres}
    pairs = [part.strip().partition("=") for part in named.split(",") if part.strip()]
    unknown = next((code for code, _, _ in pairs if code not in topology.centres), None)
    if unknown is not None:
        raise not_found("centre_unknown", centre=unknown)
    bare = [f"{code}=HOST:PORT" for code, _, address in pairs if not address]
    if bare:
        raise Refusal(Kind.INVALID, "settings_wrong", {"name": "federation", "detail": ", ".join(bare)})
    return {code: address for code, _, address in pairs}
