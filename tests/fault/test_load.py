"""Without any fault, a stream of work leaves a federation in which nothing is wrong."""

import asyncio

from tests.fault.rig import Ground


async def test_work_without_faults_is_clean(ground: Ground, seed: int) -> None:
    async with ground.load(f"calm.{seed}"):
        await asyncio.sleep(5)
    report = await ground.settled()
    assert report["counts"]["messages"] > 0
