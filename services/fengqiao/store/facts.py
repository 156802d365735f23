"""Facts and their sums: what this centre was told of the cases below, and how far it has told of its own (F31, F36)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import orjson

from fengqiao.domain.case import CaseFile
from fengqiao.domain.event import Event
from fengqiao.domain.fact import Fact, Revision
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.domain.tally import Measure, Tally
from fengqiao.store.database import Database, Transaction
from fengqiao.store.named_sql import read_statements
from fengqiao.store.rows import case_file, event_of

_SQL = read_statements("fact")
LEASE = timedelta(seconds=90)
"""Longer than it takes to the next look, so that an idle process keeps it without a statement of its own."""

NO_DUE_TIME = "infinity"


@dataclass(frozen=True, slots=True)
class KnownFact:
    """The fact of a case that is there: its revision, and what it added to the sums."""

    revision: Revision
    tallied: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """What is there of some cases, which of them are only left in sums, and which reading of the feeds this is."""

    generation: int
    summarised: frozenset[UUID]
    by_case: Mapping[UUID, KnownFact]


@dataclass(frozen=True, slots=True)
class Source:
    """Up to when a centre has told."""

    centre: str
    told_until: datetime


@dataclass(frozen=True, slots=True)
class OpenCases:
    """What is open of the cases that a centre took in."""

    centre: str
    open: int
    overdue: int
    offered: int
    suspended: int


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum over months or days: of a measure, of the cases of a class that a centre took in."""

    measure: Measure
    detail: str
    centre: str
    matter_class: str
    many: int


async def make_months(database: Database, months: Iterable[date]) -> None:
    """See to it that there is a partition for each of these months."""
    await database.run(_SQL["make_months"], {"months": sorted(months)})


async def hold_reading(transaction: Transaction) -> None:
    """See to it that no facts are summarised until this transaction ends."""
    await transaction.fetch(_SQL["hold"], {})


async def known_facts(transaction: Transaction, wanted: Mapping[UUID, date]) -> KnownFacts:
    """Load and lock what is there of some cases, by the months of their registration."""
    params = {"cases": list(wanted), "months": list(wanted.values())}
    row = (await transaction.fetch(_SQL["load"], params))[0]
    by_case = {
        UUID(found["case_id"]): KnownFact(
            (found["epoch"], found["version"], found["journal_length"]), tuple(map(_tally, found["tallied"]))
        )
        for found in row["facts"] or ()
    }
    return KnownFacts(row["generation"], frozenset(map(UUID, row["summarised"] or ())), by_case)


async def save_facts(
    transaction: Transaction,
    facts: Iterable[tuple[Fact, Sequence[Tally], datetime]],
    moved: Mapping[tuple[str, Tally], int],
    sources: Iterable[Source],
) -> None:
    """Save newer facts with when they were told, by how much they move each centre's sums, and the sources; commit."""
    params = {
        "facts": [_fact_row(fact, tallied, told_at) for fact, tallied, told_at in facts],
        "sums": [
            {**_tally_row(tally), "centre": centre, "many": many} for (centre, tally), many in sorted(moved.items())
        ],
        "sources": [{"centre": one.centre, "told_until": one.told_until} for one in sources],
    }
    written = {name: orjson.dumps(rows).decode() for name, rows in params.items()}
    await transaction.fetch(_SQL["save"], written, last=True)


async def generation_of(database: Database) -> int:
    """Give the number of the present reading of the feeds."""
    return int((await database.fetch(_SQL["generation"]))[0]["generation"])


async def begin_again(database: Database) -> int:
    """Forget all facts and sums, and begin a new reading; gives its number."""
    async with database.transaction() as transaction:
        found = await transaction.fetch(_SQL["begin_again"], {})
        await transaction.fetch(_SQL["empty"], {}, last=True)
    return int(found[0]["generation"])


async def sources(database: Database) -> tuple[Source, ...]:
    """Give how far each centre has told."""
    return tuple(Source(**row) for row in await database.fetch(_SQL["sources"]))


async def open_cases(database: Database, centres: Sequence[str], now: datetime) -> tuple[OpenCases, ...]:
    """Count what is open now, by origin; a centre without an open case is not there."""
    rows = await database.fetch(_SQL["open"], {"centres": list(centres), "now": now})
    return tuple(OpenCases(**row) for row in rows)


async def sums(
    database: Database, centres: Sequence[str], first: date, last: date, measures: Sequence[Measure]
) -> tuple[Sum, ...]:
    """Give the sums of measures of some centres over months or days, the first and the last one included."""
    params = {"centres": list(centres), "first": first, "last": last, "measures": list(measures)}
    return tuple(
        Sum(Measure(row["measure"]), row["detail"], row["centre"], row["matter_class"], row["many"])
        for row in await database.fetch_list(_SQL["sums"], params)
    )


