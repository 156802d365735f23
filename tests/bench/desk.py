"""The desk with 1,000,000 cases against the desk with 10,000: lists, search and the page of a case (DESIGN section 9).

Both centres are asked for the same pages in turn, through the whole application without a network. Two cases in a
hundred are open, as after some years of work; words are frequent, seldom, and not there at all.
"""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from urllib.parse import quote

import psycopg

from fengqiao.entry.clock import new_id, utc_now
from fengqiao.entry.handbook import load_handbook
from fengqiao.entry.limits import load_limit_rules
from fengqiao.entry.lists import load_units
from fengqiao.handlers.changes import ChangeHub
from fengqiao.handlers.context import Context
from fengqiao.handlers.serials import SerialSource
from fengqiao.observe.metrics import NodeMetrics
from fengqiao.store.database import Database
from fengqiao.store.new_files import NewFiles
from tests.bench.figures import Goal, Record, percentile
from tests.bench.ground import Branch, Ground
from tests.node.web_client import Client
from tests.node.web_stand import desk_over

CASES = """
INSERT INTO case_file (case_id, number, origin, first_receiver_centre, first_receiver_unit, first_receiver_fixed,
    holder, epoch, version, state, kind, request_type, channel, title, text, place, urgent, unit, closing, result,
    registered_at, updated_at, resolved_at, reference, role, audience, journal_length, journal_hash, course, due_at)
SELECT uuidv7(at - now()), %(here)s || '-' || to_char(at, 'YYYYMMDD') || '-' || lpad(n::text, 7, '0'), %(here)s,
    %(here)s, unit, true, %(here)s, 1, 3, CASE WHEN is_open THEN state ELSE 'resolved' END,
    (ARRAY['request', 'request', 'dispute', 'opinion'])[1 + n %% 4], 'help',
    (ARRAY['hotline', 'window', 'desk', 'qr', 'grid', 'letter'])[1 + n / 4 %% 6], what || '，' || whose,
    whose || '反映' || what || '，已有' || (n * 7 %% 90) || '天。' ||
        CASE WHEN n %% 4999 = 0 THEN '废弃铁轨' ELSE '请予处理' END,
    '第' || (n * 31 %% 5003) || '号院', n %% 50 = 0, unit, CASE WHEN NOT is_open THEN 'solved' END,
    CASE WHEN is_open THEN '' ELSE '已办' END, at, at + interval '1 hour',
    CASE WHEN NOT is_open THEN at + interval '1 day' END, '', 'holder', '{}', 3, sha256('x'),
    jsonb_build_object('item', '0102') || CASE WHEN state = 'submitted' AND is_open THEN jsonb_build_object(
        'submission', jsonb_build_object('result', '已办', 'closing', 'solved', 'evidence', '[]'::jsonb, 'proof', '有',
            'by', '李强', 'at', '2026-11-01T00:00:00+00:00')) ELSE '{}' END,
    CASE WHEN is_open THEN now() + (n * 13 %% 200 - 50) * interval '1 hour' ELSE 'infinity' END
FROM (SELECT n, now() - (%(many)s - n) * (interval '1000 days' / %(many)s) AS at, n * 37 %% 50 = 0 AS is_open,
        (ARRAY['registered', 'assigned', 'assigned', 'submitted'])[1 + n / 50 %% 4] AS state,
        (ARRAY['police', 'justice', 'civil-affairs', 'convenience'])[1 + n %% 4] AS unit,
        (ARRAY['路灯不亮', '小区停车难', '楼下烧烤扰民', '拖欠工资', '邻居养犬', '自来水浑浊'])[1 + n %% 6] AS what,
        (ARRAY['张', '王', '李', '赵', '孙'])[1 + n * 11 %% 5] || (ARRAY['先生', '女士'])[1 + n %% 2] AS whose
    FROM generate_series(1, %(many)s) n) cases
"""
JOURNAL = """
INSERT INTO event (subject, position, id, kind, centre, actor, at, epoch, details, hash, recorded_at)
SELECT case_id, p, gen_random_uuid(), CASE p WHEN 1 THEN 'registered' ELSE 'noted' END, %(here)s, '王敏',
    registered_at + p * interval '1 minute', 1,
    CASE p WHEN 1 THEN '{"channel": "desk", "number": "1", "unit": ""}'::jsonb ELSE '{"text": "看过现场"}'::jsonb END,
    sha256('x'), registered_at
FROM case_file CROSS JOIN generate_series(1, 3) p
"""
REACHED = """
INSERT INTO contact (case_id, name, phone)
SELECT case_id, '来访人', '139' || (abs(hashtext(number)) %% %(people)s) FROM case_file WHERE right(number, 1) < '4'
"""
WORDS = """
DROP INDEX case_word_grams;
TRUNCATE case_unworded;
INSERT INTO case_word (case_id, body)
    SELECT case_id, lower(title || ' ' || text || ' ' || place) FROM case_file ORDER BY case_id;
SET maintenance_work_mem = '1GB';
CREATE INDEX case_word_grams ON case_word USING gin (case_grams(serial / 10000, body)) WITH (fastupdate = off)
"""
TIDY = "VACUUM ANALYZE"
ASK = "SELECT number FROM case_file WHERE right(number, 1) IN ('0', '5') ORDER BY number DESC LIMIT 40"
GOAL = Goal(1.5, of_ratio=True)
LISTS = (
    "work", "cases", "cases?view=unassigned", "cases?view=in_hand&unit=police",
    "cases?view=holder&order=-registered_at", "cases?view=holder&kind=dispute&late=over", "cases?view=all",
    "cases?view=all&order=number", "cases?view=resolved&channel=letter&satisfied=no",
    "cases?view=all&unit=justice&kind=opinion&order=-updated_at",
)  # fmt: skip
SEARCHES = (
    "cases?view=all&q=路灯", "cases?view=all&q=铁轨", "cases?view=all&q=犬", "cases?view=all&q=烧烤 女士",
    "cases?view=all&q=无此词", "cases?view=all&q=废弃铁轨", "cases?view=in_hand&q=停车",
    "cases?view=all&q=第4002号院", "cases?view=all&q={prefix}",
)  # fmt: skip


