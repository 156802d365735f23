"""Reading a database for an audit: whole files with their journals in bounded ranges, and both ends of its edges.

A row that the rules could never have written is told as unreadable, and does not stop the reading.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

import psycopg

from fengqiao.domain.audit import CaseCopy, DirectiveCopy, Finding, Rule
from fengqiao.domain.audit_edges import EdgeEnd, HeldMessage
from fengqiao.domain.audit_facts import Known, TallyGap
from fengqiao.domain.errors import unavailable
from fengqiao.domain.journal import Entry
from fengqiao.store.database import Database
from fengqiao.store.named_sql import Statement, read_statements
from fengqiao.store.rows import case_file, directive_file, event_of, text_bytes
from fengqiao.store.template import database_name, existing_databases

_SQL = read_statements("audit")
Copy = TypeVar("Copy", CaseCopy, DirectiveCopy)
SubjectKind = Literal["case", "directive"]

MARK_EVERY = 50
"""Every so-many-th id of a database is a mark from which ranges are cut."""

KEPT = timedelta(days=6)
"""Numbers that were taken in are certainly kept for so long; upkeep forgets them after seven days."""

LISTED = 1000


@dataclass(frozen=True, slots=True)
class IdRange:
    """Ids after the first and up to the second."""

    after: UUID
    until: UUID


@dataclass(frozen=True, slots=True)
class CopiesRead(Generic[Copy]):
    """What was read of one database: copies, and findings about rows that can't be read."""

    copies: tuple[Copy, ...]
    unreadable: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class EdgesRead:
    """Both directions of all edges of one centre as its database has them, and its dead letters."""

    ends: tuple[EdgeEnd, ...]
    letters: tuple[Finding, ...]


def centres_with_database(admin_dsn: str, centres: Iterable[str]) -> tuple[str, ...]:
    """Give those of the centres that have a database on a server; raises UNAVAILABLE database_away."""
    try:
        with psycopg.connect(admin_dsn, connect_timeout=5, autocommit=True) as connection:
            there = existing_databases(connection)
    except psycopg.OperationalError as trouble:
        raise unavailable("database_away") from trouble
    return tuple(code for code in centres if database_name(code) in there)


async def id_marks(database: Database, kind: SubjectKind) -> list[UUID]:
    """Give every MARK_EVERY-th id in order."""
    statement = _SQL["case_marks"] if kind == "case" else _SQL["directive_marks"]
    return [row["id"] for row in await database.fetch(statement, {"every": MARK_EVERY})]


async def case_copies(database: Database, centre: str, wanted: IdRange | Sequence[UUID]) -> CopiesRead[CaseCopy]:
    """Read cases of a range or by their ids, with their journals."""

    def copy(row: Mapping[str, Any]) -> CaseCopy:
        return CaseCopy(centre, case_file(row["file"]), _journal(row["journal"]))

    rows = await _rows(database, _SQL["cases"], _SQL["cases_by_id"], wanted)
    return _read(rows, centre, copy)


async def directive_copies(
    database: Database, centre: str, wanted: IdRange | Sequence[UUID]
) -> CopiesRead[DirectiveCopy]:
    """Read directives of a range or by their ids, with their journals."""

    def copy(row: Mapping[str, Any]) -> DirectiveCopy:
        return DirectiveCopy(centre, directive_file(row["file"]), _journal(row["journal"]))

    rows = await _rows(database, _SQL["directives"], _SQL["directives_by_id"], wanted)
    return _read(rows, centre, copy)


async def subjects_under_way(database: Database) -> set[UUID]:
    """Give the cases and directives about which a message is on its way, or lies here unhandled."""
    return {row["subject"] for row in await database.fetch(_SQL["under_way"])}


async def stray_events(database: Database, centre: str) -> tuple[Finding, ...]:
    """Find events whose case or directive is not here."""
    rows = await database.fetch(_SQL["strays"], {"limit": LISTED})
    return tuple(
        Finding(Rule.JOURNAL, centre, f"{row['many']} events without their file", row["subject"]) for row in rows
    )


