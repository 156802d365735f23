"""Two task queues that live in PostgreSQL as our outbox does, draining jobs that do nothing on the same server."""

import logging
import time

import procrastinate
import psycopg
from pgqueuer import PgQueuer
from pgqueuer.db import PsycopgDriver
from pgqueuer.models import Job
from pgqueuer.queries import Queries
from pgqueuer.types import QueueExecutionMode
from procrastinate.types import JSONValue

CONCURRENCY = 32
BATCH = 500


async def procrastinate_rate(dsn: str, jobs: int) -> float:
    """Give jobs per second of one procrastinate worker."""
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=dsn))
    done = 0

    @app.task(name="nothing")
    async def nothing(number: int) -> None:
        nonlocal done
        done += 1

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await nothing.batch_defer_async(*[dict[str, JSONValue](number=number) for number in range(jobs)])
        began = time.perf_counter()
        await app.run_worker_async(wait=False, concurrency=CONCURRENCY, install_signal_handlers=False)
        took = time.perf_counter() - began
    if done != jobs:
        raise AssertionError(f"procrastinate did {done} of {jobs} jobs")
    return jobs / took


async def pgqueuer_rate(dsn: str, jobs: int) -> float:
    """Give jobs per second of one PgQueuer consumer that takes batches."""
    done = 0
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        driver = PsycopgDriver(connection)
        queries = Queries(driver)
        await queries.install()
        for start in range(0, jobs, BATCH):
            many = min(BATCH, jobs - start)
            await queries.enqueue(["nothing"] * many, [None] * many, [0] * many)
        queue = PgQueuer(driver)

        @queue.entrypoint("nothing")
        async def nothing(job: Job) -> None:
            nonlocal done
            done += 1

        began = time.perf_counter()
        await queue.run(mode=QueueExecutionMode.drain, batch_size=BATCH)
        took = time.perf_counter() - began
    if done != jobs:
        raise AssertionError(f"PgQueuer did {done} of {jobs} jobs")
    return jobs / took
