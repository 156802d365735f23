"""A caller that gives up in the middle of a transaction leaves nothing behind for the next one."""

import asyncio
from collections import Counter
from random import Random

from psycopg.pq import PipelineStatus

from fengqiao.store.database import Database
from fengqiao.store.named_sql import Statement
from tests.containers import PostgresServer

NUMBERS = Statement("numbers", "SELECT g, pg_sleep(0.0005) FROM generate_series(1, %(many)s) g")
PATIENCE_SECONDS = (0.0005, 0.001, 0.002, 0.004, 0.02, 1.0)
CONNECTIONS = 4


async def numbers(database: Database, *, in_transaction: bool) -> list[int]:
    if not in_transaction:
        return [len(await database.fetch(NUMBERS, {"many": 2}))]
    async with database.transaction() as transaction:
        first = len(await transaction.fetch(NUMBERS, {"many": 3}))
        return [first, len(await transaction.fetch(NUMBERS, {"many": 2}, last=True))]


async def test_a_connection_whose_caller_gave_up_is_never_lent_half_used(postgres: PostgresServer) -> None:
    database = Database(postgres.dsn(), connections=CONNECTIONS)
    await database.open(10)
    outcomes: Counter[str] = Counter()

    async def caller(seed: int) -> None:
        rng = Random(seed)
        for _ in range(40):
            in_transaction = rng.random() < 0.5
            try:
                async with asyncio.timeout(rng.choice(PATIENCE_SECONDS)):
                    found = await numbers(database, in_transaction=in_transaction)
            except TimeoutError:
                outcomes["gave up"] += 1
            else:
                outcomes["whole" if found == ([3, 2] if in_transaction else [2]) else "torn"] += 1

    async def state_of_one() -> PipelineStatus:
        async with database.connection() as connection:
            await asyncio.sleep(0.05)
            return PipelineStatus(connection.pgconn.pipeline_status)

    try:
        await asyncio.gather(*(caller(seed) for seed in range(16)))
        assert outcomes["gave up"] > 0
        assert outcomes["torn"] == 0
        states = await asyncio.gather(*(state_of_one() for _ in range(CONNECTIONS)))
        assert set(states) == {PipelineStatus.OFF}
        assert await numbers(database, in_transaction=True) == [3, 2]
    finally:
        await database.close()
