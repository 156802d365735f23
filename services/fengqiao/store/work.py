"""The unit of work: what a decision needs is loaded in one statement, what it changes is saved in one, with one commit.

The counts are part of the design (DESIGN section 9): two statements and one commit for a command on a case and for a
batch of messages alike, one statement and one commit for an intake.
"""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from psycopg.errors import UniqueViolation

from fengqiao.domain.case import CaseFile
from fengqiao.domain.directive import DirectiveFile
from fengqiao.domain.event import Event
from fengqiao.store.changes import Changes
from fengqiao.store.database import Connection, Database
from fengqiao.store.named_sql import read_statements
from fengqiao.store.rows import case_file, directive_file, event_of

_SQL = read_statements("work")


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A message that is held: beyond a gap (ahead), waiting, or parked."""

    neighbour: str
    seq: int
    subject: UUID | None
    state: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded and locked for a decision."""

    received_seqs: dict[str, int]
    cases: dict[UUID, CaseFile]
    directives: dict[UUID, DirectiveFile]
    known_events: frozenset[UUID]
    held: tuple[HeldRow, ...]
    histories: dict[UUID, tuple[Event, ...]]


class Work:
    """One transaction: `load` first when something has to be known, then `save` once."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database = database
        self._connection = connection

    async def load(
        self,
        subjects: Iterable[UUID] = (),
        *,
        neighbours: Iterable[str] = (),
        events: Iterable[UUID] = (),
        histories: Iterable[UUID] = (),
    ) -> Loaded:
        """Load and lock cases and directives by id, edges by neighbour, and tell which events are known.

        `histories` names the cases whose whole journal is wanted. What is not there is simply missing in the answer.
        """
        params = {
            "subjects": list(subjects),
            "neighbours": list(neighbours),
            "events": list(events),
            "histories": list(histories),
        }
        rows = await self._database.fetch_on(self._connection, _SQL["load"], params)
        found = rows[0]
        cases = (case_file(row) for row in found["cases"] or ())
        directives = (directive_file(row) for row in found["directives"] or ())
        journals: dict[UUID, list[Event]] = {}
        for row in found["histories"] or ():
            journals.setdefault(UUID(row["subject"]), []).append(event_of(row))
        return Loaded(
            received_seqs={row["neighbour"]: row["received_seq"] for row in found["edges"] or ()},
            cases={file.case.id: file for file in cases},
            directives={file.directive.id: file for file in directives},
            known_events=frozenset(UUID(identity) for identity in found["known_events"] or ()),
            held=tuple(
                HeldRow(row["neighbour"], row["seq"], UUID(row["subject"]) if row["subject"] else None, row["state"])
                for row in found["held"] or ()
            ),
            histories={subject: tuple(events) for subject, events in journals.items()},
        )

    async def save(self, changes: Changes) -> None:
        """Save everything in one statement; it is durable when the block of the work ends."""
        params = {name: json.dumps(rows, ensure_ascii=False) for name, rows in changes.rows().items()}
        await self._database.fetch_on(self._connection, _SQL["save"], params)


@asynccontextmanager
async def work(database: Database) -> AsyncIterator[Work]:
    """Open a transaction: it is committed when the block ends, and nothing is kept when it raises."""
    async with database.connection() as connection, connection.transaction():
        yield Work(database, connection)


class AlreadyThere(Exception):
    """A case, a directive, a number or a reference was saved before; nothing was saved now."""


async def save_new(database: Database, changes: Changes) -> None:
    """Save what needs nothing loaded: one statement, one round trip, one commit. Raises AlreadyThere."""
    params = {name: json.dumps(rows, ensure_ascii=False) for name, rows in changes.rows().items()}
    try:
        await database.fetch(_SQL["save"], params)
    except UniqueViolation as trouble:
        raise AlreadyThere from trouble


async def serials(database: Database, day: date, count: int) -> list[int]:
    """Draw serial numbers of a day; they are unique and rising, and a number may be left out after a crash."""
    rows = await database.fetch(_SQL["serials"], {"day": day, "count": count})
    return [row["serial"] for row in rows]
