"""Several processes of a centre: each has a Link to each of its parent, and none takes another's place (F37)."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from inspect import getcoroutinelocals
from typing import Any

import pytest

from fengqiao.bus import links as bus_links
from fengqiao.bus.edge_book import EdgeBook
from fengqiao.bus.faust_carrier import FaustCarrier
from fengqiao.bus.links import Links
from fengqiao.entry.clock import utc_now
from fengqiao.entry.limits import load_limit_rules
from fengqiao.entry.lists import load_topology, load_units
from fengqiao.entry.node import Node
from fengqiao.entry.settings import Settings
from fengqiao.entry.supervision import load_supervision
from tests.node.rpc_rig import until

CITY, COUNTY = "990000", "990001"


def node(code: str, replica: str) -> Node:
    """A node without its database: a Link stands before anything is loaded or saved."""
    settings = Settings(topology_files=(), replica=replica)
    topology, units = load_topology(settings), load_units("")
    limits = load_limit_rules(settings, topology, units)
    return Node(code, topology, units, limits, load_supervision("", limits, topology, units), settings)


class Parents:
    """Processes of the city, and processes of a county that dial them."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.targets: list[str] = []
        self.stopping: list[tuple[asyncio.Event, asyncio.Task[None]]] = []

    async def start(self, replica: str) -> Node:
        parent = node(CITY, replica)
        self.targets.append(f"127.0.0.1:{await parent.start_server(0)}")
        self.nodes.append(parent)
        return parent

    def dial(self, child: Node, target: str) -> tuple[asyncio.Event, asyncio.Task[None]]:
        event = asyncio.Event()
        dialling = (event, asyncio.create_task(child.links.dial(target, event)))
        self.stopping.append(dialling)
        return dialling


@asynccontextmanager
async def parents(*replicas: str) -> AsyncIterator[Parents]:
    found = Parents()
    for replica in replicas:
        await found.start(replica)
    try:
        yield found
    finally:
        for event, _ in found.stopping:
            event.set()
        for each in found.nodes:
            await each.stop()
        for _, task in found.stopping:
            task.cancel()
        await asyncio.gather(*(task for _, task in found.stopping), return_exceptions=True)


def lines(links: Links, neighbour: str) -> int:
    return len(links._sessions.get(neighbour, {}))


async def test_two_processes_of_a_child_both_keep_their_links() -> None:
    async with parents("city-0") as city:
        children = [node(COUNTY, name) for name in ("county-0", "county-1")]
        for child in children:
            city.dial(child, city.targets[0])
        parent = city.nodes[0].links
        await until(lambda: lines(parent, COUNTY) == 2 and all(child.links.up(CITY) for child in children))
        before = [child.links.session(CITY) for child in children]
        # Long enough for whoever was pushed out to have dialled again several times.
        await asyncio.sleep(4 * bus_links.REDIAL_FIRST_SECONDS)
        assert [child.links.session(CITY) for child in children] == before
        assert lines(parent, COUNTY) == 2


async def test_a_process_that_comes_again_takes_its_own_place_alone() -> None:
    async with parents("city-0") as city:
        first, other, again = node(COUNTY, "county-0"), node(COUNTY, "county-1"), node(COUNTY, "county-0")
        parent = city.nodes[0].links
        # It is cut off and does not know it, as behind a NAT that has forgotten it: it will not dial again.
        event, _ = city.dial(first, city.targets[0])
        city.dial(other, city.targets[0])
        await until(lambda: lines(parent, COUNTY) == 2 and first.links.up(CITY) and other.links.up(CITY))
        event.set()
        kept = other.links.session(CITY)
        city.dial(again, city.targets[0])
        await until(lambda: again.links.up(CITY) and not first.links.up(CITY))
        assert lines(parent, COUNTY) == 2
        assert other.links.session(CITY) is kept


async def test_a_link_is_up_until_the_last_process_has_gone() -> None:
    async with parents("city-0") as city:
        children = [node(COUNTY, name) for name in ("county-0", "county-1")]
        ends = [city.dial(child, city.targets[0]) for child in children]
        parent = city.nodes[0]
        # A process can only end a Link that it knows to stand: the parent knows of it a moment earlier.
        await until(lambda: lines(parent.links, COUNTY) == 2 and all(child.links.up(CITY) for child in children))

        def told() -> float | None:
            labels = {"centre": CITY, "neighbour": COUNTY, "direction": "down"}
            return parent.metrics.registry.get_sample_value("fengqiao_link_up", labels)

        for (event, _), child, left in zip(ends, children, (1, 0), strict=True):
            event.set()
            child.links.close()
            await until(lambda left=left: lines(parent.links, COUNTY) == left)  # type: ignore[misc]  # bound early
            assert parent.links.up(COUNTY) is bool(left)
            assert told() == left
        assert parent.links.session(COUNTY) is None


async def test_each_process_of_a_parent_has_a_link_and_a_receipt_is_told_to_all() -> None:
    async with parents("city-0", "city-1") as city:
        child = node(COUNTY, "county-0")
        heard: dict[str, list[int]] = {target: [] for target in city.targets}
        for parent, target in zip(city.nodes, city.targets, strict=True):
            parent.links._heard = lambda _neighbour, receipt, target=target: heard[target].append(receipt)  # type: ignore[misc]  # bound early
            city.dial(child, target)
        await until(lambda: all(parent.links.up(COUNTY) for parent in city.nodes))
        await until(lambda: lines(child.links, CITY) == 2)
        assert child.links.tell(CITY, 7)
        await until(lambda: all(7 in receipts for receipts in heard.values()))


async def test_nobody_is_told_when_no_link_stands() -> None:
    assert node(COUNTY, "county-0").links.tell(CITY, 7) is False


@pytest.mark.parametrize("target", ["a:1", "a:1,b:2, c:3"])
async def test_a_node_dials_every_address_of_its_parent(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def connected(_carrier: FaustCarrier, _deadline_seconds: float) -> None:
        return

    child = node(COUNTY, "county-0")
    dialled: list[str] = []

    def begin(name: str, loop: Coroutine[Any, Any, None]) -> None:
        if name == "dial":
            dialled.append(getcoroutinelocals(loop)["target"])
        loop.close()

    monkeypatch.setattr(FaustCarrier, "start", connected)
    monkeypatch.setattr(child, "_begin", begin)
    monkeypatch.setattr(child, "_book", EdgeBook((), utc_now()))
    await child.start_transport(target)
    assert dialled == [address.strip() for address in target.split(",")]
