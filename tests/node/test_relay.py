"""The relay on a real database, with carriers that carry nothing: what it counts as acknowledged."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from unittest.mock import patch
from uuid import UUID

import psycopg
import pytest

from fengqiao.bus.carrier import Carrier, CarrierAway, CarrierHealth, Parcel, ParcelsRefused
from fengqiao.bus.edge_book import EdgeBook
from fengqiao.bus.links import Links
from fengqiao.bus.relay import LINK_CHUNK, LINK_CHUNK_BYTES, Relay, _chunks
from fengqiao.domain.errors import Refusal
from fengqiao.proto.v1 import federation_service_pb2 as pb
from fengqiao.store.database import Database
from fengqiao.store.edges import EdgePosition, edge_positions
from fengqiao.store.named_sql import numbered, read_statements
from fengqiao.store.outbox import LEASE, Numbered, acknowledge, number, numbered_after
from fengqiao.wire.envelope import decode_envelope
from tests.containers import PostgresServer
from tests.node.rig import COUNTY, TOWNSHIP, Bench, bench
from tests.node.test_handlers_inbox import offered


class AwayCarrier:
    """A carrier whose broker is away."""

    async def start(self, deadline_seconds: float) -> None:
        """Never connect."""

    async def stop(self) -> None:
        """Have nothing to stop."""

    async def send(self, parcels: Sequence[Parcel]) -> None:
        """Carry nothing."""
        raise CarrierAway(f"{len(parcels)} parcels")

    def health(self) -> CarrierHealth:
        """Say that the broker is away."""
        return CarrierHealth(False, False, None, 0.0, 0, 0, 0, 0)


async def unanswered(_: str, question: pb.Question) -> pb.Answer:
    return pb.Answer(id=question.id)


async def relay_of(rig: Bench, carrier: Carrier | None = None) -> tuple[Relay, EdgeBook]:
    context = rig[TOWNSHIP]
    book = EdgeBook((await edge_positions(context.database)).values(), context.clock())
    links = Links(context, "0", unanswered, lambda _: None, lambda *_: None, lambda _: 0)
    return Relay(context, book, carrier or AwayCarrier(), links, asyncio.Event(), "relay", 1.0), book


async def test_a_receipt_that_rises_while_the_database_works_is_written_in_the_next_turn(
    postgres: PostgresServer,
) -> None:
    async with bench(postgres) as rig:
        await offered(rig, notes=2)
        relay, book = await relay_of(rig)
        await relay.turn()
        book.heard(COUNTY, 2, rig[TOWNSHIP].clock())

        async def slowly(database: Database, neighbour: str, receipt: int) -> int:
            deleted = await acknowledge(database, neighbour, receipt)
            book.heard(COUNTY, 3, rig[TOWNSHIP].clock())
            return deleted

        with patch("fengqiao.bus.relay.acknowledge", slowly):
            await relay.turn()
            assert (await edge_positions(rig[TOWNSHIP].database))[COUNTY].acked_seq == book[COUNTY].acked_seq == 2
            await relay.turn()
        assert (await edge_positions(rig[TOWNSHIP].database))[COUNTY].acked_seq == book[COUNTY].acked_seq == 3


async def test_what_a_crash_of_postgresql_took_back_is_acknowledged_again(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        await offered(rig, notes=2)
        relay, book = await relay_of(rig)
        database = rig[TOWNSHIP].database
        await relay.turn()
        book.heard(COUNTY, 3, rig[TOWNSHIP].clock())
        await relay.turn()
        async with database.connection() as connection:
            await connection.execute(b"UPDATE edge SET acked_seq = 1")
        await relay.turn()
        assert (await edge_positions(database))[COUNTY].acked_seq == 1
        with pytest.raises(Refusal, match="database_away"):
            async with database.connection() as connection:
                await connection.execute(b"SELECT pg_terminate_backend(pg_backend_pid())")
        await relay.turn()
        assert (await edge_positions(database))[COUNTY].acked_seq == book[COUNTY].acked_seq == 3


class StrictCarrier(AwayCarrier):
    """A carrier that is connected and will never take parcels of one number."""

    def __init__(self, refused: int) -> None:
        self.posted: list[int] = []
        self._refused = refused

    async def send(self, parcels: Sequence[Parcel]) -> None:
        """Take all but one."""
        numbers = [decode_envelope(parcel.value).seq for parcel in parcels]
        self.posted.extend(numbers)
        if self._refused in numbers:
            raise ParcelsRefused({numbers.index(self._refused): "too large"})

    def health(self) -> CarrierHealth:
        """Say that the broker is there."""
        return CarrierHealth(True, True, 0, 0.0, 0, 0, 0, 0)


async def test_what_kafka_will_never_take_is_posted_once_and_left_to_the_link(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        await offered(rig, notes=4)
        carrier = StrictCarrier(2)
        relay, book = await relay_of(rig, carrier)
        for _ in range(4):
            await relay.turn()
        assert sorted(carrier.posted) == [1, 2, 3, 4, 5]
        assert (book[COUNTY].handed_kafka, book[COUNTY].refused_seq) == (5, 2)
        assert relay._link_has_to(book[COUNTY])
        book.heard(COUNTY, 2, rig[TOWNSHIP].clock())
        await relay.turn()
        assert not relay._link_has_to(book[COUNTY])


async def test_a_receipt_for_what_was_never_sent_is_passed_over(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        await offered(rig, notes=2)
        relay, book = await relay_of(rig)
        await relay.turn()
        book.heard(COUNTY, 99, rig[TOWNSHIP].clock())
        await relay.turn()
        assert (book[COUNTY].acked_seq, book[COUNTY].receipt) == (0, 0)
        book.heard(COUNTY, 3, rig[TOWNSHIP].clock())
        await relay.turn()
        assert (await edge_positions(rig[TOWNSHIP].database))[COUNTY].acked_seq == 3


async def test_two_processes_under_one_name_give_no_message_two_numbers(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        await offered(rig, notes=2)
        context = rig[TOWNSHIP]
        statement, names = numbered(read_statements("outbox")["number"].text)
        now = context.clock()
        params = {"holder": "rig", "now": now, "until": now + LEASE, "limit": 10}
        async with await psycopg.AsyncConnection.connect(
            context.database.dsn, cursor_factory=psycopg.AsyncRawCursor
        ) as first:
            rows = await (await first.execute(statement, [params[name] for name in names])).fetchall()
            second = asyncio.create_task(number(context.database, "rig", now, 10))
            _, waiting = await asyncio.wait((second,), timeout=0.5)
            assert waiting
            await first.commit()
        assert await second == []
        stored = await numbered_after(context.database, COUNTY, 0, 10)
        assert [(row.seq, row.message_id) for row in stored] == sorted((row[1], row[2]) for row in rows)
        assert [row.seq for row in stored] == [1, 2, 3]


def a_row(seq: int, size: int) -> Numbered:
    return Numbered(COUNTY, seq, UUID(int=seq), "note", UUID(int=1), False, bytes(size), datetime.now(UTC), "")


def test_frames_of_a_link_are_cut_by_number_and_by_size() -> None:
    small = [a_row(seq, 10) for seq in range(1, LINK_CHUNK + 2)]
    assert [len(chunk) for chunk in _chunks(small)] == [LINK_CHUNK, 1]
    large = [a_row(1, 10), a_row(2, LINK_CHUNK_BYTES), a_row(3, LINK_CHUNK_BYTES + 1), a_row(4, 10)]
    assert [[row.seq for row in chunk] for chunk in _chunks(large)] == [[1], [2], [3], [4]]
    assert list(_chunks([])) == []


def test_what_kafka_keeps_is_sent_again_over_a_link_that_stands_only() -> None:
    now = datetime.now(UTC)
    edge = EdgeBook([EdgePosition(COUNTY, 9, 4, 0)], now)[COUNTY]
    edge.handed_kafka = edge.handed_link = 9
    edge.rewind(now, kafka=False)
    assert (edge.handed_kafka, edge.handed_link) == (9, 4)
    edge.rewind(now, kafka=True)
    assert (edge.handed_kafka, edge.handed_link) == (4, 4)
