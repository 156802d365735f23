"""The unit of work: what a decision needs is loaded in one statement, what it changes is saved in one, with one commit.

The counts are part of the design (DESIGN section 9): two statements and one commit for a command on a case and for a
batch of messages alike, one statement and one commit for an intake.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from psycopg.errors import DataError, IntegrityError, UniqueViolation

from fengqiao.domain.case import CaseFile
from fengqiao.domain.directive import DirectiveFile
from fengqiao.domain.edition import Edition
from fengqiao.domain.event import Event
from fengqiao.store.attachments import Attachment, store_with
from fengqiao.store.changes import Changes
from fengqiao.store.database import Database, Transaction
from fengqiao.store.editions import put_edition
from fengqiao.store.named_sql import read_statements
from fengqiao.store.rows import case_file, directive_file, event_of
from fengqiao.store.supervision import save_supervision

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

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction
        self.files: dict[UUID, CaseFile] = {}
        """The case files that were loaded, as they were."""

    async def load(
        self,
        subjects: Iterable[UUID] = (),
        *,
        neighbours: Iterable[str] = (),
        events: Iterable[UUID] = (),
        histories: Iterable[UUID] = (),
        leads: Iterable[UUID] = (),
        partners: Iterable[UUID] = (),
    ) -> Loaded:
        """Load and lock cases and directives by id, edges by neighbour, and tell which events are known.

        `histories` names the cases whose whole journal is wanted; with those in `leads` come the cases merged into
        them, with those in `partners` the case that they are merged into. What is not there is missing in the answer.
        """
        params = {
            "subjects": list(subjects),
            "neighbours": list(neighbours),
            "events": list(events),
            "histories": list(histories),
            "leads": list(leads),
            "partners": list(partners),
        }
        found = (await self.transaction.fetch(_SQL["load"], params))[0]
        if _outrun(found) or _lacks_merged(found, params):
            # It waited for a lock, and whoever held it wrote what a new look will see: nobody can write on by now.
            found = (await self.transaction.fetch(_SQL["load"], params))[0]
        cases = {file.case.id: file for file in map(case_file, found["cases"] or ())}
        self.files.update(cases)
        directives = (directive_file(row) for row in found["directives"] or ())
        journals: dict[UUID, list[Event]] = {}
        for row in found["histories"] or ():
            journals.setdefault(UUID(row["subject"]), []).append(event_of(row))
        return Loaded(
            received_seqs={row["neighbour"]: row["received_seq"] for row in found["edges"] or ()},
            cases=cases,
            directives={file.directive.id: file for file in directives},
            known_events=frozenset(UUID(identity) for identity in found["known_events"] or ()),
            held=tuple(
                HeldRow(row["neighbour"], row["seq"], UUID(row["subject"]) if row["subject"] else None, row["state"])
                for row in found["held"] or ()
            ),
            histories={subject: tuple(events) for subject, events in journals.items()},
        )

    async def claim(self, neighbour: str, seq: int, attempts: int) -> bool:
        """Take a held message to try it again; False when another process tries it now or has done so."""
        key = {"neighbour": neighbour, "seq": seq, "attempts": attempts}
        return bool(await self.transaction.fetch(_SQL["claim"], key))

    async def keep(self, attachment: Attachment, now: datetime) -> None:
        """Store a file beside what `save` commits; without that it is not kept."""
        await store_with(self.transaction, attachment, now)

    async def keep_edition(self, edition: Edition, told: Sequence[str], now: datetime) -> bool:
        """Keep an edition that these children are told of, beside what `save` commits.

        False when it was there already, or when the draft has moved on. Raises AlreadyThere when another draft was
        begun at the same moment.
        """
        try:
            return await put_edition(self.transaction, edition, told, now)
        except UniqueViolation as trouble:
            raise AlreadyThere from trouble

    async def save(self, changes: Changes) -> None:
        """Save everything and commit: it is durable when this returns. Raises Unfit.

        One statement, and one more when there are facts of supervision, and for each edition of a book.
        """
        try:
            if rows := changes.supervision.rows():
                await save_supervision(self.transaction, rows)
            for edition, told in changes.editions:
                await self.keep_edition(edition, told, changes.now)
            await self.transaction.fetch(_SQL["save"], _saved(changes), last=True)
        except (IntegrityError, DataError, AlreadyThere) as trouble:
            raise Unfit(type(trouble).__name__) from trouble


def _saved(changes: Changes) -> dict[str, str]:
    return {name: orjson.dumps(rows).decode() if rows else "[]" for name, rows in changes.rows().items()}


def _outrun(found: Mapping[str, Any]) -> bool:
    """Tell whether the locked rows are newer than what was read beside them."""
    lengths = Counter(row["subject"] for row in found["histories"] or ())
    moved = found["edges"] != found["seen_edges"]
    return moved or any(
        row["journal_length"] != lengths[row["case_id"]] for row in found["cases"] or () if row["case_id"] in lengths
    )


def _lacks_merged(found: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    """Tell whether a case was merged or unmerged while the statement waited, so that its partner was not found."""
    rows = {row["case_id"]: row["course"] for row in found["cases"] or ()}
    wanted = [one["id"] for lead in params["leads"] for one in rows.get(str(lead), {}).get("merged", ())]
    wanted += [rows.get(str(case), {}).get("merged_into") for case in params["partners"]]
    return any(case is not None and case not in rows for case in wanted)


@asynccontextmanager
async def work(database: Database) -> AsyncIterator[Work]:
    """Open a transaction, which `save` commits; without it nothing is kept."""
    async with database.transaction() as transaction:
        yield Work(transaction)


class Unfit(Exception):
    """What was to be saved is against the rules of the database; nothing was saved."""


class AlreadyThere(Exception):
    """A case, a directive, a number or a reference was saved before; nothing was saved now."""


async def save_new(database: Database, changes: Changes) -> None:
    """Save what needs nothing loaded: one statement, one round trip, one commit. Raises AlreadyThere."""
    try:
        await database.fetch(_SQL["save"], _saved(changes))
    except UniqueViolation as trouble:
        raise AlreadyThere from trouble


async def serials(database: Database, day: date, count: int) -> list[int]:
    """Draw serial numbers of a day; they are unique and rising, and a number may be left out after a crash."""
    params = {"day": day, "count": count}
    # Nothing comes when another process began the day while this statement waited for it: a new one sees what it wrote.
    rows = await database.fetch(_SQL["serials"], params) or await database.fetch(_SQL["serials"], params)
    return [row["serial"] for row in rows]
