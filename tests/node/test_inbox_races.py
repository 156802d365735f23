"""Two carriers, one inbox: what Kafka and the Link bring in the same moment is taken in as if one had come first."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import psycopg

from fengqiao.domain.case import Direction, Role
from fengqiao.domain.command import AcceptOffer, AddNote, OfferCase, RegisterCase
from fengqiao.domain.edge import CRASH_LIMIT
from fengqiao.handlers import case as handlers
from fengqiao.handlers.inbox import retry_held
from fengqiao.insight.cases import case_view
from fengqiao.proto.v1 import envelope_pb2
from fengqiao.store.dead_letters import dead_letters
from tests.containers import PostgresServer
from tests.node.rig import CLERK, COUNTY, TOWNSHIP, Bench, bench, new_id


async def registered(rig: Bench) -> UUID:
    command = RegisterCase(new_id(), "铁轨横卧路中", "新河路一段废弃铁轨，行人常被绊倒。", place="新河路")
    await handlers.register(rig[TOWNSHIP], command, CLERK)
    return command.case_id


async def blocked(rig: Bench, centre: str, many: int) -> None:
    """Wait until so many connections wait for a lock."""
    dsn = rig[centre].database.dsn
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as looker, asyncio.timeout(10):
        while True:
            waiting = await looker.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            row = await waiting.fetchone()
            if row is not None and row[0] == many:
                return
            await asyncio.sleep(0.01)


@asynccontextmanager
async def locked(rig: Bench, centre: str, statement: bytes) -> AsyncIterator[None]:
    """Hold a lock while the block runs."""
    async with await psycopg.AsyncConnection.connect(rig[centre].database.dsn) as holder:
        await holder.execute(statement)
        yield


async def in_turn(rig: Bench, centre: str, statement: bytes, *works: Awaitable[Any]) -> list[Any]:
    """Let works begin while a lock is held, so that each has looked at the database before any went on."""
    tasks = []
    async with locked(rig, centre, statement):
        for many, work in enumerate(works, start=1):
            tasks.append(asyncio.ensure_future(work))
            await blocked(rig, centre, many)
    return list(await asyncio.gather(*tasks))


async def test_a_message_about_a_case_that_the_other_carrier_has_just_brought_finds_the_case(
    postgres: PostgresServer,
) -> None:
    async with bench(postgres) as rig:
        case = await registered(rig)
        await handlers.carry_out(rig[TOWNSHIP], OfferCase(case, new_id(), Direction.UP, "超出职权"), CLERK)
        await handlers.carry_out(rig[TOWNSHIP], AddNote(case, "又有人摔倒"), CLERK)
        offer, note = (await rig.envelopes(TOWNSHIP))[COUNTY]
        first, second = await in_turn(
            rig,
            COUNTY,
            b"SELECT FROM edge FOR UPDATE",
            rig.deliver(COUNTY, TOWNSHIP, [offer]),
            rig.deliver(COUNTY, TOWNSHIP, [offer, note]),
        )
        assert (first.received_seqs, second.received_seqs) == ({TOWNSHIP: 1}, {TOWNSHIP: 2})
        assert await dead_letters(rig[COUNTY].database) == ()
        view = await case_view(rig[COUNTY].database, case)
        assert [row.event.kind.value for row in view.events] == ["registered", "offered", "noted"]


async def test_an_offer_tells_the_whole_story_though_a_note_came_in_the_same_moment(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case = await registered(rig)
        await in_turn(
            rig,
            TOWNSHIP,
            b"SELECT FROM case_file FOR UPDATE",
            handlers.carry_out(rig[TOWNSHIP], AddNote(case, "又有人摔倒"), CLERK),
            handlers.carry_out(rig[TOWNSHIP], OfferCase(case, new_id(), Direction.UP, "超出职权"), CLERK),
        )
        await rig.settle()
        view = await case_view(rig[COUNTY].database, case)
        assert [row.event.kind.value for row in view.events] == ["registered", "noted", "offered"]


async def test_a_held_message_that_two_processes_try_again_is_handled_once(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case = await registered(rig)
        await handlers.carry_out(rig[TOWNSHIP], OfferCase(case, new_id(), Direction.UP, "超出职权"), CLERK)
        await rig.settle()
        await handlers.carry_out(rig[COUNTY], AcceptOffer(case), CLERK)
        accepted = (await rig.envelopes(COUNTY))[TOWNSHIP]
        await rig.deliver(TOWNSHIP, COUNTY, accepted)
        async with await psycopg.AsyncConnection.connect(rig[TOWNSHIP].database.dsn) as connection:
            # As if it had been held until now.
            await connection.execute(
                "UPDATE inbox SET state = 'waiting', next_try_at = now() - interval '1 s', envelope = %s", accepted
            )
            await connection.execute(
                """UPDATE case_file SET role = 'holder', epoch = 1, version = 2, offer_id = %s, offer_to = %s,
                    offer_direction = 'up', offer_epoch = 2, offer_reason = 'x', offered_at = now(),
                    offer_withdrawing = false""",
                (_offer(accepted[0]), COUNTY),
            )
        await asyncio.gather(retry_held(rig[TOWNSHIP]), retry_held(rig[TOWNSHIP]))
        assert await dead_letters(rig[TOWNSHIP].database) == ()
        assert (await case_view(rig[TOWNSHIP].database, case)).file.role is Role.FOLLOWER


def _offer(envelope: bytes) -> str:
    return envelope_pb2.Envelope.FromString(envelope).offer_accepted.offer_id


async def test_a_message_that_the_database_refuses_holds_its_case_and_not_the_edge(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        cases = [await registered(rig) for _ in range(3)]
        for case in cases:
            await handlers.carry_out(rig[TOWNSHIP], OfferCase(case, new_id(), Direction.UP, "超出职权"), CLERK)
        await handlers.carry_out(rig[TOWNSHIP], AddNote(cases[1], "又有人摔倒"), CLERK)
        envelopes = (await rig.envelopes(TOWNSHIP))[COUNTY]
        poison = envelope_pb2.Envelope.FromString(envelopes[1])
        poison.offer_made.case.title = "长" * 201
        taken = await rig.deliver(COUNTY, TOWNSHIP, [envelopes[0], poison.SerializeToString(), *envelopes[2:]])
        assert taken.received_seqs == {TOWNSHIP: 4}
        assert taken.held
        for case in (cases[0], cases[2]):
            assert (await case_view(rig[COUNTY].database, case)).file.role is Role.CANDIDATE
        for _ in range(CRASH_LIMIT):
            await hurry(rig, COUNTY)
            await retry_held(rig[COUNTY])
        (letter,) = await dead_letters(rig[COUNTY].database)
        assert (letter.seq, letter.code, letter.params) == (2, "message_crashed", {"detail": "CheckViolation"})


async def test_a_message_with_a_character_that_the_database_cannot_keep_is_parked(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case = await registered(rig)
        await handlers.carry_out(rig[TOWNSHIP], OfferCase(case, new_id(), Direction.UP, "超出职权"), CLERK)
        (envelope,) = (await rig.envelopes(TOWNSHIP))[COUNTY]
        poison = envelope_pb2.Envelope.FromString(envelope)
        poison.sender, poison.type = "0\0", "offer\0made"
        await rig.deliver(COUNTY, TOWNSHIP, [poison.SerializeToString(), envelope])
        (letter,) = await dead_letters(rig[COUNTY].database)
        assert letter.code == "message_sender"
        assert (await case_view(rig[COUNTY].database, case)).file.role is Role.CANDIDATE


async def hurry(rig: Bench, centre: str) -> None:
    """Make every held message due now."""
    async with await psycopg.AsyncConnection.connect(rig[centre].database.dsn) as connection:
        await connection.execute("UPDATE inbox SET next_try_at = now() - interval '1 s' WHERE state = 'waiting'")
