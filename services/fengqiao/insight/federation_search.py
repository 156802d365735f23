"""Looking for a case over the whole federation (F32): by number, words, place and time, wherever it is.

Every centre looks through all that it knows: the cases that it holds, and those that it has handed on or follows. What
the holder itself says goes before what others know; where the holder could not be asked, the newest of what others know
is shown as the last known state.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from fengqiao.domain.case import CaseState
from fengqiao.domain.errors import Violation, invalid
from fengqiao.domain.text import NAME_LENGTH, clean, text_violations
from fengqiao.insight.case_search import CaseQuery, like, search_cases
from fengqiao.insight.custody_trace import TraceGap
from fengqiao.store.case_lines import CaseLine
from fengqiao.store.database import Database

HITS_LIMIT = 50
LEAST_LETTERS = 2
PAGES_MOST = 5
"""How many pages a centre reads while few cases fit: what it costs to be asked has a bound."""

ORDER = "-registered_at"
SEARCH_LATE = "search_late"
"""Why a centre that can be reached has a gap of its own: its database was slow or away. Those behind it were asked."""

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""Days outside are slips of the hand."""


@dataclass(frozen=True, slots=True)
class SearchWanted:
    """What is looked for; `until` is not included. Empty texts and None narrow nothing."""

    words: str = ""
    place: str = ""
    registered_from: datetime | None = None
    registered_until: datetime | None = None
    limit: int = HITS_LIMIT


@dataclass(frozen=True, slots=True)
class Hit:
    """A case that fits, as `told_by` knows it; `fresh` when that is the holder itself."""

    case_id: UUID
    number: str
    title: str
    place: str
    origin: str
    holder: str
    unit: str
    state: CaseState
    registered_at: datetime
    updated_at: datetime
    told_by: str

    @property
    def fresh(self) -> bool:
        """Whether its holder has told it."""
        return self.told_by == self.holder


@dataclass(frozen=True, slots=True)
class SearchFound:
    """What was found, the latest to come in first; `answered` centres have looked."""

    hits: tuple[Hit, ...] = ()
    gaps: tuple[TraceGap, ...] = ()
    cut: bool = False
    answered: int = 0


def checked(wanted: SearchWanted) -> SearchWanted:
    """Clean what is looked for; raises INVALID when it would find everything, or its limit is out of range."""
    words, place = clean(wanted.words), clean(wanted.place)
    if not (words or place or wanted.registered_from or wanted.registered_until):
        raise invalid(Violation("q", "search_empty"))
    _check_days(wanted)
    if words and len(words) < LEAST_LETTERS:
        raise invalid(Violation("q", "search_too_short", {"least": str(LEAST_LETTERS)}))
    too_long = [*text_violations("q", words or "-", NAME_LENGTH), *text_violations("place", place or "-", NAME_LENGTH)]
    if too_long:
        raise invalid(*too_long)
    if not 1 <= wanted.limit <= HITS_LIMIT:
        raise invalid(Violation("limit", "page_size_wrong", {"value": str(wanted.limit), "limit": str(HITS_LIMIT)}))
    return SearchWanted(words, place, wanted.registered_from, wanted.registered_until, wanted.limit)


def _check_days(wanted: SearchWanted) -> None:
    first, until = wanted.registered_from, wanted.registered_until
    for field, at in (("registered_from", first), ("registered_to", until)):
        if at is not None and not EARLIEST <= at <= LATEST:
            raise invalid(Violation(field, "day_malformed", {"value": f"{at:%Y-%m-%d}"}))
    if first is not None and until is not None and until <= first:
        days = {"from": f"{first:%Y-%m-%d}", "to": f"{until:%Y-%m-%d}"}
        raise invalid(Violation("registered_to", "period_backward", days))


async def search_here(database: Database, wanted: SearchWanted, centre: str, now: datetime) -> SearchFound:
    """Look through what one centre knows."""
    criteria: dict[str, object] = {}
    if wanted.place:
        criteria["place"] = f"%{like(wanted.place)}%"
    if wanted.registered_from is not None:
        criteria["registered_from"] = wanted.registered_from
    if wanted.registered_until is not None:
        criteria["registered_to"] = wanted.registered_until
    query = CaseQuery("all", criteria, wanted.words)
    hits, token, cut = list[Hit](), "", False
    for _ in range(PAGES_MOST):
        page = await search_cases(database, query, ORDER, now, size=wanted.limit + 1, token=token)
        hits.extend(_hit(line, centre) for line in page.lines)
        token, cut = page.next_token, page.cut or bool(page.next_token)
        if not token or len(hits) > wanted.limit:
            break
    return SearchFound(tuple(hits[: wanted.limit]), cut=cut or len(hits) > wanted.limit, answered=1)


def merged(answers: Iterable[SearchFound], limit: int) -> SearchFound:
    """Put the answers of several centres together: each case once, by its holder if it has answered."""
    found = tuple(answers)
    best: dict[UUID, Hit] = {}
    for answer in found:
        for hit in answer.hits:
            other = best.get(hit.case_id)
            if other is None or _rank(hit) > _rank(other):
                best[hit.case_id] = hit
    hits = sorted(best.values(), key=lambda hit: (hit.registered_at, hit.case_id), reverse=True)
    return SearchFound(
        tuple(hits[:limit]),
        tuple(sorted((gap for answer in found for gap in answer.gaps), key=lambda gap: gap.centre)),
        cut=len(hits) > limit or any(answer.cut for answer in found),
        answered=sum(answer.answered for answer in found),
    )


def _rank(hit: Hit) -> tuple[bool, datetime]:
    return hit.fresh, hit.updated_at


def _hit(line: CaseLine, centre: str) -> Hit:
    return Hit(
        line.case_id,
        line.number,
        line.title,
        line.place,
        line.origin,
        line.holder,
        line.unit,
        CaseState(line.state),
        line.registered_at,
        line.updated_at,
        centre,
    )
