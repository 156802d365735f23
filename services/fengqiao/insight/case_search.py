"""Finding cases at a desk: views, criteria, words, keyset pages, and counts that have a bound (F29, F32, ui.md)."""

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from fengqiao.domain.errors import Violation, invalid
from fengqiao.domain.stage import ACTING, ACTIVE, HELD, Stage
from fengqiao.domain.text import clean
from fengqiao.insight.page_token import page_token, read_page_token
from fengqiao.store import case_lines as store
from fengqiao.store.case_lines import ORDER_FIELDS, WALKED_FIELDS, CaseLine, Page, Selection
from fengqiao.store.changes import NEVER
from fengqiao.store.database import Database

PAGE_SIZE = 50
PAGE_SIZE_LIMIT = 1000
HITS_MOST = 500
"""How many of the cases that words stand in are looked at, the newest first."""

COUNT_MOST = 100
"""Counts go so far; beyond it a page says "99+"."""

DUE_SOON = timedelta(hours=24)
GRAMS_LIMIT = 64
_NUMBER = re.compile(r"[0-9]+(-[0-9]*)*")


@dataclass(frozen=True, slots=True)
class ListView:
    """One list of the desk: the queues that it shows (none: everything known), and its order unless asked otherwise."""

    stages: tuple[Stage, ...] = ()
    order: str = "due_at"
    criteria: Mapping[str, object] = field(default_factory=dict)


VIEWS: Mapping[str, ListView] = {
    "mine": ListView(ACTING),
    **{stage.value: ListView((stage,)) for stage in ACTING},
    "holder": ListView(HELD),
    **{stage.value: ListView((stage,)) for stage in ACTIVE if stage not in ACTING},
    "resolved": ListView((), "-resolved_at", {"closed": True}),
    "intake": ListView((), "-registered_at"),
    "all": ListView((), "-registered_at"),
}


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """What is looked for: a view, criteria by their names in the store, and words or the beginning of a number.

    `late` is `over`, `soon` or empty. `stages` narrows the view to some of its queues; `not_of` leaves out what a
    person may not decide because it is their own proposal.
    """

    view: str
    criteria: Mapping[str, object] = field(default_factory=dict)
    words: str = ""
    late: str = ""
    stages: Sequence[Stage] = ()
    not_of: str = ""

    @property
    def orders(self) -> tuple[str, ...]:
        """What the list can be ordered by: anything in queues and where words were found, else what is indexed."""
        bounded = bool(VIEWS[self.view].stages or self.words)
        return ORDER_FIELDS if bounded else WALKED_FIELDS


@dataclass(frozen=True, slots=True)
class LineList:
    """One page of a list, and the token of the next (empty at the end).

    `looked_at` tells that the page has looked at so many cases and found fewer lines than it has room for; `cut` that
    the words stand in more cases than were looked at.
    """

    lines: tuple[CaseLine, ...]
    next_token: str
    looked_at: int = 0
    cut: bool = False


async def search_cases(
    database: Database, query: CaseQuery, order: str, now: datetime, *, size: int = PAGE_SIZE, token: str = ""
) -> LineList:
    """Give one page in at most two statements. Raises INVALID for an order, a size or a token that does not fit."""
    check_order(query, order)
    if not 1 <= size <= PAGE_SIZE_LIMIT:
        raise invalid(Violation("page_size", "page_size_wrong", {"value": str(size), "limit": str(PAGE_SIZE_LIMIT)}))
    page = Page(order, size + 1, *read_page_token(token, order, _reader(order)))
    selection, cut = await _selection(database, query, now)
    one_by_one = selection.stages and not {"hits", "number"} & set(selection.criteria)
    if one_by_one and order.removeprefix("-") in WALKED_FIELDS:
        # Most pages of queues are full after a short walk; one that is not is asked for as a whole.
        lines = await store.case_lines(database, replace(selection, walked=True), page)
    else:
        lines = ()
    if len(lines) <= size:
        lines = await store.case_lines(database, selection, page)
    if len(lines) > size:
        return LineList(lines[:size], page_token(order, _key(lines[size - 1], order), lines[size - 1].case_id), cut=cut)
    if selection.stages or {"hits", "number"} & set(selection.criteria):
        return LineList(lines, "", cut=cut)
    ended = await store.walk_boundary(database, page)
    return LineList(lines, page_token(order, *ended) if ended else "", store.WALK if ended else 0)


