"""Directives for people to read."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fengqiao.domain.directive import DirectiveFile, DirectiveState
from fengqiao.domain.errors import Violation, invalid, not_found
from fengqiao.domain.text import clean
from fengqiao.insight.page_token import page_token, read_page_token
from fengqiao.store import queries
from fengqiao.store.database import Database
from fengqiao.store.queries import JournalRow

SIDES = ("all", "issued", "received")
PAGE_SIZE_LIMIT = 500
ORDER = "-updated_at"


@dataclass(frozen=True, slots=True)
class DirectiveFilter:
    """What a list shows: directives that `centre` issued, received, or both, in some states (empty: all)."""

    centre: str
    side: str = "all"
    states: frozenset[DirectiveState] = frozenset()


@dataclass(frozen=True, slots=True)
class DirectiveList:
    """One page of a list, the last changed first, and the token of the next one (empty at the end)."""

    rows: tuple[DirectiveFile, ...]
    next_token: str


@dataclass(frozen=True, slots=True)
class DirectiveView:
    """A whole directive with its journal."""

    file: DirectiveFile
    events: tuple[JournalRow, ...]


async def list_directives(
    database: Database, criteria: DirectiveFilter, size: int = 50, token: str = ""
) -> DirectiveList:
    """Give one page of directives; raises INVALID for a wrong side, size or token."""
    if criteria.side not in SIDES:
        raise invalid(Violation("side", "enum_unknown", {"value": criteria.side, "allowed": ", ".join(SIDES)}))
    if not 1 <= size <= PAGE_SIZE_LIMIT:
        raise invalid(Violation("page_size", "page_size_wrong", {"value": str(size), "limit": str(PAGE_SIZE_LIMIT)}))
    before_at, before_id = read_page_token(token, ORDER, datetime.fromisoformat)
    files = await queries.directive_files(
        database,
        {
            "states": [state.value for state in criteria.states or DirectiveState],
            "issuer": criteria.centre if criteria.side == "issued" else None,
            "recipient": criteria.centre if criteria.side == "received" else None,
            "before_at": datetime.fromisoformat(before_at) if before_at else None,
            "before_id": before_id,
            "limit": size + 1,
        },
    )
    last = files[size - 1].directive if len(files) > size else None
    return DirectiveList(files[:size], page_token(ORDER, last.updated_at.isoformat(), last.id) if last else "")


async def find_directive(database: Database, key: str) -> UUID:
    """Find a directive by its id or its number; raises NOT_FOUND directive_unknown."""
    key = clean(key)
    try:
        return UUID(key)
    except ValueError:
        found = await queries.directive_id_by_number(database, key)
    if found is None:
        raise not_found("directive_unknown", directive=key)
    return found


async def directive_view(database: Database, directive_id: UUID) -> DirectiveView:
    """Give a whole directive; raises NOT_FOUND directive_unknown."""
    file = await queries.directive_by_id(database, directive_id)
    if file is None:
        raise not_found("directive_unknown", directive=str(directive_id))
    return DirectiveView(file, await queries.journal(database, directive_id))
