"""A backlog of offers waiting in one outbox, drained by one relay and one inbox, durably.

The child is a node in a process of its own whose broker was away until now, so its relay has numbered what waits. The
parent runs here. The rate is that of the parent's commits, from the end of the first batch to that of the last.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import aiokafka
import orjson
import psycopg

from fengqiao.domain import custody, intake
from fengqiao.domain.case import CaseFile, Direction, Role
from fengqiao.domain.command import OfferCase
from fengqiao.domain.decision import Facts
from fengqiao.domain.event import Event
from fengqiao.domain.message import OfferMade
from fengqiao.entry.lists import load_units
from fengqiao.store.changes import Changes, InboxRow
from fengqiao.store.database import Database
from fengqiao.store.edges import ensure_edges
from fengqiao.store.work import save_new
from fengqiao.wire.envelope import body_bytes, envelope_bytes, message_type
from tests.bench.bare import fresh_topic
from tests.bench.figures import Goal, Record
from tests.bench.ground import Branch, Ground
from tests.bench.intake import a_case
from tests.bench.peers import pgqueuer_rate, procrastinate_rate

BATCH = 500
DRAIN_SECONDS = 300.0
COLUMNS = "neighbour, message_id, type, subject, urgent, body, created_at, traceparent"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One message of the backlog."""

    id: UUID
    message: OfferMade


async def measure(ground: Ground, record: Record, runs: int, *, quick: bool) -> None:
    """Measure ours, the floor, and two task queues that live in PostgreSQL too."""
    many, jobs = (5_000, 1_000) if quick else (20_000, 5_000)
    rates, floors = list[float](), list[float]()
    peers: dict[str, list[float]] = {"procrastinate": [], "pgqueuer": []}
    for number in range(runs):
        branch = ground.branch()
        backlog = offers(branch, many)
        rates.append(await _ours(ground, branch, backlog))
        floors.append(await _floor(ground, branch, backlog))
        peers["procrastinate"].append(await procrastinate_rate(ground.bare_database(f"procrastinate_{number}"), jobs))
        peers["pgqueuer"].append(await pgqueuer_rate(ground.bare_database(f"pgqueuer_{number}"), jobs))
    record.put("backlog_drain", rates, "1/s", floors=floors, goal=Goal(20_000, least=True))
    for name, found in peers.items():
        record.put(f"backlog_{name}", found, "1/s")


def offers(branch: Branch, many: int) -> list[Waiting]:
    """As many cases of the township, each offered to the county."""
    units, topology, now = load_units(""), branch.topology, datetime.now(UTC)
    centre, found = topology.centre(branch.township), list[Waiting]()
    for serial in range(1, many + 1):
        facts = Facts(now, centre, topology, units, "王敏", uuid4())
        taken = intake.register(a_case(), serial, facts)
        command = OfferCase(taken.file.case.id, uuid4(), Direction.UP, "超出镇级职权")
        later = Facts(now, centre, topology, units, "王敏", uuid4())
        decision = custody.offer(taken.file, command, taken.events, later)
        message = decision.outgoing[0].message
        if not isinstance(message, OfferMade):
            raise TypeError(message)
        found.append(Waiting(uuid4(), message))
    return found


async def _ours(ground: Ground, branch: Branch, backlog: Sequence[Waiting]) -> float:
    await _fill(ground.dsn(f"bench_{branch.township}"), branch, backlog)
    seen: list[tuple[float, int]] = []
    async with ground.nodes(branch, [branch.county]) as nodes:
        child = ground.node_process(branch, [branch.township], FENGQIAO_PARENT="127.0.0.1:1")
        async with asyncio.timeout(DRAIN_SECONDS):
            await asyncio.to_thread(child.__enter__)
            try:
                while not seen or seen[-1][1] < len(backlog):
                    await asyncio.sleep(0.005)
                    seq = nodes[branch.county]._received_seq(branch.township)
                    if seq and (not seen or seq > seen[-1][1]):
                        seen.append((time.perf_counter(), seq))
            finally:
                await asyncio.to_thread(child.__exit__, None, None, None)
    return (seen[-1][1] - seen[0][1]) / (seen[-1][0] - seen[0][0])


async def _fill(dsn: str, branch: Branch, backlog: Sequence[Waiting]) -> None:
    now = datetime.now(UTC)
    async with (
        await psycopg.AsyncConnection.connect(dsn) as connection,
        connection.cursor() as cursor,
        cursor.copy(f"COPY outbox ({COLUMNS}) FROM STDIN") as copy,
    ):
        for waiting in backlog:
            message = waiting.message
            kind, subject, body = message_type(message), message.case.id, body_bytes(message)
            await copy.write_row((branch.county, waiting.id, kind, subject, False, body, now, ""))


async def _floor(ground: Ground, branch: Branch, backlog: Sequence[Waiting]) -> float:
    """Consume the same envelopes with aiokafka and save the same rows, ready made, in batches."""
    bootstrap = ground.parts.kafka.bootstrap
    database = Database(ground.database(f"floor_{branch.county}"))
    await database.open(10)
    await ensure_edges(database, branch.topology.neighbours(branch.county))
    batches = [
        _ready_made(branch, backlog[start : start + BATCH], start + 1) for start in range(0, len(backlog), BATCH)
    ]
    topic = await fresh_topic(bootstrap)
    await _produce(bootstrap, topic, branch, backlog)
    consumer = aiokafka.AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", max_partition_fetch_bytes=2 * 1_048_576
    )
    await consumer.start()
    try:
        began = time.perf_counter()
        taken = waiting = 0
        while taken < len(batches):
            waiting += sum(map(len, (await consumer.getmany(timeout_ms=1000, max_records=BATCH)).values()))
            while waiting >= BATCH * (taken + 1) or (waiting == len(backlog) and taken < len(batches)):
                await save_new(database, batches[taken])
                taken += 1
        return len(backlog) / (time.perf_counter() - began)
    finally:
        await consumer.stop()
        await database.close()


class _ReadyMade(Changes):
    """Changes whose rows were worked out before."""

    made: dict[str, list[dict[str, object]]]

    def rows(self) -> dict[str, list[dict[str, object]]]:
        return self.made


def _ready_made(branch: Branch, backlog: Sequence[Waiting], first: int) -> Changes:
    changes = _ReadyMade(datetime.now(UTC))
    for seq, waiting in enumerate(backlog, first):
        case, events = waiting.message.case, tuple[Event, ...](waiting.message.events)
        changes.put_case(CaseFile(case, Role.CANDIDATE), events, new=True)
        row = InboxRow(branch.township, seq, waiting.id, message_type(waiting.message), case.id, "done")
        changes.taken[branch.township, seq] = row
        changes.received_seqs[branch.township] = seq
    changes.made = orjson.loads(orjson.dumps(super(_ReadyMade, changes).rows()))
    return changes


async def _produce(bootstrap: str, topic: str, branch: Branch, backlog: Sequence[Waiting]) -> None:
    now = datetime.now(UTC)
    producer = aiokafka.AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_batch_size=1_048_576)
    await producer.start()
    try:
        sent = [
            await producer.send(
                topic,
                envelope_bytes(
                    body_bytes(waiting.message), id=waiting.id, sender=branch.township, receiver=branch.county,
                    seq=seq, receipt=0, sent_at=now,
                ),
            )
            for seq, waiting in enumerate(backlog, 1)
        ]  # fmt: skip
        await asyncio.gather(*sent)
    finally:
        await producer.stop()
