"""The wallboard of the city over a year of facts, 1,000,000 cases of 147 centres, and how far figures are behind.

Pages are asked for through the whole application without a network. A figure is behind from the commit at the township
until the city's sums have the case; real nodes, real Kafka, all in this process.
"""

import asyncio
import time
from datetime import datetime

import psycopg

from fengqiao.domain.topology import Topology
from fengqiao.entry.clock import new_id, utc_now
from fengqiao.entry.handbook import load_handbook
from fengqiao.entry.limits import load_limit_rules
from fengqiao.entry.lists import load_topology, load_units
from fengqiao.entry.node import Node
from fengqiao.entry.settings import load_settings
from fengqiao.handlers import case as handlers
from fengqiao.handlers.changes import ChangeHub
from fengqiao.handlers.context import Actor, Context
from fengqiao.handlers.serials import SerialSource
from fengqiao.observe.metrics import NodeMetrics
from fengqiao.store.database import Database
from fengqiao.store.facts import facts_known, make_months
from fengqiao.store.new_files import NewFiles
from tests.bench.figures import Goal, Record, percentile
from tests.bench.ground import Ground
from tests.bench.intake import a_case
from tests.node.web_stand import desk_over

# A case in fifty is open, a tenth of those offered; four in five of the others were closed in time, all in ten days.
FACTS = """
INSERT INTO fact (month, case_id, centre, number, epoch, version, journal_length, holder, unit, state, item, offered,
    suspended, registered_at, resolved_at, due_at, told_at, tallied)
SELECT date_trunc('month', at, 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai', uuidv7(at - now()), centre,
    centre || '-' || to_char(at, 'YYYYMMDD') || '-' || lpad(n::text, 7, '0'), 1, 3, 3, centre, 'justice',
    CASE WHEN closed IS NULL THEN 'assigned' ELSE 'resolved' END, item, closed IS NULL AND n %% 500 = 0, false, at,
    closed,
    CASE WHEN closed IS NULL THEN at + interval '3 days' ELSE 'infinity' END, coalesce(closed, at),
    jsonb_build_array(
        jsonb_build_array(month, 'registered', '', cls), jsonb_build_array(day, 'day_registered', '', '')
    ) || CASE WHEN closed IS NULL THEN '[]' ELSE jsonb_build_array(
        jsonb_build_array(closing_month, 'closed', 'solved', cls), jsonb_build_array(closing_day, 'day_closed', '', ''),
        jsonb_build_array(month, 'within', '15', cls), jsonb_build_array(month, 'within', '60', cls),
        jsonb_build_array(closing_month, 'due', 'article-solve', cls), jsonb_build_array(closing_day, 'day_due', '', '')
    ) || CASE WHEN n %% 5 = 0 THEN '[]' ELSE jsonb_build_array(
        jsonb_build_array(month, 'within', '3', cls), jsonb_build_array(closing_month, 'on_time', 'article-solve', cls),
        jsonb_build_array(closing_day, 'day_on_time', '', '')
    ) END END
FROM (
    SELECT *, to_char(at, 'YYYY-MM-01') AS month, to_char(at, 'YYYY-MM-DD') AS day, left(item, 2) AS cls,
        to_char(closed, 'YYYY-MM-01') AS closing_month, to_char(closed, 'YYYY-MM-DD') AS closing_day
    FROM (
        SELECT *, (%(centres)s::text[])[1 + n * 31 %% %(places)s] AS centre,
            (ARRAY['0101', '0102', '0203', '0301', '0405', '0702', '1103', ''])[1 + n * 7 %% 8] AS item,
            CASE WHEN n %% 50 <> 0 AND at < %(now)s - interval '10 days'
                THEN at + (n %% 10) * interval '1 day' END AS closed
        FROM (
            SELECT n, %(now)s - (%(many)s - n) * (interval '365 days' / %(many)s) AS at
            FROM generate_series(1, %(many)s) n
        ) numbered
    ) drawn
) dated
"""
SUMS = """
INSERT INTO tally (since, measure, detail, centre, matter_class, many)
SELECT (t ->> 0)::date, t ->> 1, t ->> 2, centre, t ->> 3, count(*)
FROM fact CROSS JOIN LATERAL jsonb_array_elements(tallied) AS t GROUP BY 1, 2, 3, 4, 5
"""
SOURCES = "INSERT INTO feed_source (centre, told_until) SELECT unnest(%(centres)s::text[]), %(now)s"
MONTHS = (
    "SELECT date_trunc('month', %(now)s::timestamptz - ago * interval '1 month', 'Asia/Shanghai') AS month "
    "FROM generate_series(0, 13) ago"
)
PAGES = {"wallboard": "wallboard", "performance": "performance?span=12"}
GOAL, BEHIND_GOAL = Goal(300), Goal(5000)
CLERK = Actor("王敏")


