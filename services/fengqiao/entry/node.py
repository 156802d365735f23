"""One centre as a value: its database, doors, carriers and loops, made from (centre, topology, settings), joined here.

A process hosts one of them in production and all 147 on a laptop, by the same code.
"""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Any

from fengqiao import __version__
from fengqiao.bus.carrier import Receiver
from fengqiao.bus.dead_letter_topic import publish_letters
from fengqiao.bus.edge_book import EdgeBook
from fengqiao.bus.faust_carrier import FaustCarrier
from fengqiao.bus.faust_settings import CarrierSettings
from fengqiao.bus.feed_reader import FeedReader
from fengqiao.bus.feed_teller import FeedTeller
from fengqiao.bus.inflow import Inflow
from fengqiao.bus.links import Links
from fengqiao.bus.relay import Relay
from fengqiao.bus.topics import feeds_read
from fengqiao.domain.errors import Refusal
from fengqiao.domain.handbook import Handbook
from fengqiao.domain.limit_policy import LimitRules
from fengqiao.domain.supervision_rules import SupervisionRules
from fengqiao.domain.topology import Topology
from fengqiao.domain.unit import UnitDirectory
from fengqiao.entry.clock import new_id, utc_now
from fengqiao.entry.counters import begin_counters
from fengqiao.entry.handbook import load_handbook
from fengqiao.entry.settings import Settings
from fengqiao.handlers.changes import ChangeHub
from fengqiao.handlers.context import Context
from fengqiao.handlers.edition import refresh_in_force
from fengqiao.handlers.inbox import TakenIn
from fengqiao.handlers.serials import SerialSource
from fengqiao.insight.federation import refresh_gauges
from fengqiao.insight.limits import refresh_limit_gauges
from fengqiao.insight.supervision import refresh_supervision_gauges
from fengqiao.insight.wallboard import refresh_feed_gauges
from fengqiao.observe.logging import logger
from fengqiao.observe.metrics import NodeMetrics
from fengqiao.proto.v1 import federation_service_pb2 as pb
from fengqiao.rpc.answers import Answers
from fengqiao.rpc.asking import Asking
from fengqiao.rpc.attachments import Puller
from fengqiao.rpc.search import Searcher
from fengqiao.rpc.server import NodeServer, ServerSettings
from fengqiao.rpc.trace import Tracer
from fengqiao.store.database import Database, alive
from fengqiao.store.edges import edge_positions, ensure_edges
from fengqiao.store.new_files import NewFiles
from fengqiao.timers.overseer import Overseer
from fengqiao.timers.report_maker import ReportMaker
from fengqiao.timers.sweeper import Sweeper
from fengqiao.timers.upkeep import Upkeep
from fengqiao.web.ops import NodeStatus, PartStatus

OPEN_SECONDS = 30.0
KAFKA_START_SECONDS = 20.0
STALL_SECONDS = 60.0
PROBE_SECONDS = 1.0
STOP_SECONDS = 3.0

_log = logger("entry.node")


