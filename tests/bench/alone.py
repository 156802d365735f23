"""One node alone: a township in a process of its own, its parent in another, and nothing to do."""

import asyncio
import time

import psutil

from tests.bench.figures import Goal, Record
from tests.bench.ground import Ground, cpu_seconds

MIB = 1024 * 1024


async def measure(ground: Ground, record: Record, runs: int, *, quick: bool) -> None:
    """Measure resident memory, and processor time while nothing happens."""
    settle, watch = (3, 10) if quick else (15, 30)
    cores, sizes = list[float](), list[float]()
    branch = ground.branch()
    with (
        ground.node_process(branch, [branch.city, branch.county]) as above,
        ground.node_process(branch, [branch.township], FENGQIAO_PARENT=above.grpc[branch.county]) as node,
    ):
        await asyncio.sleep(settle)
        for _ in range(runs):
            cores.append(await idle_cores(node.pid, watch))
            sizes.append(psutil.Process(node.pid).memory_info().rss / MIB)
    record.put("alone_rss", sizes, "MiB", goal=Goal(120))
    record.put("alone_idle", cores, "cores", goal=Goal(0.01))


async def idle_cores(pid: int, seconds: float) -> float:
    """Give the share of a core that a process uses over some time."""
    began, before = time.perf_counter(), cpu_seconds([pid])
    await asyncio.sleep(seconds)
    return (cpu_seconds([pid]) - before) / (time.perf_counter() - began)
