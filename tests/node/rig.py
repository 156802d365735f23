"""A rig for tests of the handlers: centres with real databases, and a hand that carries their messages."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import uuid_utils

from fengqiao.domain.limit_policy import LimitRules
from fengqiao.domain.topology import Topology
from fengqiao.entry.handbook import load_handbook
from fengqiao.entry.limits import load_calendar, load_limits
from fengqiao.entry.lists import load_units
from fengqiao.entry.supervision import load_supervision
from fengqiao.handlers.changes import ChangeHub
from fengqiao.handlers.context import Actor, Context
from fengqiao.handlers.inbox import Delivery, TakenIn, take_in
from fengqiao.handlers.serials import SerialSource
from fengqiao.observe.metrics import NodeMetrics
from fengqiao.store.database import Database
from fengqiao.store.edges import ensure_edges
from fengqiao.store.new_files import NewFiles
from fengqiao.store.outbox import acknowledge, number
from fengqiao.store.template import clone_database, ensure_template
from fengqiao.wire.envelope import envelope_bytes
from tests.cities import made_topology
from tests.containers import PostgresServer

CITY, COUNTY, TOWNSHIP = "371400", "371401", "371401001"
CLERK = Actor("王敏")


@dataclass
class Bench:
    """Some centres of one topology with their databases; counts statements and remembers who woke the relay."""

    topology: Topology
    contexts: dict[str, Context]
    statements: Counter[str] = field(default_factory=Counter)
    woken: Counter[str] = field(default_factory=Counter)

    def __getitem__(self, code: str) -> Context:
        return self.contexts[code]

    def at(self, code: str, now: datetime) -> Context:
        """Give a centre whose clock stands at a time."""
        return replace(self.contexts[code], clock=lambda: now)

    async def carry(self, sender: str) -> int:
        """Carry everything that a centre has to send to its neighbours; gives how many messages."""
        context, carried = self.contexts[sender], 0
        for neighbour, envelopes in (await self.envelopes(sender)).items():
            taken = await self.deliver(neighbour, sender, envelopes)
            await acknowledge(context.database, neighbour, taken.received_seqs[sender])
            carried += len(envelopes)
        return carried

    async def envelopes(self, sender: str) -> dict[str, list[bytes]]:
        """Number what a centre has to send, and give it by neighbour."""
        context = self.contexts[sender]
        rows = await number(context.database, "rig", context.clock(), 1000)
        found: dict[str, list[bytes]] = {}
        for row in rows:
            written = envelope_bytes(
                row.body,
                id=row.message_id,
                sender=sender,
                receiver=row.neighbour,
                seq=row.seq,
                receipt=0,
                sent_at=context.clock(),
            )
            found.setdefault(row.neighbour, []).append(written)
        return found

    async def deliver(self, receiver: str, sender: str, envelopes: Iterable[bytes]) -> TakenIn:
        """Let a centre take envelopes in."""
        return await take_in(self.contexts[receiver], [Delivery(sender, envelope, "kafka") for envelope in envelopes])

    async def settle(self) -> None:
        """Carry until nobody has anything to send."""
        while sum([await self.carry(code) for code in self.contexts]):
            pass


def new_id() -> UUID:
    """Draw an id as nodes draw it."""
    return UUID(int=uuid_utils.uuid7().int)


@asynccontextmanager
async def bench(postgres: PostgresServer, topology: Topology | None = None) -> AsyncIterator[Bench]:
    """Make a database for each centre of a topology, by default one of each level."""
    topology = topology or made_topology(counties=1, townships=1)
    rig = Bench(topology, {})
    now = datetime.now(UTC)
    await asyncio.to_thread(ensure_template, postgres.dsn("postgres"), postgres.dsn("fengqiao_template"), now)
    units = load_units("")
    rules = LimitRules(load_limits("", topology, units), load_calendar())
    databases: list[Database] = []
    suffix = uuid4().hex[:8]
    try:
        for code, centre in topology.centres.items():
            name = f"rig_{code}_{suffix}"
            await asyncio.to_thread(clone_database, postgres.dsn("postgres"), name)
            database = Database(postgres.dsn(name), observe=lambda statement, _: rig.statements.update([statement]))
            await database.open(10)
            databases.append(database)
            await ensure_edges(database, topology.neighbours(code))

            def wake(code: str = code) -> None:
                rig.woken[code] += 1

            rig.contexts[code] = Context(
                centre,
                topology,
                units,
                database,
                SerialSource(database),
                NewFiles(database),
                lambda: datetime.now(UTC),
                new_id,
                wake,
                ChangeHub(),
                NodeMetrics(code),
                load_handbook(""),
                rules,
                load_supervision("", rules, topology, units),
            )
        yield rig
    finally:
        for database in databases:
            await database.close()
