"""PostgreSQL restarted, and killed, under a stream of work."""

import asyncio
import random

from tests.fault.rig import Ground, until

LINES_A_MINUTE = 20


async def test_postgresql_restarted_and_killed_under_work_loses_nothing(ground: Ground, seed: int) -> None:
    draw = random.Random(seed)
    mark = ground.log_mark()
    async with ground.load(f"database.{seed}"):
        for end in (ground.postgres.stop, ground.postgres.kill):
            await asyncio.sleep(draw.uniform(1.0, 3.0))
            assert ground.readiness() == 200
            await asyncio.to_thread(end)
            noticed = await until(lambda: ground.readiness() == 503, 15, "the probe tells that PostgreSQL is away")
            await asyncio.sleep(draw.uniform(0.5, 3.0))
            await asyncio.to_thread(ground.postgres.start)
            ready = await until(lambda: ground.readiness() == 200, 40, "the nodes are ready again")
            print(f"{end.__name__}: told after {noticed:.1f} s, ready {ready:.1f} s after PostgreSQL was")
        await asyncio.sleep(1)
    await ground.settled()
    lines = ground.busiest_minute(mark)
    print(f"{len(lines)} log lines in a minute")
    assert len(lines) <= LINES_A_MINUTE, "\n".join(lines)
