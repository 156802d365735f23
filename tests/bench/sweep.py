"""The sweeper: its time with 1,000,000 open limits against 10,000, 100,000 due at one instant, lateness under load."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import psycopg

from fengqiao.entry.clock import new_id, utc_now
from fengqiao.entry.handbook import load_handbook
from fengqiao.entry.lists import load_units
from fengqiao.handlers import limits
from fengqiao.handlers.changes import ChangeHub
from fengqiao.handlers.context import Context
from fengqiao.handlers.serials import SerialSource
from fengqiao.observe.metrics import NodeMetrics
from fengqiao.store.database import Database
from fengqiao.store.limits import next_firing
from fengqiao.store.new_files import NewFiles
from fengqiao.timers.sweeper import Sweeper
from tests.bench.figures import Goal, Record, percentile
from tests.bench.ground import Branch, Ground

OPEN_ONES = """
INSERT INTO limit_rung (limit_id, rung, case_id, code, fire_at, due_at, wake_at)
SELECT gen_random_uuid(), 'red', gen_random_uuid(), 'article-solve', at, at, at
FROM (SELECT %(first)s::timestamptz + n * %(step)s::interval AS at FROM generate_series(1, %(many)s) n) times
"""
FIRED = "SELECT count(*), count(DISTINCT limit_id) FROM limit_rung WHERE fired_at IS NOT NULL"
LATENESS = "SELECT extract(epoch FROM fired_at - fire_at)::float8 * 1000 FROM limit_rung WHERE fired_at IS NOT NULL"
FRESH = "DELETE FROM limit_rung WHERE fired_at IS NOT NULL"
TIDY = "VACUUM limit_rung"
DUE_AT_A_TIME = 500


async def measure(ground: Ground, record: Record, runs: int, *, quick: bool) -> None:
    """Measure the three; both sizes of the first take turns."""
    few, many, at_once = (2_000, 20_000, 50_000) if quick else (10_000, 1_000_000, 100_000)
    branch = ground.branch()
    async with _context(ground, branch, branch.township) as small, _context(ground, branch, branch.county) as large:
        for context, open_limits in ((small, few), (large, many)):
            _put(context, open_limits, ahead=timedelta(days=40), step=timedelta(seconds=1))
        await _sizes(small, large, record, runs, 10 if quick else 40)
        await _at_once(large, record, runs, at_once)
        await _steady(large, record, runs, 2 if quick else 10)


async def _sizes(small: Context, large: Context, record: Record, runs: int, turns: int) -> None:
    names = ("sweep_large_ms", "sweep_small_ms")
    for _ in range(runs):
        samples: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(turns):
            for name, context in zip(names, (large, small), strict=True):
                _put(context, DUE_AT_A_TIME, ahead=-timedelta(hours=1), step=timedelta(milliseconds=1))
                began = time.perf_counter()
                taken = await limits.fire(context)
                await next_firing(context.database)
                samples[name].append((time.perf_counter() - began) * 1000)
                if taken != DUE_AT_A_TIME:
                    raise AssertionError(f"{taken} of {DUE_AT_A_TIME} fired")
        for name, found in samples.items():
            record.keep(name, found)
    values, floors = ([percentile(run, 0.5) for run in record.samples[name]] for name in names)
    record.put("sweep_open_limits", values, "ms", floors=floors, goal=Goal(1.2, of_ratio=True))


async def _at_once(context: Context, record: Record, runs: int, many: int) -> None:
    rates = []
    for _ in range(runs):
        _run(context, FRESH)
        _run(context, TIDY)
        _put(context, many, ahead=-timedelta(hours=1), step=timedelta(0))
        began = time.perf_counter()
        fired = 0
        while taken := await limits.fire(context):
            fired += taken
        rates.append(fired / (time.perf_counter() - began))
        if (fired, *_run(context, FIRED)[0]) != (many, many, many):
            raise AssertionError(f"{fired} fired of {many}: {_run(context, FIRED)}")
    record.put("sweep_at_once", rates, "/s", goal=Goal(50_000, least=True))


async def _steady(context: Context, record: Record, runs: int, seconds: int) -> None:
    for _ in range(runs):
        _run(context, FRESH)
        _put(context, 100 * seconds, ahead=timedelta(seconds=1), step=timedelta(milliseconds=10))
        sweeper, stopping = Sweeper(context), asyncio.Event()
        loop = asyncio.create_task(sweeper.run(stopping))
        await asyncio.sleep(seconds + 2)
        stopping.set()
        await loop
        found = [float(str(row[0])) for row in _run(context, LATENESS)]
        if len(found) != 100 * seconds:
            raise AssertionError(f"{len(found)} of {100 * seconds} fired")
        record.keep("sweep_lateness_ms", found)
    record.put(
        "sweep_lateness_p99", [percentile(run, 0.99) for run in record.samples["sweep_lateness_ms"]], "ms",
        goal=Goal(250),
    )  # fmt: skip
    print(f"  lateness, ms: {record.spread('sweep_lateness_ms')}")


def _put(context: Context, many: int, *, ahead: timedelta, step: timedelta) -> None:
    first = datetime.now(UTC) + ahead
    _run(context, OPEN_ONES, {"many": many, "first": first, "step": step})


def _run(context: Context, text: str, params: dict[str, object] | None = None) -> list[tuple[object, ...]]:
    with psycopg.connect(context.database.dsn, autocommit=True) as connection:
        cursor = connection.execute(text.encode(), params)
        return cursor.fetchall() if cursor.description else []


@asynccontextmanager
async def _context(ground: Ground, branch: Branch, code: str) -> AsyncIterator[Context]:
    database = Database(ground.dsn(f"bench_{code}"))
    await database.open(10)
    try:
        yield Context(
            branch.topology.centre(code), branch.topology, load_units(""), database, SerialSource(database),
            NewFiles(database), utc_now, new_id, lambda: None, ChangeHub(), NodeMetrics(code), load_handbook(""),
        )  # fmt: skip
    finally:
        await database.close()
