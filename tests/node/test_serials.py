"""Serial numbers of the day: never twice, in order for one who comes alone, drawn ahead where many come at once."""

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg

from fengqiao.handlers.serials import SerialSource
from tests.containers import PostgresServer
from tests.node.rig import TOWNSHIP, bench

MORNING = datetime(2026, 11, 23, 1, tzinfo=UTC)
NEXT_DAY = MORNING + timedelta(days=1)


async def _at_once(source: SerialSource, many: int, at: datetime = MORNING) -> list[int]:
    return await asyncio.gather(*(source.draw(at) for _ in range(many)))


async def test_one_who_comes_alone_is_given_the_very_next_number(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        source = SerialSource(rig[TOWNSHIP].database)
        assert [await source.draw(MORNING) for _ in range(5)] == [1, 2, 3, 4, 5]


async def test_who_comes_at_once_is_given_different_numbers_in_few_statements(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        source = SerialSource(rig[TOWNSHIP].database)
        drawn = [number for _ in range(10) for number in await _at_once(source, 16)]
        assert sorted(drawn) == list(range(1, 161))
        assert rig.statements["work.serials"] <= 4


async def test_two_processes_of_a_centre_never_give_one_number_twice(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        one, two = (SerialSource(rig[TOWNSHIP].database) for _ in range(2))
        drawn = [
            number
            for _ in range(5)
            for part in await asyncio.gather(_at_once(one, 9), _at_once(two, 9))
            for number in part
        ]
        assert len(set(drawn)) == 90


async def test_who_waits_for_another_process_that_begins_the_day_is_given_a_number_all_the_same(
    postgres: PostgresServer,
) -> None:
    async with bench(postgres) as rig:
        database = rig[TOWNSHIP].database
        async with await psycopg.AsyncConnection.connect(database.dsn) as other:
            await other.execute("INSERT INTO serial_day (day, base) VALUES ('2026-11-23', 0)")
            drawing = asyncio.create_task(SerialSource(database).draw(MORNING))
            waiting = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            async with asyncio.timeout(20), await psycopg.AsyncConnection.connect(database.dsn) as looking:
                await looking.set_autocommit(True)
                while (await (await looking.execute(waiting)).fetchone()) == (0,):  # noqa: ASYNC110 - nothing tells of it
                    await asyncio.sleep(0.01)
            await other.commit()
            # The number that the statement has drawn while it waited is left out.
            assert await drawing >= 1


async def test_each_day_begins_with_one_and_an_earlier_day_goes_on(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        source = SerialSource(rig[TOWNSHIP].database)
        await _at_once(source, 16)
        assert await source.draw(NEXT_DAY) == 1
        late = await source.draw(MORNING)
        assert late > 16
        assert await source.draw(NEXT_DAY) > 1