async def measure(ground: Ground, record: Record, runs: int, *, quick: bool) -> None:
    """Measure both."""
    many, turns, cases = (50_000, 5, 5) if quick else (1_000_000, 40, 20)
    await _pages(ground, record, runs, many, turns)
    await _behind(ground, record, runs, cases)


async def _pages(ground: Ground, record: Record, runs: int, many: int, turns: int) -> None:
    topology, now = load_topology(load_settings()), utc_now()
    began = time.perf_counter()
    dsn = ground.database("bench_board")
    await _fill(dsn, topology, many, now)
    print(f"  {many:,} facts in {time.perf_counter() - began:.0f} s", flush=True)
    city = topology.city
    units = load_units("")
    database = Database(dsn)
    await database.open(10)
    context = Context(
        city, topology, units, database, SerialSource(database), NewFiles(database), utc_now, new_id, lambda: None,
        ChangeHub(), NodeMetrics(city.code), load_handbook(""), load_limit_rules(ground.settings(), topology, units),
    )  # fmt: skip
    try:
        async with desk_over({city.code: context}) as stand:
            client = await stand.signed_in(city.code)
            for name, path in PAGES.items():
                values = list[float]()
                for _ in range(runs):
                    taken = list[float]()
                    for turn in range(turns + 1):
                        began = time.perf_counter()
                        answer = await client.get(f"/{city.code}/{path}")
                        if answer.status != 200:
                            raise AssertionError(f"{answer.status} for {path}")
                        if turn:
                            taken.append((time.perf_counter() - began) * 1000)
                    record.keep(f"board_{name}_ms", taken)
                    values.append(percentile(taken, 0.95))
                record.put(f"board_{name}_p95", values, "ms", goal=GOAL if name == "wallboard" else None)
    finally:
        await database.close()


async def _fill(dsn: str, topology: Topology, many: int, now: datetime) -> None:
    centres = list(topology.centres)
    values = {"centres": centres, "places": len(centres), "many": many, "now": now}
    with psycopg.connect(dsn, autocommit=True) as connection:
        months = [row[0].date() for row in connection.execute(MONTHS.encode(), {"now": now})]
    database = Database(dsn, connections=1)
    await database.open(10)
    await make_months(database, months)
    await database.close()
    with psycopg.connect(dsn, autocommit=True) as connection:
        for text in (FACTS, SUMS, SOURCES, "VACUUM ANALYZE"):
            connection.execute(text.encode(), values if "%(" in text else None)


async def _behind(ground: Ground, record: Record, runs: int, cases: int) -> None:
    branch = ground.branch()
    async with ground.nodes(branch, branch.codes) as nodes:
        await _told(nodes[branch.township], nodes[branch.city], 0)
        values = list[float]()
        for run in range(runs):
            taken = [await _told(nodes[branch.township], nodes[branch.city], run) for _ in range(cases)]
            record.keep("facts_behind_ms", taken)
            values.append(percentile(taken, 0.95))
    record.put("facts_behind_p95", values, "ms", goal=BEHIND_GOAL)


async def _told(township: Node, city: Node, run: int) -> float:
    """Register a case, and give the ms until the city's facts have it. Arrivals do not fall into step with any loop."""
    await asyncio.sleep(0.1 + run * 0.037)
    before = await facts_known(city.database)
    await handlers.register(township.context, a_case(), CLERK)
    began = time.perf_counter()
    async with asyncio.timeout(90):
        while await facts_known(city.database) == before:  # noqa: ASYNC110 - what is waited for has no event to wait on
            await asyncio.sleep(0.02)
    return (time.perf_counter() - began) * 1000
