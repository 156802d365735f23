"""Tracing a case over three nodes, beside one gRPC round trip and three indexed reads."""

import time
from collections.abc import Awaitable, Callable
from itertools import pairwise
from uuid import UUID, uuid4

from fengqiao.domain.case import Direction
from fengqiao.domain.command import AcceptOffer, AssignCase, OfferCase
from fengqiao.entry.node import Node
from fengqiao.handlers import case as handlers
from fengqiao.rpc.client import NodeClient
from fengqiao.store.queries import case_file_by_id
from tests.bench.figures import Goal, Record, percentile
from tests.bench.ground import Branch, Ground
from tests.bench.hop import CLERK, Arrivals
from tests.bench.intake import a_case


async def measure(ground: Ground, record: Record, runs: int, *, quick: bool) -> None:
    """Measure traces and floors in turns; the case was taken in at the township and is held by the city."""
    many = 40 if quick else 200
    branch = ground.branch()
    async with ground.nodes(branch, branch.codes) as nodes:
        case_id = await _held_by_the_city(nodes, branch)
        port = nodes[branch.township]._server.port  # type: ignore[union-attr]  # the server of a started node
        async with NodeClient(f"127.0.0.1:{port}") as client:

            async def trace() -> None:
                found = await client.trace(str(case_id))
                if len(found.steps) != 3 or found.partial:
                    raise AssertionError(found)

            async def floor() -> None:
                await client.serving()
                for node in nodes.values():
                    await case_file_by_id(node.database, case_id)

            await _turns(20, trace, floor)
            for _ in range(runs):
                for name, samples in zip(("trace_ms", "trace_floor_ms"), await _turns(many, trace, floor), strict=True):
                    record.keep(name, samples)
    values, floors = ([percentile(run, 0.5) for run in record.samples[name]] for name in ("trace_ms", "trace_floor_ms"))
    record.put("trace_p50", values, "ms", floors=floors, goal=Goal(3, of_ratio=True))
    print(f"  trace, ms: {record.spread('trace_ms')}")


async def _turns(many: int, *actions: Callable[[], Awaitable[None]]) -> list[list[float]]:
    samples: list[list[float]] = [[] for _ in actions]
    for _ in range(many):
        for action, found in zip(actions, samples, strict=True):
            began = time.perf_counter()
            await action()
            found.append((time.perf_counter() - began) * 1000)
    return samples


async def _held_by_the_city(nodes: dict[str, Node], branch: Branch) -> UUID:
    command = a_case()
    way = [nodes[code] for code in (branch.township, branch.county, branch.city)]
    await handlers.register(way[0].context, command, CLERK)
    for here, above in pairwise(way):
        arrivals = Arrivals(above)
        arrived = arrivals.expect(command.case_id)
        offer = OfferCase(command.case_id, uuid4(), Direction.UP, "超出职权")
        await handlers.carry_out(here.context, offer, CLERK)
        await arrived
        arrivals.stop()
        back = Arrivals(here)
        told = back.expect(command.case_id)
        await handlers.carry_out(above.context, AcceptOffer(command.case_id), CLERK)
        await told
        back.stop()
    # What the township hears of the second hand-over comes over two edges.
    first = Arrivals(way[0])
    told = first.expect(command.case_id)
    await handlers.carry_out(way[2].context, AssignCase(command.case_id, "transport"), CLERK)
    await told
    first.stop()
    return command.case_id
