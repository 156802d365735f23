"""One node alone: a township in a process of its own, its parent in another, idle and with a busy day's work.

Busy is one case a second and every tenth taken up: a township of this city takes in some twenty cases a day. What a pod
asks for in the charts (0.1 of a core, 192 MiB) has to hold then.
"""

import asyncio
import time
from uuid import uuid4

import psutil

from fengqiao.domain.case import Direction
from fengqiao.domain.command import OfferCase
from fengqiao.rpc.client import NodeClient
from tests.bench.figures import Goal, Record
from tests.bench.ground import Ground, cpu_seconds
from tests.bench.intake import a_case

MIB = 1024 * 1024


async def measure(ground: Ground, record: Record, runs: int, *, quick: bool) -> None:
    """Measure resident memory, and processor time while nothing happens."""
    settle, watch = (3, 10) if quick else (15, 30)
    cores, sizes, busy_cores, busy_sizes = list[float](), list[float](), list[float](), list[float]()
    branch = ground.branch()
    with (
        ground.node_process(branch, [branch.city, branch.county]) as above,
        ground.node_process(branch, [branch.township], FENGQIAO_PARENT=above.grpc[branch.county]) as node,
    ):
        await asyncio.sleep(settle)
        for _ in range(runs):
            cores.append(await idle_cores(node.pid, watch))
            sizes.append(psutil.Process(node.pid).memory_info().rss / MIB)
        async with NodeClient(node.grpc[branch.township]) as client:
            for _ in range(runs):
                busy_cores.append(await busy_cores_of(node.pid, client, watch))
                busy_sizes.append(psutil.Process(node.pid).memory_info().rss / MIB)
    record.put("pod_busy_rss", busy_sizes, "MiB", goal=Goal(192))
    record.put("pod_busy", busy_cores, "cores", goal=Goal(0.1))
    record.put("alone_rss", sizes, "MiB", goal=Goal(120))
    record.put("alone_idle", cores, "cores", goal=Goal(0.01))


async def busy_cores_of(pid: int, client: NodeClient, seconds: int) -> float:
    """Give the share of a core that a process uses while a case comes in each second and every tenth is taken up."""
    began, before = time.perf_counter(), cpu_seconds([pid])
    for second in range(seconds):
        command = a_case()
        await client.register(command, "王敏")
        if second % 10 == 0:
            offer = OfferCase(command.case_id, uuid4(), Direction.UP, "超出镇级职权")
            await client.carry_out(offer, "王敏")
        await asyncio.sleep(max(0.0, began + second + 1 - time.perf_counter()))
    return (cpu_seconds([pid]) - before) / (time.perf_counter() - began)


async def idle_cores(pid: int, seconds: float) -> float:
    """Give the share of a core that a process uses over some time."""
    began, before = time.perf_counter(), cpu_seconds([pid])
    await asyncio.sleep(seconds)
    return (cpu_seconds([pid]) - before) / (time.perf_counter() - began)