class Node:
    """One running centre. `start_store`, `start_server`, `start_transport` in this order; then `stop`."""

    def __init__(
        self,
        code: str,
        topology: Topology,
        units: UnitDirectory,
        limits: LimitRules,
        supervision: SupervisionRules,
        settings: Settings,
        handbook: Handbook | None = None,
    ) -> None:
        self._settings = settings
        self.metrics = NodeMetrics(code)
        self.metrics.set("fengqiao_release", 1, __version__)
        self.database = Database(
            settings.database_of(code), connections=settings.database_connections, observe=self.metrics.statement
        )
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()
        self.context = Context(
            centre=topology.centre(code),
            topology=topology,
            units=units,
            database=self.database,
            serials=SerialSource(self.database),
            new_files=NewFiles(self.database),
            clock=utc_now,
            new_id=new_id,
            wake=self._woken.set,
            changes=ChangeHub(),
            metrics=self.metrics,
            first_handbook=handbook or load_handbook(settings.handbook_file),
            limits=limits,
            supervision=supervision,
            clock_set=self._clock_set,
        )
        begin_counters(self.context)
        self.sweeper = Sweeper(self.context)
        self._loops: list[asyncio.Task[None]] = []
        self._server: NodeServer | None = None
        self._book: EdgeBook | None = None
        self._database_seen: tuple[float, bool] = (0.0, False)
        self._seen: dict[str, PartStatus] = {}
        self.upkeep = Upkeep(self.context, settings.facts_months)
        self.links = Links(
            self.context,
            __version__,
            self._answer,
            self._taken_in,
            self._heard,
            self._received_seq,
            settings.replica,
        )
        tracer, searcher = Tracer(self.context, self.links), Searcher(self.context, self.links)
        self.asking = Asking(tracer, searcher)
        self._answers = Answers(tracer, Puller(self.context, self.links), searcher)
        inflow = Inflow(self.context, self._taken_in)
        carrier_settings = CarrierSettings(code, settings.kafka, settings.replica, access=settings.kafka_access())
        self.carrier = FaustCarrier(carrier_settings, inflow.topics, inflow.receive)
        self.feeds = FeedReader(self.context, self._feed_carrier) if feeds_read(topology, code) else None

    @property
    def code(self) -> str:
        """The code of the centre."""
        return self.context.centre.code

    async def start_store(self) -> None:
        """Open the database and read where the edges stand; raises UNAVAILABLE database_away."""
        await self.database.open(OPEN_SECONDS)
        await ensure_edges(self.database, self.context.topology.neighbours(self.code))
        await refresh_in_force(self.context)
        self._book = EdgeBook((await edge_positions(self.database)).values(), utc_now())

    async def start_server(self, port: int) -> int:
        """Open the gRPC door; gives the port it listens on."""
        settings = ServerSettings(self._settings.bind, port)
        self._server = NodeServer(self.context, self.links, release=__version__, ready=self.serving, settings=settings)
        return await self._server.start()

    async def start_transport(self, parent_target: str | None) -> None:
        """Dial the parent, start the loops and Kafka; comes back when Kafka is connected, or goes on without it.

        `parent_target` is host:port, several set apart by commas when the parent has several processes.
        """
        if self._book is None:
            raise RuntimeError("start_store comes first")
        holder = f"{self.code}.{self._settings.replica}"
        relay = Relay(
            self.context, self._book, self.carrier, self.links, self._woken, holder, self._settings.poll_seconds
        )
        self._begin("relay", relay.run(self._stopping))
        self._begin("upkeep", self.upkeep.run(self._stopping))
        self._begin("sweeper", self.sweeper.run(self._stopping))
        self._begin("overseer", Overseer(self.context).run(self._stopping))
        self._begin("letters", publish_letters(self.context, self.carrier, self._stopping))
        self._begin("feed_teller", FeedTeller(self.context, self.carrier, holder).run(self._stopping))
        if self.feeds is not None:
            self._begin("feed_reader", self.feeds.run(self._stopping))
            self._begin("report_maker", ReportMaker(self.context, holder).run(self._stopping))
        for target in parent_target.split(",") if parent_target else ():
            self._begin("dial", self.links.dial(target.strip(), self._stopping))
        await self.carrier.start(KAFKA_START_SECONDS)

    async def stop(self) -> None:
        """Stop in order: no new calls, the batch in hand finished and committed, loops ended, connections closed."""
        self._stopping.set()
        self._woken.set()
        if self._server is not None:
            await self._server.stop(STOP_SECONDS)
        await self.carrier.stop()
        self.links.close()
        _, late = await asyncio.wait(self._loops, timeout=3.0) if self._loops else (set(), set())
        for task in late:
            task.cancel()
        await self.database.close()

    async def status(self) -> NodeStatus:
        """Ask every part; the node can do its work as long as PostgreSQL answers (F37)."""
        health, answers = self.carrier.health(), await self._database_answers()
        self.metrics.set("fengqiao_postgresql_connected", float(answers))
        self.metrics.set("fengqiao_kafka_connected", float(health.connected))
        if health.lag is not None:
            self.metrics.set("fengqiao_kafka_lag_records", health.lag)
        parent = self.context.centre.parent
        return NodeStatus(
            postgresql=self._part("postgresql", up=answers),
            kafka=self._part("kafka", up=health.connected),
            parent=self._part("parent", up=self.links.up(parent)) if parent is not None else None,
        )

    async def serving(self) -> bool:
        """Tell whether the node can do its work now."""
        return not self._stopping.is_set() and (await self.status()).postgresql.up

    def stalled(self) -> tuple[str, ...]:
        """Name what should move and does not: a loop that has ended, a consumer that has died silently."""
        ended = tuple(loop.get_name() for loop in self._loops if loop.done())
        return (*ended, "consumer") if self.carrier.health().stalled(STALL_SECONDS) else ended

    async def exposition(self) -> bytes:
        """Give the metrics with the gauges brought up to date, as far as the database answers."""
        await self.refresh()
        return self.metrics.text()

    async def refresh(self) -> None:
        """Bring the gauges up to date."""
        await self.status()
        self.links.refresh_gauges()
        with suppress(Refusal):
            await refresh_gauges(self.database, self.metrics, utc_now())
            await refresh_limit_gauges(
                self.database,
                self.metrics,
                self.context.centre.level.value,
                self.context.limits.calendar,
                utc_now(),
            )
            await refresh_supervision_gauges(self.database, self.metrics, self.code)
            if self.feeds is not None:
                await refresh_feed_gauges(self.database, self.metrics, self.feeds.lag, utc_now())

    def _feed_carrier(self, reading: int, receiver: Receiver) -> FaustCarrier:
        ours = self._settings
        settings = CarrierSettings(self.code, ours.kafka, ours.replica, access=ours.kafka_access(), reading=reading)
        return FaustCarrier(settings, feeds_read(self.context.topology, self.code), receiver)

    def _part(self, name: str, *, up: bool) -> PartStatus:
        before = self._seen.get(name)
        if before is None or before.up != up:
            self._seen[name] = PartStatus(up, utc_now())
        return self._seen[name]

    def waiting(self) -> int:
        """Count the numbered messages to all neighbours that are not acknowledged, without asking the database."""
        return sum(edge.sent_seq - edge.acked_seq for edge in self._book) if self._book is not None else 0

    def _begin(self, name: str, loop: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(loop, name=f"{name} {self.code}")
        task.add_done_callback(self._loop_ended)
        self._loops.append(task)

    def _loop_ended(self, task: asyncio.Task[None]) -> None:
        # Liveness tells of it too, but only the log can say why.
        if not self._stopping.is_set():
            cause = None if task.cancelled() else task.exception()
            _log.critical("a loop of the node has ended", loop=task.get_name(), exc_info=cause)

    async def _database_answers(self) -> bool:
        seen_at, answer = self._database_seen
        if time.monotonic() - seen_at < PROBE_SECONDS:
            return answer
        answer = False
        with suppress(Refusal, TimeoutError):
            async with asyncio.timeout(PROBE_SECONDS):
                answer = await alive(self.database)
        self._database_seen = (time.monotonic(), answer)
        return answer

    async def _answer(self, asker: str, question: pb.Question) -> pb.Answer:
        return await self._answers.answer(asker, question)

    def _clock_set(self, at: datetime) -> None:
        self.sweeper.clock_set(at)

    def _taken_in(self, taken: TakenIn) -> None:
        if self._book is not None:
            self._book.taken_in(taken, utc_now())
        if taken.held:
            self.upkeep.note_held()
        self._woken.set()

    def _heard(self, neighbour: str, receipt: int) -> None:
        if self._book is None:
            return
        edge = self._book[neighbour]
        before = max(edge.receipt, edge.acked_seq)
        self._book.heard(neighbour, receipt, utc_now())
        if receipt > before:
            self._woken.set()

    def _received_seq(self, neighbour: str) -> int:
        return self._book[neighbour].received_seq if self._book is not None else 0