def check_order(query: CaseQuery, order: str) -> None:
    """Raise INVALID unless the list can be ordered so."""
    if order not in {*query.orders, *(f"-{name}" for name in query.orders)}:
        raise invalid(Violation("order", "order_unknown", {"value": order, "allowed": ", ".join(query.orders)}))


async def every_page(database: Database, query: CaseQuery, order: str, now: datetime) -> AsyncIterator[LineList]:
    """Give a whole list, page after page; only one page is held at a time."""
    token, begun = "", False
    while token or not begun:
        page = await search_cases(database, query, order, now, size=PAGE_SIZE_LIMIT, token=token)
        token, begun = page.next_token, True
        yield page


async def count_cases(database: Database, queries: Sequence[CaseQuery], now: datetime) -> Sequence[int]:
    """Count what several lists show, in one statement, each as far as COUNT_MOST; words are not looked for."""
    selections = [_plain_selection(query, now) for query in queries]
    return await store.bounded_counts(database, selections, COUNT_MOST)


@dataclass(frozen=True, slots=True)
class DeskCounters:
    """The row of counters: by queue, and `red`, `yellow`, `mine`, `above`, `directives`; none beyond COUNT_MOST."""

    many: Mapping[str, int]

    def of_view(self, view: str) -> int | None:
        """Count a view of queues; None where it is not counted."""
        if view in self.many:
            return self.many[view]
        stages = VIEWS[view].stages if view in VIEWS else ()
        return min(sum(self.many.get(stage, 0) for stage in stages), COUNT_MOST) if stages else None


async def desk_counters(
    database: Database, here: str, parent: str, mine: Sequence[Stage], me: str, now: datetime
) -> DeskCounters:
    """Count what waits at a desk, in one statement."""
    params = {
        "stages": [stage.value for stage in ACTIVE],
        "acting": [stage.value for stage in ACTING],
        "mine": [stage.value for stage in mine],
        "me": me,
        "here": here,
        "parent": parent,
        "now": now,
        "soon": now + DUE_SOON,
        "most": COUNT_MOST,
    }
    return DeskCounters(await store.desk_counters(database, params))


def is_number(words: str) -> bool:
    """Tell whether words are the beginning of a case number."""
    return _NUMBER.fullmatch(words) is not None


async def _selection(database: Database, query: CaseQuery, now: datetime) -> tuple[Selection, bool]:
    selection, words = _plain_selection(query, now), clean(query.words).lower()
    if not words or is_number(words):
        return selection, False
    terms = words.split()
    grams = list(dict.fromkeys(gram for term in terms for gram in _grams(term)))[:GRAMS_LIMIT]
    patterns = [f"%{like(term)}%" for term in terms]
    long_ones = [pattern for term, pattern in zip(terms, patterns, strict=True) if len(term) > 2]
    hits = await store.word_hits(database, grams, long_ones, HITS_MOST)
    criteria = {**selection.criteria, "hits": list(hits.found)}
    if hits.unworded:
        criteria |= {"unworded": list(hits.unworded), "patterns": patterns}
    return Selection(selection.stages, criteria), len(hits.found) >= HITS_MOST


def _plain_selection(query: CaseQuery, now: datetime) -> Selection:
    view = VIEWS[query.view]
    criteria = {**view.criteria, **query.criteria}
    words = clean(query.words)
    if is_number(words):
        criteria["number"] = f"{words}%"
    if query.late == "over":
        criteria["due_to"] = now
    elif query.late == "soon":
        criteria |= {"due_from": now, "due_to": now + DUE_SOON}
    if query.not_of:
        criteria["not_of"] = query.not_of
    stages = [stage.value for stage in query.stages or view.stages]
    return Selection(stages, criteria)


def like(words: str) -> str:
    """Give words so that LIKE takes the signs that it reads as patterns as they are written."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _grams(term: str) -> Sequence[str]:
    return [term[at : at + 2] for at in range(len(term) - 1)] if len(term) > 1 else [term]


def _key(line: CaseLine, order: str) -> str:
    key = getattr(line, order.removeprefix("-"))
    if key is None:
        return NEVER
    return key.isoformat() if isinstance(key, datetime) else str(key)


def _reader(order: str) -> Callable[[str], object]:
    return _read_time if order.endswith("_at") else str


def _read_time(key: str) -> object:
    return key if key == NEVER else datetime.fromisoformat(key)
