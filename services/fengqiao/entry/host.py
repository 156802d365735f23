"""Many nodes in one process: started side by side, one desk and one set of probes for all, stopped in order."""

import asyncio
import secrets
import signal
import sys
from collections.abc import Callable, Sequence

from fengqiao.domain.limit_policy import LimitRules
from fengqiao.domain.topology import Level, Topology
from fengqiao.domain.unit import UnitDirectory
from fengqiao.entry.clock import utc_now
from fengqiao.entry.demo import DEMO_ACCOUNTS, DEMO_BODIES, seed_demo_bodies
from fengqiao.entry.handbook import load_handbook
from fengqiao.entry.hosted import Hosted, Progress
from fengqiao.entry.listener import Listener
from fengqiao.entry.memory import settle_memory
from fengqiao.entry.node import Node
from fengqiao.entry.settings import Settings
from fengqiao.entry.supervision import load_supervision
from fengqiao.entry.tiles import Tiles, unknown_tile
from fengqiao.insight.cases import case_counts
from fengqiao.insight.federation import edge_status
from fengqiao.observe.metrics import merged_text
from fengqiao.web.citizen.app import build_citizen
from fengqiao.web.citizen.node import CitizenNode
from fengqiao.web.desk.app import build_desk
from fengqiao.web.desk.node import DemoAccount, DeskNode, DeskSettings, LinkView, TileFigures
from fengqiao.web.ops import OpsNode, build_ops

START_AT_ONCE = 16
NODES_ASKED_AT_ONCE = 16


