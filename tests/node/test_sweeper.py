"""The loop of the sweeper: it sleeps until the next instant, wakes for an earlier one, survives clocks and trouble."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fengqiao.domain.calendar import Budget, Counting
from fengqiao.domain.event import EventKind
from fengqiao.domain.limit_policy import LimitRules
from fengqiao.handlers import case as handlers
from fengqiao.handlers.context import Context
from fengqiao.insight.cases import case_view
from fengqiao.store.queries import JournalRow
from fengqiao.timers import sweeper as sweepers
from fengqiao.timers.sweeper import Sweeper
from tests.containers import PostgresServer
from tests.node.rig import CLERK, TOWNSHIP, bench
from tests.node.test_handlers_case import a_case
from tests.unit.limits import RED_RUNG, policy, rules


def due_after(seconds: int) -> LimitRules:
    return rules(policy(budget=Budget(Counting.WALL_CLOCK, seconds), rungs=(RED_RUNG,)))


@asynccontextmanager
async def running(context: Context) -> AsyncIterator[Context]:
    """Run a sweeper; gives the context whose handlers wake it."""
    sweeper, stopping = Sweeper(context), asyncio.Event()
    loop = asyncio.create_task(sweeper.run(stopping))
    try:
        yield replace(context, clock_set=sweeper.clock_set)
    finally:
        stopping.set()
        await asyncio.wait_for(loop, 5)


async def breach(context: Context, seconds: float) -> JournalRow | None:
    """Wait so long for the breach of a case that is registered now."""
    command = a_case()
    await handlers.register(context, command, CLERK)
    return await breach_of(context, lambda: command.case_id, seconds)


async def breach_of(context: Context, case_id: Callable[[], object], seconds: float) -> JournalRow | None:
    until = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < until:
        view = await case_view(context.database, case_id())  # type: ignore[arg-type]  # an id, however it is got
        for row in view.events:
            if row.event.kind is EventKind.LIMIT_BREACHED:
                return row
        await asyncio.sleep(0.05)
    return None


async def test_it_wakes_for_an_instant_that_is_stored_and_sleeps_until_then(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig, running(replace(rig[TOWNSHIP], limits=due_after(2))) as here:
        await asyncio.sleep(0.3)
        looked = rig.statements["limit.next"]
        row = await breach(here, 8)
        assert row is not None
        assert timedelta(0) <= row.recorded_at - row.event.at < timedelta(seconds=1)
        assert rig.statements["limit.next"] - looked <= 4


async def test_it_looks_rarely_while_nothing_is_due(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig, running(rig[TOWNSHIP]) as here:
        await handlers.register(here, a_case(), CLERK)
        await asyncio.sleep(2.5)
        assert rig.statements["limit.next"] == 1
        assert rig.statements["limit.fire"] == 0
        assert sweepers.IDLE_SECONDS >= 10


async def test_a_clock_that_jumps_forward_is_noticed_within_an_idle_turn(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweepers, "IDLE_SECONDS", 0.5)
    shift = [timedelta(0)]
    async with bench(postgres) as rig:
        shifted = replace(rig[TOWNSHIP], clock=lambda: datetime.now(UTC) + shift[0])
        async with running(shifted) as here:
            command = a_case()
            await handlers.register(here, command, CLERK)
            shift[0] = timedelta(hours=2.6)
            await asyncio.sleep(1.5)
            kinds = [row.event.kind for row in (await case_view(here.database, command.case_id)).events]
            assert kinds == [EventKind.REGISTERED, EventKind.LIMIT_WARNED]
            shift[0] = timedelta(hours=-5)
            await asyncio.sleep(1.2)
            shift[0] = timedelta(hours=2.7)
            await asyncio.sleep(1.2)
            again = [row.event.kind for row in (await case_view(here.database, command.case_id)).events]
            assert again == kinds


async def test_it_goes_on_after_the_database_was_away(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweepers, "TROUBLE_SECONDS", 0.2)
    async with bench(postgres) as rig:
        here = replace(rig[TOWNSHIP], limits=due_after(1))
        away = replace(here, database=_Away(here))  # type: ignore[arg-type]  # away first, then the real one
        async with running(away):
            command = a_case()
            await handlers.register(here, command, CLERK)
            assert await breach_of(here, lambda: command.case_id, 8) is not None
        assert b'loop="sweeper",outcome="failed"' in here.metrics.text()


class _Away:
    """A database that answers only from the third question on."""

    def __init__(self, context: Context) -> None:
        self._database = context.database
        self._questions = 0

    def __getattr__(self, name: str) -> object:
        self._questions += 1
        if self._questions <= 2:
            raise RuntimeError("the database is away")
        return getattr(self._database, name)
