"""The outbox tax: a business transaction with its outbox row beside the same one without, and the wake-up's cost."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

from fengqiao.domain.case import Direction
from fengqiao.domain.command import OfferCase
from fengqiao.entry.clock import new_id, utc_now
from fengqiao.entry.handbook import load_handbook
from fengqiao.entry.lists import load_units
from fengqiao.handlers import case as handlers
from fengqiao.handlers.changes import ChangeHub
from fengqiao.handlers.context import Actor, Context
from fengqiao.handlers.saving import committed, put_case
from fengqiao.handlers.serials import SerialSource
from fengqiao.observe.metrics import NodeMetrics
from fengqiao.store.changes import Changes
from fengqiao.store.database import Database
from fengqiao.store.new_files import NewFiles
from fengqiao.store.work import work
from tests.bench.figures import Goal, Record, percentile
from tests.bench.ground import Ground
from tests.bench.intake import a_case

CLERK = Actor("王敏")
WRITERS = 32
CONNECTIONS = 16


async def measure(ground: Ground, record: Record, runs: int, *, quick: bool) -> None:
    """Measure both; with and without take turns, case by case, or round by round."""
    many, notes = (60, 8) if quick else (300, 20)
    branch = ground.branch()
    database = Database(ground.dsn(f"bench_{branch.township}"), connections=CONNECTIONS)
    await database.open(10)
    try:
        context = Context(
            branch.topology.centre(branch.township), branch.topology, load_units(""), database, SerialSource(database),
            NewFiles(database), utc_now, new_id, lambda: None, ChangeHub(), NodeMetrics(branch.township),
            load_handbook(""),
        )  # fmt: skip
        for _ in range(runs):
            for name, samples in (await _offers(context, many)).items():
                record.keep(name, samples)
            for name, samples in (await _wake_ups(context, notes)).items():
                record.keep(name, samples)
    finally:
        await database.close()
    for name in ("outbox_tax", "wake_up_32"):
        values, floors = (
            [percentile(run, 0.5) for run in record.samples[f"{name}_{kind}_ms"]] for kind in ("with", "without")
        )
        record.put(f"{name}_p50", values, "ms", floors=floors, goal=Goal(GOALS[name], of_ratio=True))


GOALS = {"outbox_tax": 1.10, "wake_up_32": 1.05}


async def _offers(context: Context, many: int) -> dict[str, list[float]]:
    """An offer upward as the handler makes it, and the same without the row for the neighbour."""
    samples: dict[str, list[float]] = {"outbox_tax_with_ms": [], "outbox_tax_without_ms": []}
    cases = await _cases(context, 2 * many)
    for number, case_id in enumerate(cases):
        leaves = number % 2 == 0
        began = time.perf_counter()
        await _offer(context, case_id, leaves=leaves)
        took = (time.perf_counter() - began) * 1000
        samples["outbox_tax_with_ms" if leaves else "outbox_tax_without_ms"].append(took)
    return samples


async def _offer(context: Context, case_id: UUID, *, leaves: bool) -> None:
    command = OfferCase(case_id, uuid4(), Direction.UP, "超出镇级职权")
    facts, changes = context.facts(CLERK), Changes(datetime.now(UTC))
    async with work(context.database) as unit:
        loaded = await unit.load((case_id,), histories=(case_id,))
        file = loaded.cases[case_id]
        decision = handlers.decide(file, command, loaded.histories[case_id], facts)
        put_case(context, changes, decision if leaves else replace(decision, outgoing=()), before=file)
        await unit.save(changes)
    committed(context, changes)


async def _wake_ups(context: Context, notes: int) -> dict[str, list[float]]:
    """Offers by 32 writers at once; with: each wakes a loop that waits as the relay does, and does nothing else."""
    samples: dict[str, list[float]] = {"wake_up_32_with_ms": [], "wake_up_32_without_ms": []}
    woken = asyncio.Event()

    async def wait_like_the_relay() -> None:
        while True:
            await woken.wait()
            woken.clear()

    waiting = asyncio.create_task(wait_like_the_relay())
    try:
        for turn in range(2 * notes):
            wakes = turn % 2 == 0
            here = replace(context, wake=woken.set) if wakes else context
            cases = await _cases(context, WRITERS)
            offer = _timed(lambda case_id, here=here: _offer(here, case_id, leaves=True))  # type: ignore[misc]  # bound now
            name = "wake_up_32_with_ms" if wakes else "wake_up_32_without_ms"
            samples[name] += await asyncio.gather(*(offer(case_id) for case_id in cases))
    finally:
        waiting.cancel()
    return samples


def _timed(action: Callable[[UUID], Awaitable[None]]) -> Callable[[UUID], Awaitable[float]]:
    async def timed(case_id: UUID) -> float:
        began = time.perf_counter()
        await action(case_id)
        return (time.perf_counter() - began) * 1000

    return timed


async def _cases(context: Context, many: int) -> Sequence[UUID]:
    commands = [a_case() for _ in range(many)]
    await asyncio.gather(*(handlers.register(context, command, CLERK) for command in commands))
    return [command.case_id for command in commands]