async def measure(ground: Ground, record: Record, runs: int, *, quick: bool) -> None:
    """Measure the three; both sizes take turns, page by page."""
    few, many, turns = (1_000, 20_000, 2) if quick else (10_000, 1_000_000, 12)
    branch = ground.branch()
    sizes = {branch.township: few, branch.county: many}
    for code, size in sizes.items():
        began = time.perf_counter()
        fill(ground.dsn(f"bench_{code}"), code, size)
        print(f"  {size:,} cases in {time.perf_counter() - began:.0f} s", flush=True)
    async with _contexts(ground, branch) as contexts, desk_over(contexts) as stand:
        clients = {code: await stand.signed_in(code) for code in sizes}
        pages = {code: _pages(ground, code) for code in sizes}
        for name in ("list", "search", "case"):
            await _kind(record, clients, {code: found[name] for code, found in pages.items()}, name, runs, turns)


async def _kind(
    record: Record, clients: Mapping[str, Client], pages: Mapping[str, Sequence[str]], name: str, runs: int, turns: int
) -> None:
    (small, large), length = clients, len(next(iter(pages.values())))
    values, floors = list[float](), list[float]()
    for _ in range(runs):
        taken: dict[str, list[float]] = {small: [], large: []}
        for turn in range(turns + 1):
            for place in range(length):
                for code, client in clients.items():
                    path = f"/{code}/{pages[code][place % len(pages[code])]}"
                    began = time.perf_counter()
                    answer = await client.get(path)
                    if answer.status != 200:
                        raise AssertionError(f"{answer.status} for {path}")
                    if turn:  # the first turn warms what years of work have warmed
                        taken[code].append((time.perf_counter() - began) * 1000)
        record.keep(f"desk_{name}_large_ms", taken[large])
        record.keep(f"desk_{name}_small_ms", taken[small])
        values.append(percentile(taken[large], 0.95))
        floors.append(percentile(taken[small], 0.95))
    record.put(f"desk_{name}_p95", values, "ms", floors=floors, goal=GOAL)


def fill(dsn: str, here: str, many: int) -> None:
    """Put so many cases into the database of a centre, with their journals, contacts and words."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for text in (CASES, JOURNAL, REACHED):
            connection.execute(text.encode(), {"here": here, "many": many, "people": many // 3})
        for text in (*WORDS.split(";"), TIDY):
            connection.execute(text.encode())


def _pages(ground: Ground, code: str) -> Mapping[str, Sequence[str]]:
    with psycopg.connect(ground.dsn(f"bench_{code}")) as connection:
        numbers = [str(row[0]) for row in connection.execute(ASK.encode())]
    return {
        "list": LISTS,
        "search": [quote(path.replace("{prefix}", numbers[0][:-2]), safe="?=&/") for path in SEARCHES],
        "case": [f"cases/{number}" for number in numbers],
    }


@asynccontextmanager
async def _contexts(ground: Ground, branch: Branch) -> AsyncIterator[dict[str, Context]]:
    units, contexts = load_units(""), dict[str, Context]()
    rules = load_limit_rules(ground.settings(), branch.topology, units)
    try:
        for code in (branch.township, branch.county):
            database = Database(ground.dsn(f"bench_{code}"))
            await database.open(10)
            contexts[code] = Context(
                branch.topology.centre(code), branch.topology, units, database, SerialSource(database),
                NewFiles(database), utc_now, new_id, lambda: None, ChangeHub(), NodeMetrics(code), load_handbook(""),
                rules,
            )  # fmt: skip
        yield contexts
    finally:
        for context in contexts.values():
            await context.database.close()
