"""Lists of cases for the desk: lean lines, criteria put together from named blocks, keyset pages (F29, F32)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from fengqiao.store.database import Database
from fengqiao.store.named_sql import Statement, read_statements

_SQL = read_statements("case_line")
ORDER_FIELDS = tuple(name.removeprefix("key ") for name in _SQL if name.startswith("key "))
"""What a list can be ordered by; a minus sign before it turns the order around."""

WALKED_FIELDS = ("registered_at", "updated_at", "resolved_at", "number")
"""What everything that a centre knows can be ordered by; each has an index."""

WALK = 10_000
"""How many cases a page looks at in a list that has no queue: what a page costs has a bound, whatever is filtered."""

UNWORDED = 2_000
"""How many new cases a search reads as they stand, before upkeep has stored their words."""

CRITERIA = frozenset(name.removeprefix("where ") for name in _SQL if name.startswith("where "))


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case in a list: times in UTC, codes as they are stored, long texts shortened; None where there is nothing."""

    case_id: UUID
    number: str
    version: int
    journal_length: int
    role: str
    stage: str
    state: str
    kind: str
    request_type: str
    channel: str
    urgent: bool
    title: str
    place: str
    unit: str
    holder: str
    origin: str
    first_receiver_centre: str
    first_receiver_unit: str
    closing: str | None
    offer_to: str | None
    offer_direction: str | None
    offer_withdrawing: bool | None
    offer_reason: str | None
    offered_at: datetime | None
    registered_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    due_at: datetime | None
    item: str
    grade: str
    reopened: int
    application: str | None
    applied_by: str | None
    applied_why: str | None
    submitted_by: str | None
    submitted: str | None
    reply: str | None
    replied_at: datetime | None
    solved: bool | None
    satisfied: bool | None
    objection: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """What a page asks for: the order (`-` turns it around), how many lines, and the key and id of the line before."""

    order: str
    size: int
    after_key: str | None = None
    after_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which cases: `criteria` by the names of CRITERIA. `stages` names queues; without them everything is walked.

    `walked` asks for queues by way of the order too, which is quick as long as enough of them are met on the way.
    """

    stages: Sequence[str] = ()
    criteria: Mapping[str, Any] = field(default_factory=dict)
    walked: bool = False


@dataclass(frozen=True, slots=True)
class Hits:
    """Where words were found: cases whose words are stored, and cases that have still to be read."""

    found: Sequence[UUID]
    unworded: Sequence[UUID]


async def case_lines(database: Database, selection: Selection, page: Page) -> tuple[CaseLine, ...]:
    """Give one page of a list in one statement; of a walk, what was found in WALK cases."""
    statement = _list(selection, page)
    rows = await database.fetch_list(statement, _params(selection, page))
    return tuple(CaseLine(**row) for row in rows)


async def walk_boundary(database: Database, page: Page) -> tuple[str, UUID] | None:
    """Give the key and id of the last case that the walk of a page has looked at; None when that was all."""
    rows = await database.fetch_list(_ordered("boundary", page), _params(Selection(), page))
    if not rows:
        return None
    key = rows[0]["key"]
    return key.isoformat() if isinstance(key, datetime) else key, rows[0]["case_id"]


async def word_hits(database: Database, grams: Sequence[str], patterns: Sequence[str], most: int) -> Hits:
    """Find the newest cases with all of these pairs of characters (or single ones) and patterns of LIKE."""
    params = {"grams": list(grams), "patterns": list(patterns), "most": most, "unworded": UNWORDED}
    rows = await database.fetch_list(_SQL["hits"], params)
    found: dict[bool, list[UUID]] = {False: [], True: []}
    for row in rows:
        found[row["unworded"]].append(row["case_id"])
    return Hits(found[False], found[True])


async def store_words(database: Database, limit: int) -> int:
    """Store the words of cases that are new here; gives how many.

    A batch is sorted into the index at once: that costs half of what it costs word by word (measured).
    """
    stored = await database.run(_SQL["store_words"], {"limit": limit})
    if stored:
        await database.run(_SQL["sort_words"])
    return stored


async def desk_counters(database: Database, params: Mapping[str, Any]) -> Mapping[str, int]:
    """Count queues and what burns in one statement, nothing beyond `most`."""
    return {row["name"]: row["many"] for row in await database.fetch_list(_SQL["counters"], params)}


async def lines_of_reporter(database: Database, case_id: UUID, limit: int) -> tuple[CaseLine, ...]:
    """Give the other cases of whoever brought a case, the newest first."""
    rows = await database.fetch(_columned("of_reporter"), {"case_id": case_id, "limit": limit})
    return tuple(CaseLine(**row) for row in rows)


async def lines_nearby(database: Database, case_id: UUID, since: datetime, limit: int) -> tuple[CaseLine, ...]:
    """Give open cases at the same place that were registered after a time, the newest first."""
    rows = await database.fetch(_columned("nearby"), {"case_id": case_id, "since": since, "limit": limit})
    return tuple(CaseLine(**row) for row in rows)


async def bounded_counts(database: Database, selections: Sequence[Selection], most: int) -> Sequence[int]:
    """Count what several lists would show, in one statement, at most `most` of each."""
    if not selections:
        return ()
    texts, params = [], dict[str, Any]()
    for number, selection in enumerate(selections):
        page = Page("-updated_at", most)
        text = _list(selection, page).text
        wanted = _params(selection, page)
        for name in wanted:
            text = text.replace(f"%({name})s", f"%({name}_{number})s")
        params |= {f"{name}_{number}": value for name, value in wanted.items()}
        texts.append(_SQL["counted"].text.replace("/*list*/", text).replace("/*number*/", str(number)))
    statement = Statement("case_line.counted", f" {_SQL['and_also'].text} ".join(texts))
    rows = await database.fetch_list(statement, params)
    return [row["many"] for row in sorted(rows, key=lambda row: row["number"])]


def _list(selection: Selection, page: Page) -> Statement:
    criteria = dict(selection.criteria)
    field_, by_due = page.order.removeprefix("-"), page.order.removeprefix("-") == "due_at"
    block = "walk"
    if "hits" in criteria or "number" in criteria:
        block = "set"
    elif selection.stages and not selection.walked:
        block = "queues" if by_due else "set"
    if "unworded" in criteria:
        del criteria["hits"]
    where = [f"where {name}" for name in criteria if f"where {name}" in _SQL]
    if selection.stages and block != "queues":
        where.append("where stages")
    after = _after(page)
    conditions = [_SQL[name].text for name in where] + ([] if block == "walk" else [after])
    text = _columned(block).text.replace("/*where*/", " AND ".join(conditions) or _SQL["anything"].text)
    outer = _SQL[_direction("order", page)].text.replace("/*key*/", f"c.{field_}")
    text = text.replace("/*outer*/", outer).replace("/*after*/", after)
    return Statement(f"case_line.{block}", text.replace("/*order*/", _ordered_part("order", page)))


def _params(selection: Selection, page: Page) -> dict[str, Any]:
    key = page.after_key
    return {
        **selection.criteria,
        "stages": list(selection.stages),
        "after_key": key,
        "after_id": page.after_id,
        "limit": page.size,
        "walk": WALK,
    }


def _ordered(block: str, page: Page) -> Statement:
    text = _SQL[block].text.replace("/*after*/", _after(page)).replace("/*order*/", _ordered_part("order", page))
    return Statement(f"case_line.{block}", text.replace("/*key*/", _SQL[f"key {page.order.removeprefix('-')}"].text))


def _after(page: Page) -> str:
    after = _ordered_part("after", page) if page.after_id is not None else _SQL["anything"].text
    # What is not resolved has no place in the order of resolving.
    return f"{_SQL['ended'].text} AND {after}" if page.order.endswith("resolved_at") else after


def _ordered_part(part: str, page: Page) -> str:
    by = page.order.removeprefix("-")
    text = _SQL[_direction(part, page)].text.replace("/*key*/", _SQL[f"key {by}"].text)
    return text.replace("/*bound*/", _SQL[f"bound {by}"].text)


def _direction(part: str, page: Page) -> str:
    return f"{part} falling" if page.order.startswith("-") else f"{part} rising"


def _columned(block: str) -> Statement:
    return Statement(f"case_line.{block}", _SQL[block].text.replace("/*columns*/", _SQL["columns"].text))
