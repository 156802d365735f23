"""The floor of the whole city: as many carriers, pools and empty gRPC servers in one process, and nothing of ours else.

`python -m tests.bench.bare_city '{"dsn": …, "kafka": …, "codes": […]}'` prints `ready` and runs until it is killed.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Sequence

import grpc
import psycopg_pool

from fengqiao.bus.carrier import Record
from fengqiao.bus.faust_carrier import FaustCarrier
from fengqiao.bus.faust_settings import CarrierSettings
from fengqiao.bus.topics import dead_topic

START_SECONDS = 120.0
AT_ONCE = 16


async def run(dsn: str, kafka: str, codes: Sequence[str]) -> None:
    """Start all side by side, say so, and wait."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def start(code: str) -> tuple[FaustCarrier, psycopg_pool.AsyncConnectionPool, grpc.aio.Server]:
        async with gate:
            pool = psycopg_pool.AsyncConnectionPool(
                dsn.replace("{centre}", code), min_size=1, max_size=6, num_workers=1, open=False
            )
            await pool.open(wait=True, timeout=START_SECONDS)
        server = grpc.aio.server()
        server.add_insecure_port("127.0.0.1:0")
        await server.start()
        # A group of its own, so that the offsets of the nodes stay as they are.
        carrier = FaustCarrier(CarrierSettings(f"bare-{code}", (kafka,)), (dead_topic(code),), _take)
        await carrier.start(START_SECONDS)
        return carrier, pool, server

    kept = await asyncio.gather(*(start(code) for code in codes))
    if not all(carrier.health().connected for carrier, _, _ in kept):
        raise SystemExit("not every carrier is connected")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def _take(records: Sequence[Record]) -> None:
    """Take whatever comes; nothing does."""


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(run(**json.loads(sys.argv[1])))
