"""Reading cases and directives for people: lists in pages, one whole file, counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fengqiao.domain.case import CaseFile, Contact
from fengqiao.domain.directive import DirectiveFile
from fengqiao.domain.event import Event
from fengqiao.store.database import Database
from fengqiao.store.named_sql import Statement, read_statements
from fengqiao.store.rows import case_file, directive_file, event_of

_CASES = read_statements("case_file")
_DIRECTIVES = read_statements("directive")
CASE_ORDERS = tuple(name.removeprefix("order ") for name in _CASES if name.startswith("order "))
_LISTS: Mapping[str, Statement] = {
    order: Statement(
        "case_file.list",
        _CASES["list"]
        .text.replace("/*after*/", _CASES[f"after {order}"].text)
        .replace("/*order*/", _CASES[f"order {order}"].text),
    )
    for order in CASE_ORDERS
}


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One entry of a journal as it is stored."""

    position: int
    event: Event
    hash: bytes
    recorded_at: datetime


async def case_files(database: Database, order: str, criteria: Mapping[str, Any]) -> tuple[CaseFile, ...]:
    """List case files in one of CASE_ORDERS; long texts come shortened to 200 characters."""
    return tuple(case_file(row["file"]) for row in await database.fetch_list(_LISTS[order], criteria))


async def case_file_by_id(database: Database, case_id: UUID) -> CaseFile | None:
    """Give the file of a case with its whole text."""
    rows = await database.fetch(_CASES["by_id"], {"case_id": case_id})
    return case_file(rows[0]["file"]) if rows else None


async def case_files_of_origin(database: Database, origin: str, after: UUID, limit: int) -> tuple[CaseFile, ...]:
    """Give a page of the cases that a centre took in, in the order of their ids, after an id."""
    rows = await database.fetch(_CASES["of_origin"], {"origin": origin, "after": after, "limit": limit})
    return tuple(case_file(row["file"]) for row in rows)


async def case_id_by_number(database: Database, number: str) -> UUID | None:
    """Find a case by its number."""
    rows = await database.fetch(_CASES["id_by_number"], {"number": number})
    return rows[0]["case_id"] if rows else None


async def case_numbers(database: Database, case_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Give the numbers of the cases that this centre knows among these."""
    rows = await database.fetch(_CASES["numbers"], {"case_ids": list(case_ids)})
    return {row["case_id"]: row["number"] for row in rows}


async def case_id_by_reference(database: Database, origin: str, reference: str) -> UUID | None:
    """Find a case by its number in the system it was imported from."""
    rows = await database.fetch(_CASES["id_by_reference"], {"origin": origin, "reference": reference})
    return rows[0]["case_id"] if rows else None


async def journal(database: Database, subject: UUID) -> tuple[JournalRow, ...]:
    """Give the journal of a case or a directive in the order of its positions."""
    rows = await database.fetch(_CASES["events"], {"subject": subject})
    return tuple(JournalRow(row["position"], event_of(row), row["hash"], row["recorded_at"]) for row in rows)


async def whole_case(database: Database, key: UUID | str) -> tuple[CaseFile, Contact | None] | None:
    """Give a case by its id or number, and how its reporter may be reached, at the centre that knows."""
    wanted = {"case_id": key, "number": None} if isinstance(key, UUID) else {"case_id": None, "number": key}
    rows = await database.fetch(_CASES["whole"], wanted)
    if not rows:
        return None
    reached = Contact(rows[0]["name"], rows[0]["phone"]) if rows[0]["name"] is not None else None
    return case_file(rows[0]["file"]), reached


async def case_count_rows(database: Database) -> Sequence[Mapping[str, Any]]:
    """Count case files by role, state and whether an offer is open."""
    return await database.fetch(_CASES["counts"])


async def directive_by_id(database: Database, directive_id: UUID) -> DirectiveFile | None:
    """Give a directive."""
    rows = await database.fetch(_DIRECTIVES["by_id"], {"directive_id": directive_id})
    return directive_file(rows[0]["file"]) if rows else None


async def directive_id_by_number(database: Database, number: str) -> UUID | None:
    """Find a directive by its number."""
    rows = await database.fetch(_DIRECTIVES["id_by_number"], {"number": number})
    return rows[0]["directive_id"] if rows else None


async def directives_about(database: Database, case_id: UUID) -> tuple[DirectiveFile, ...]:
    """Give the directives about a case, oldest first."""
    rows = await database.fetch(_DIRECTIVES["about_case"], {"case_id": case_id})
    return tuple(directive_file(row["file"]) for row in rows)


async def directive_files(database: Database, criteria: Mapping[str, Any]) -> tuple[DirectiveFile, ...]:
    """List directives, the last changed first."""
    return tuple(directive_file(row["file"]) for row in await database.fetch_list(_DIRECTIVES["list"], criteria))
