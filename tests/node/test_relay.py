"""The relay on a real database, with carriers that carry nothing: what it counts as acknowledged."""

import asyncio
from collections.abc import Sequence
from unittest.mock import patch

import pytest

from fengqiao.bus.carrier import CarrierAway, CarrierHealth, Parcel
from fengqiao.bus.edge_book import EdgeBook
from fengqiao.bus.links import Links
from fengqiao.bus.relay import Relay
from fengqiao.domain.errors import Refusal
from fengqiao.entry.local.postgres import EmbeddedPostgres
from fengqiao.proto.v1 import federation_service_pb2 as pb
from fengqiao.store.database import Database
from fengqiao.store.edges import edge_positions
from fengqiao.store.outbox import acknowledge
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


async def relay_of(rig: Bench) -> tuple[Relay, EdgeBook]:
    context = rig[TOWNSHIP]
    book = EdgeBook((await edge_positions(context.database)).values(), context.clock())
    links = Links(context, "0", unanswered, lambda _: None, lambda *_: None, lambda _: 0)
    return Relay(context, book, AwayCarrier(), links, asyncio.Event(), "relay", 1.0), book


async def test_a_receipt_that_rises_while_the_database_works_is_written_in_the_next_turn(
    postgres: EmbeddedPostgres,
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


async def test_what_a_crash_of_postgresql_took_back_is_acknowledged_again(postgres: EmbeddedPostgres) -> None:
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
