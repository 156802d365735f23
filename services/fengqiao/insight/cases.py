"""Cases for people to read: lists in pages, one whole case, counts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fengqiao.domain.case import CaseFile, CaseKind, CaseState, Channel, Contact, Role
from fengqiao.domain.directive import Directive
from fengqiao.domain.errors import Violation, invalid, not_found
from fengqiao.domain.text import clean
from fengqiao.insight.page_token import page_token, read_page_token
from fengqiao.store import queries
from fengqiao.store.database import Database
from fengqiao.store.queries import CASE_ORDERS, JournalRow

PAGE_SIZE = 50
PAGE_SIZE_LIMIT = 500

OPEN_STATES = frozenset(CaseState) - {CaseState.RESOLVED}
# What a view shows: the roles of this centre, the states, and whether an offer must be open (None: it does not matter).
VIEWS: Mapping[str, tuple[frozenset[Role], frozenset[CaseState], bool | None]] = {
    "all": (frozenset(Role), frozenset(CaseState), None),
    "holder": (frozenset({Role.HOLDER}), OPEN_STATES, None),
    "unassigned": (frozenset({Role.HOLDER}), frozenset({CaseState.REGISTERED, CaseState.ACCEPTED}), None),
    "offered": (frozenset({Role.CANDIDATE}), frozenset(CaseState), None),
    "offered_out": (frozenset({Role.HOLDER}), frozenset(CaseState), True),
    "arbitration": (frozenset({Role.ARBITER}), frozenset(CaseState), None),
    "following": (frozenset({Role.FOLLOWER, Role.ARBITER}), frozenset(CaseState), None),
    "open": (frozenset({Role.HOLDER, Role.CANDIDATE, Role.FOLLOWER, Role.ARBITER}), OPEN_STATES, None),
    "resolved": (frozenset({Role.HOLDER, Role.FOLLOWER}), frozenset({CaseState.RESOLVED}), None),
}


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list shows; every criterion narrows it. `number` is the beginning of a case number."""

    view: str = "all"
    states: frozenset[CaseState] = frozenset()
    words: str = ""
    number: str = ""
    unit: str = ""
    kind: CaseKind | None = None
    channel: Channel | None = None
    urgent: bool | None = None
    registered_from: datetime | None = None
    registered_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseList:
    """One page of a list, and the token of the next one (empty at the end). Long texts are shortened."""

    rows: tuple[CaseFile, ...]
    next_token: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """A whole case as this centre knows it; `contact` only at the centre that took it in."""

    file: CaseFile
    events: tuple[JournalRow, ...]
    directives: tuple[Directive, ...]
    contact: Contact | None


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """How many cases this centre knows by role and state; offers waiting for its answer, and its own that are open."""

    by_role_state: Mapping[tuple[Role, CaseState], int]
    offers_waiting: int
    offers_open: int

    def of_view(self, view: str) -> int:
        """Count what a view without further criteria shows."""
        roles, states, offered = VIEWS[view]
        if offered:
            return self.offers_open
        return sum(many for (role, state), many in self.by_role_state.items() if role in roles and state in states)


async def list_cases(
    database: Database, criteria: CaseFilter, order: str = "-updated_at", size: int = PAGE_SIZE, token: str = ""
) -> CaseList:
    """Give one page of cases in one statement. Raises INVALID for a wrong view, order, size or token."""
    if criteria.view not in VIEWS:
        raise invalid(Violation("view", "enum_unknown", {"value": criteria.view, "allowed": ", ".join(VIEWS)}))
    if order not in CASE_ORDERS:
        raise invalid(Violation("order_by", "order_unknown", {"value": order, "allowed": ", ".join(CASE_ORDERS)}))
    if not 1 <= size <= PAGE_SIZE_LIMIT:
        limits = {"value": str(size), "limit": str(PAGE_SIZE_LIMIT)}
        raise invalid(Violation("page_size", "page_size_wrong", limits))
    after_key, after_id = read_page_token(token, order, _reader(order))
    roles, states, offered = VIEWS[criteria.view]
    files = await queries.case_files(
        database,
        order,
        {
            "roles": [role.value for role in roles],
            "states": [state.value for state in (criteria.states & states if criteria.states else states)],
            "offered_out": offered,
            "kind": criteria.kind.value if criteria.kind else None,
            "channel": criteria.channel.value if criteria.channel else None,
            "unit": clean(criteria.unit) or None,
            "urgent": criteria.urgent,
            "registered_from": criteria.registered_from,
            "registered_to": criteria.registered_to,
            "pattern": f"%{_like(clean(criteria.words))}%" if criteria.words else None,
            "number": f"{_like(clean(criteria.number))}%" if criteria.number else None,
            "after_key": after_key,
            "after_id": after_id,
            "limit": size + 1,
        },
    )
    last = files[size - 1] if len(files) > size else None
    return CaseList(files[:size], page_token(order, _sort_key(last, order), last.case.id) if last else "")


async def find_case(database: Database, key: str) -> UUID:
    """Find a case by its id or its number; raises NOT_FOUND case_unknown."""
    key = clean(key)
    try:
        return UUID(key)
    except ValueError:
        found = await queries.case_id_by_number(database, key)
    if found is None:
        raise not_found("case_unknown", case=key)
    return found


async def case_view(database: Database, key: UUID | str) -> CaseView:
    """Give a whole case by its id or number in three statements; raises NOT_FOUND case_unknown."""
    found = await queries.whole_case(database, _key(key))
    if found is None:
        raise not_found("case_unknown", case=str(key))
    file, contact = found
    events = await queries.journal(database, file.case.id)
    directives = await queries.directives_about(database, file.case.id)
    return CaseView(file, events, tuple(one.directive for one in directives), contact)


def _key(key: UUID | str) -> UUID | str:
    if isinstance(key, UUID):
        return key
    try:
        return UUID(clean(key))
    except ValueError:
        return clean(key)


async def case_counts(database: Database) -> CaseCounts:
    """Count the cases of this centre."""
    counts: dict[tuple[Role, CaseState], int] = {}
    waiting = open_out = 0
    for row in await queries.case_count_rows(database):
        role, state, many = Role(row["role"]), CaseState(row["state"]), row["many"]
        counts[role, state] = counts.get((role, state), 0) + many
        waiting += many if role is Role.CANDIDATE else 0
        open_out += many if role is Role.HOLDER and row["offered"] else 0
    return CaseCounts(counts, waiting, open_out)


def _like(words: str) -> str:
    # The signs that LIKE reads as patterns are taken as they are written.
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _sort_key(last: CaseFile, order: str) -> str:
    column = order.removeprefix("-")
    return last.case.number if column == "number" else str(getattr(last.case, column).isoformat())


def _reader(order: str) -> Callable[[str], object]:
    return str if order.removeprefix("-") == "number" else datetime.fromisoformat
