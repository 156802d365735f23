"""One hop, commit at the child to commit at the parent, and an escalation over two, beside the bare way.

Real nodes in this process. A hop begins when the command has returned at the child and ends when the parent's change
hub tells of the case, which is right after its commit.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from uuid import UUID, uuid4

from fengqiao.domain.case import Direction
from fengqiao.domain.command import AcceptOffer, OfferCase
from fengqiao.entry.node import Node
from fengqiao.handlers import case as handlers
from fengqiao.handlers.changes import Subscription
from fengqiao.handlers.context import Actor
from tests.bench.bare import BareHop, bare_hop, open_loop
from tests.bench.figures import Goal, Record, percentile
from tests.bench.ground import Ground
from tests.bench.intake import a_case

CLERK = Actor("王敏")
RATE = 20.0
BODY = b"x" * 700  # About the length of an offer's envelope.
ARRIVAL_SECONDS = 20.0


class Arrivals:
    """When a node told of a case for the first time since it was asked to look for it."""

    def __init__(self, node: Node) -> None:
        self._wanted: dict[UUID, asyncio.Future[float]] = {}
        self._subscription = contextlib.ExitStack()
        subscription = self._subscription.enter_context(node.context.changes.subscribed())
        self._listening = asyncio.create_task(self._listen(subscription))

    def expect(self, case_id: UUID) -> "asyncio.Future[float]":
        """Give the future that gets the time of the next change of a case."""
        return self._wanted.setdefault(case_id, asyncio.get_running_loop().create_future())

    def stop(self) -> None:
        """Listen no more."""
        self._listening.cancel()
        self._subscription.close()

    async def _listen(self, subscription: Subscription) -> None:
        async for change in subscription.changes(5.0):
            future = self._wanted.pop(change.subject, None) if change and change.subject else None
            if future is not None and not future.done():
                future.set_result(time.perf_counter())


async def measure(ground: Ground, record: Record, runs: int, *, quick: bool) -> None:
    """Measure hops and escalations; every third turn is a bare one."""
    turns = 90 if quick else 450
    branch = ground.branch()
    parts = (ground.parts.kafka.bootstrap, ground.dsn(f"bench_{branch.township}"), ground.dsn(f"bench_{branch.county}"))
    async with ground.nodes(branch, branch.codes) as nodes, bare_hop(*parts) as bare:
        chain = [nodes[code] for code in (branch.township, branch.county, branch.city)]
        await _run(chain, bare, 30)
        for _ in range(runs):
            for name, samples in (await _run(chain, bare, turns)).items():
                record.keep(f"{name}_ms", samples)
    _put(record)


def _put(record: Record) -> None:
    for part, bound in (("p50", 1.5), ("p99", 2.5)):
        share = float(part[1:]) / 100
        hops = [percentile(samples, share) for samples in record.samples["hop_ms"]]
        floors = [percentile(samples, share) for samples in record.samples["hop_floor_ms"]]
        record.put(f"hop_{part}", hops, "ms", floors=floors, goal=Goal(bound, of_ratio=True))
    medians = [[percentile(run, 0.5) for run in record.samples[name]] for name in ("escalation_ms", "hop_ms")]
    record.put("escalation_p50", medians[0], "ms", floors=medians[1], goal=Goal(2.2, of_ratio=True))
    for name in ("hop_ms", "hop_floor_ms", "escalation_ms", "escalation_county_ms"):
        print(f"  {name}: {record.spread(name)}")


async def _run(chain: Sequence[Node], bare: BareHop, turns: int) -> dict[str, list[float]]:
    township, county, city = chain
    cases = [a_case() for _ in range(turns)]
    for command in cases:
        await handlers.register(township.context, command, CLERK)
    samples: dict[str, list[float]] = {"hop": [], "hop_floor": [], "escalation": [], "escalation_county": []}
    here, above = Arrivals(county), Arrivals(city)
    lock = asyncio.Lock()

    async def one_hop(number: int) -> None:
        samples["hop"].append((await _arrival(township, here, cases[number].case_id))[1])

    async def escalate(number: int) -> None:
        case_id = cases[number].case_id
        arrived = above.expect(case_id)
        began, _ = await _arrival(township, here, case_id)
        offered = time.perf_counter()
        await handlers.carry_out(county.context, AcceptOffer(case_id), CLERK)
        await handlers.carry_out(county.context, OfferCase(case_id, uuid4(), Direction.UP, "跨县"), CLERK)
        samples["escalation_county"].append((time.perf_counter() - offered) * 1000)
        samples["escalation"].append((await arrived - began) * 1000)

    async def floor(_number: int) -> None:
        async with lock:
            samples["hop_floor"].append(await bare.pass_over(BODY))

    try:
        async with asyncio.timeout(turns / RATE + ARRIVAL_SECONDS):
            await open_loop(RATE, turns, [one_hop, floor, escalate])
    finally:
        here.stop()
        above.stop()
    return samples


async def _arrival(township: Node, here: Arrivals, case_id: UUID) -> tuple[float, float]:
    """Offer a case up; gives when the command returned, and the ms until the parent told of it."""
    arrived = here.expect(case_id)
    await handlers.carry_out(township.context, OfferCase(case_id, uuid4(), Direction.UP, "超出镇级职权"), CLERK)
    began = time.perf_counter()
    return began, (await arrived - began) * 1000