async def edges_read(database: Database, centre: str, now: datetime) -> EdgesRead:
    """Read both directions of all edges, what is held, and what is parked."""
    edges = await database.fetch(_SQL["edges"])
    gaps = await database.fetch(_SQL["gaps"], {"kept_since": now - KEPT, "limit": LISTED})
    held = await database.fetch(_SQL["held"], {"limit": LISTED})
    letters = await database.fetch(_SQL["letters"], {"limit": LISTED})
    ends = tuple(
        EdgeEnd(
            centre,
            gaps=tuple((gap["before"], gap["after"]) for gap in gaps if gap["neighbour"] == row["neighbour"]),
            held=tuple(_held(message) for message in held if message["neighbour"] == row["neighbour"]),
            **row,
        )
        for row in edges
    )
    return EdgesRead(ends, tuple(_letter(row, centre) for row in letters))


async def told_cases(database: Database, origin: str, wanted: IdRange, told_before: datetime) -> dict[UUID, Known]:
    """Give the cases that a centre took in and about which nothing was journalled since an instant."""
    params = {"origin": origin, "after": wanted.after, "until": wanted.until, "told_before": told_before}
    return _known(await database.fetch(_SQL["told_cases"], params))


async def facts_of(database: Database, origin: str, wanted: IdRange) -> dict[UUID, Known]:
    """Give what the facts here tell of the cases that a centre took in."""
    params = {"origin": origin, "after": wanted.after, "until": wanted.until}
    return _known(await database.fetch(_SQL["facts"], params))


async def summarised_cases(database: Database, wanted: IdRange) -> frozenset[UUID]:
    """Give the cases of which only sums are left here."""
    rows = await database.fetch(_SQL["summarised"], {"after": wanted.after, "until": wanted.until})
    return frozenset(row["case_id"] for row in rows)


async def present_cases(database: Database, origin: str, cases: Iterable[UUID]) -> frozenset[UUID]:
    """Say which of some cases a centre has taken in."""
    rows = await database.fetch(_SQL["present"], {"cases": list(cases), "origin": origin})
    return frozenset(row["case_id"] for row in rows)


async def tally_gaps(database: Database, origin: str) -> tuple[TallyGap, ...]:
    """Find sums of an origin's cases that are not what the facts here come to; it looks at all of these."""
    rows = await database.fetch(_SQL["tally_gaps"], {"origin": origin, "limit": LISTED})
    return tuple(TallyGap(origin, **row) for row in rows)


async def event_count(database: Database) -> int:
    """Count the events of all journals."""
    rows = await database.fetch(_SQL["event_count"])
    return int(rows[0]["many"])


async def _rows(
    database: Database, by_range: Statement, by_id: Statement, wanted: IdRange | Sequence[UUID]
) -> Sequence[Mapping[str, Any]]:
    if isinstance(wanted, IdRange):
        return await database.fetch(by_range, {"after": wanted.after, "until": wanted.until})
    return await database.fetch(by_id, {"subjects": list(wanted)})


def _read(
    rows: Iterable[Mapping[str, Any]], centre: str, copy: Callable[[Mapping[str, Any]], Copy]
) -> CopiesRead[Copy]:
    copies: list[Copy] = []
    unreadable: list[Finding] = []
    for row in rows:
        try:
            copies.append(copy(row))
        except (KeyError, TypeError, ValueError) as trouble:
            detail = f"{type(trouble).__name__}: {trouble}"
            unreadable.append(Finding(Rule.READABLE, centre, detail, row["id"], str(row["file"].get("number") or "")))
    return CopiesRead(tuple(copies), tuple(unreadable))


def _known(rows: Sequence[Mapping[str, Any]]) -> dict[UUID, Known]:
    return {row["case_id"]: Known(row["number"], (row["epoch"], row["version"], row["journal_length"])) for row in rows}


def _journal(rows: Sequence[Mapping[str, Any]] | None) -> tuple[Entry, ...]:
    entries = []
    for row in rows or ():
        if not isinstance(row["details"], dict):
            raise TypeError(f"details of event {row['id']} are no object")
        entries.append(Entry(row["position"], event_of(row), text_bytes(row["hash"])))
    return tuple(entries)


def _held(row: Mapping[str, Any]) -> HeldMessage:
    names = ("seq", "state", "type", "subject", "reason", "taken_at", "has_letter")
    return HeldMessage(*(row[name] for name in names))


def _letter(row: Mapping[str, Any], centre: str) -> Finding:
    place = f" {row['topic']}@{row['record_offset']}" if row["topic"] else ""
    number = f" {row['seq']}" if row["seq"] is not None else ""
    detail = f"letter {row['id']}: {row['type']}{number} from {row['neighbour']}{place}: {row['code']}"
    return Finding(Rule.DEAD_LETTER, centre, detail, row["subject"])