async def overdue_days(
    database: Database, centres: Sequence[str], first: date, last: date, now: datetime
) -> Mapping[tuple[str, date], int]:
    """Count what fell due on some days and is overdue now, by the origin and the day in the city's zone."""
    params = {
        "centres": list(centres),
        "now": now,
        "first": datetime.combine(first, time.min, CITY_ZONE),
        "until": datetime.combine(last + timedelta(days=1), time.min, CITY_ZONE),
    }
    return {(row["centre"], row["day"]): row["many"] for row in await database.fetch(_SQL["overdue_days"], params)}


async def summarise(database: Database, before: date, heard_since: datetime) -> int:
    """Replace facts of the months before a day by their sums, where they are closed and were not told of since.

    Month by month, so that each statement is short; of centres that have told until an instant. Gives how many; months
    that are empty then are taken away.
    """
    many = 0
    for row in await database.fetch(_SQL["old_months"], {"before": before}):
        params = {"month": row["month"], "before": before, "heard_since": heard_since}
        many += int((await database.fetch(_SQL["summarise"], params))[0]["many"])
    await database.fetch(_SQL["drop_empty_months"], {"before": before})
    return many


@dataclass(frozen=True, slots=True)
class ToTell:
    """A case that a centre took in, with its accepted hand-overs."""

    file: CaseFile
    hand_overs: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """Up to when everything was told (None: nothing is known to be), and what was journalled since shortly before."""

    told_until: datetime | None
    changed: Mapping[UUID, Revision]


async def look(database: Database, origin: str, holder: str, now: datetime, back: timedelta, limit: int) -> Look | None:
    """Take or keep the lease of telling, and find what there is to tell; None while another process has the lease."""
    params = {"holder": holder, "now": now, "until": now + LEASE, "back": back, "origin": origin, "limit": limit}
    rows = await database.fetch(_SQL["look"], params)
    if not rows:
        return None
    changed = {UUID(case): (epoch, version, length) for case, epoch, version, length in rows[0]["changed"] or ()}
    return Look(rows[0]["told_until"], changed)


async def told_until(database: Database) -> datetime | None:
    """Give up to when everything was told; None when everything is to be told anew."""
    found: datetime | None = (await database.fetch(_SQL["telling"]))[0]["told_until"]
    return found


async def facts_known(database: Database) -> int:
    """Count the cases that facts tell of here; for operators, for it looks at all of them."""
    return int((await database.fetch(_SQL["known"]))[0]["many"])


async def note_told(database: Database, until: datetime | None) -> None:
    """Note up to when everything was told; None to have everything told anew."""
    await database.run(_SQL["told"], {"until": until})


async def cases_after(database: Database, origin: str, after: UUID, limit: int) -> list[UUID]:
    """Give a page of the cases that a centre took in, by id, after an id."""
    params = {"origin": origin, "after": after, "limit": limit}
    return [row["case_id"] for row in await database.fetch(_SQL["to_tell_after"], params)]


async def to_tell(database: Database, origin: str, cases: Sequence[UUID]) -> list[ToTell]:
    """Give what there is to tell of some cases; those that another centre took in are left out."""
    rows = await database.fetch(_SQL["to_tell"], {"origin": origin, "cases": list(cases)})
    return [ToTell(case_file(row["file"]), tuple(map(event_of, row["hand_overs"] or ()))) for row in rows]


def _fact_row(fact: Fact, tallied: Sequence[Tally], told_at: datetime) -> dict[str, Any]:
    return {
        "month": fact.month,
        "case_id": fact.case_id,
        "centre": fact.centre,
        "number": fact.number,
        "epoch": fact.epoch,
        "version": fact.version,
        "journal_length": fact.journal_length,
        "holder": fact.holder,
        "unit": fact.unit,
        "state": fact.state,
        "item": fact.item,
        "offered": fact.offered,
        "suspended": fact.suspended,
        "registered_at": fact.registered_at,
        "resolved_at": fact.resolved_at,
        "due_at": fact.due_at or NO_DUE_TIME,
        "told_at": told_at,
        "tallied": [[tally.since, tally.measure, tally.detail, tally.matter_class] for tally in tallied],
    }


def _tally_row(tally: Tally) -> dict[str, Any]:
    return {
        "since": tally.since,
        "measure": tally.measure,
        "detail": tally.detail,
        "matter_class": tally.matter_class,
    }


def _tally(row: Sequence[str]) -> Tally:
    since, measure, detail, matter_class = row
    return Tally(date.fromisoformat(since), Measure(measure), detail, matter_class)