class Host:
    """The nodes of one process with their common listeners."""

    def __init__(
        self,
        centres: Sequence[str],
        topology: Topology,
        units: UnitDirectory,
        limits: LimitRules,
        settings: Settings,
    ) -> None:
        self._settings = settings
        self._topology = topology
        rules = load_supervision(settings.supervision_file, limits, topology, units)
        # Read once for all: 147 nodes would take seconds to read the same file.
        handbook = load_handbook(settings.handbook_file)
        self.nodes = {code: Node(code, topology, units, limits, rules, settings, handbook) for code in centres}
        self._desk_listener = Listener(settings.bind, settings.desk_port)
        # What everybody may see is opened where somebody wants it.
        self._citizen_listener = Listener(settings.bind, settings.citizen_port) if settings.citizen_port else None
        self._ops_listener = Listener(settings.bind, settings.ops_port)
        self._closing = asyncio.Event()
        self._ports: dict[str, int] = {}
        self._tiles = Tiles(tuple(topology.centres), self._tile)
        self._tiles_loop: asyncio.Task[None] | None = None

    async def start(self, progress: Progress, grpc_ports: dict[str, int] | None = None) -> tuple[Hosted, ...]:
        """Start every node: stores, gRPC, the listeners, then Links and Kafka; gives where they are reached.

        Raises UNAVAILABLE when a database can't be reached or a port is taken; Kafka and parents may be away.
        """
        wanted = grpc_ports or {}
        await self._each("store", lambda node: node.start_store(), progress)
        if self._settings.demo:
            above = [node for node in self.nodes.values() if node.context.centre.level is not Level.TOWNSHIP]
            await seed_demo_bodies(node.database for node in above)

        async def serve(node: Node) -> None:
            port = wanted.get(node.code, self._settings.grpc_port if len(self.nodes) == 1 else 0)
            self._ports[node.code] = await node.start_server(port)

        await self._each("grpc", serve, progress)
        self._open_listeners()
        await self._each("transport", lambda node: node.start_transport(self._parent_target(node)), progress, many=True)
        self._tiles_loop = asyncio.create_task(self._tiles.keep_fresh(), name="tiles")
        settle_memory()
        return tuple(self._hosted(code) for code in self.nodes)

    async def run_until_stopped(self, on_signal: Callable[[], None] | None = None) -> None:
        """Wait for SIGTERM or SIGINT."""
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for which in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(which, stop.set)
        await stop.wait()
        if on_signal is not None:
            on_signal()

    async def stop(self) -> None:
        """Stop the pages first, then all nodes side by side."""
        self._closing.set()
        if self._tiles_loop is not None:
            self._tiles_loop.cancel()
        pages = [listener.stop() for listener in (self._desk_listener, self._citizen_listener) if listener is not None]
        await asyncio.gather(*pages, *(node.stop() for node in self.nodes.values()))
        await self._ops_listener.stop()

    async def _each(
        self, step: str, action: Callable[[Node], object], progress: Progress, *, many: bool = False
    ) -> None:
        gate = asyncio.Semaphore(len(self.nodes) if many else START_AT_ONCE)
        done = 0

        async def one(node: Node) -> None:
            nonlocal done
            async with gate:
                result = action(node)
                if asyncio.iscoroutine(result):
                    await result
            done += 1
            progress(step, done, len(self.nodes))

        async with asyncio.TaskGroup() as group:
            for node in self.nodes.values():
                group.create_task(one(node))

    def _parent_target(self, node: Node) -> str | None:
        parent = node.context.centre.parent
        if parent is None:
            return None
        here = self._ports.get(parent)
        return f"{self._settings.bind}:{here}" if here else self._settings.parent_of(parent)

    def _hosted(self, code: str) -> Hosted:
        bind = self._settings.bind
        return Hosted(
            code,
            f"{bind}:{self._ports[code]}",
            f"http://{bind}:{self._desk_listener.port}/{code}/",
            f"http://{bind}:{self._citizen_listener.port}/{code}/" if self._citizen_listener else "",
            f"http://{bind}:{self._ops_listener.port}/{code}/metrics",
        )

    def _open_listeners(self) -> None:
        directory = {code: DeskNode(node.context, _link_view(node), node.asking) for code, node in self.nodes.items()}
        settings = self._settings
        self._desk_listener.serve(
            build_desk(
                directory,
                DeskSettings(
                    secret=settings.secret.encode() or secrets.token_bytes(32),
                    clock=utc_now,
                    federation_view=self._tiles.view,
                    closing=self._closing,
                    demo_accounts=tuple(
                        DemoAccount(a.login, a.password, a.role) for a in (*DEMO_ACCOUNTS, *DEMO_BODIES)
                    )
                    if settings.demo
                    else (),
                    secure_cookies=settings.secure_cookies,
                ),
            )
        )
        if self._citizen_listener is not None:
            citizens = {
                code: CitizenNode(node.context.centre, self._topology, node.database, utc_now)
                for code, node in self.nodes.items()
            }
            self._citizen_listener.serve(build_citizen(citizens, secure_transport=settings.secure_cookies))
        probes = {code: OpsNode(node.status, node.stalled, node.exposition) for code, node in self.nodes.items()}
        self._ops_listener.serve(build_ops(probes, self._exposition))

    async def _exposition(self) -> bytes:
        # A node whose database is away waits for it; the others are not to wait as well, nor PostgreSQL to be swamped.
        turns = asyncio.Semaphore(NODES_ASKED_AT_ONCE)

        async def refreshed(node: Node) -> None:
            async with turns:
                await node.refresh()

        await asyncio.gather(*map(refreshed, self.nodes.values()))
        return merged_text([node.metrics for node in self.nodes.values()])

    async def _tile(self, code: str) -> TileFigures:
        return await _tile(self._topology, code, self.nodes)


async def _tile(topology: Topology, code: str, nodes: dict[str, Node]) -> TileFigures:
    node = nodes.get(code)
    if node is None:
        return unknown_tile(code)
    counts = await case_counts(node.database)
    edges = await edge_status(node.database, node.context.clock())
    parent = topology.parent(code)
    return TileFigures(
        code=code,
        hosted=True,
        link_connected=parent is None or node.links.up(parent),
        outbox_oldest_seconds=max((edge.oldest_age_seconds for edge in edges), default=0.0),
        unpublished=sum(edge.unpublished for edge in edges),
        offers_waiting=counts.offers_waiting,
        open_cases=counts.of_view("holder"),
    )


def _link_view(node: Node) -> Callable[[], LinkView]:
    def view() -> LinkView:
        parent = node.context.centre.parent
        return LinkView(
            connected=parent is None or node.links.up(parent),
            since=node.links.changed_at,
            waiting=node.waiting(),
            kafka=node.carrier.health().connected,
        )

    return view


def quiet_progress(_step: str, _done: int, _total: int) -> None:
    """Show nothing; for nodes that nobody watches."""


def print_progress(step: str, done: int, total: int) -> None:
    """Show progress on the standard error stream, one line a step."""
    if done == total or sys.stderr.isatty():
        sys.stderr.write(f"\r{step} {done}/{total}" + ("\n" if done == total else ""))
