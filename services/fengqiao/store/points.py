"""The ledger of points of a centre (F13): entries with what became of them, and each unit's sum with its cases."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fengqiao.domain.points import Standing
from fengqiao.domain.unit import WINDOW
from fengqiao.store.database import Database
from fengqiao.store.named_sql import read_statements

_SQL = read_statements("points")


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """An entry with its case, its appeal and the decision on it; what is not there yet is None."""

    entry_id: UUID
    case_id: UUID
    number: str
    title: str
    unit: str
    rule: str
    points: int
    limit_code: str
    rung: str
    reason: str
    by: str
    at: datetime
    appealed_by: str | None
    appealed_at: datetime | None
    appeal_reason: str | None
    upheld: bool | None
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None
    reversed: bool

    @property
    def standing(self) -> Standing:
        """What has become of it."""
        if self.reversed:
            return Standing.REVERSED
        if self.upheld is not None:
            return Standing.CONFIRMED
        return Standing.STANDING if self.appealed_by is None else Standing.APPEALED


@dataclass(frozen=True, slots=True)
class UnitSum:
    """A unit's points of a time: what counts, from how many entries, less how many reversals, on how many cases."""

    unit: str
    entries: int
    reversals: int
    points: int
    cases: int


async def ledger_lines(
    database: Database,
    limit: int,
    *,
    since: datetime | None = None,
    unit: str | None = None,
    waiting: bool = False,
) -> tuple[LedgerLine, ...]:
    """List entries, the newest first; since a time, of a unit, or only those whose appeal waits for a decision."""
    params = {"entry_id": None, "since": since, "unit": unit, "waiting": waiting, "limit": limit}
    return tuple(LedgerLine(**row) for row in await database.fetch_list(_SQL["list"], params))


async def ledger_line(database: Database, entry_id: UUID) -> LedgerLine | None:
    """Give one entry."""
    params = {"entry_id": entry_id, "since": None, "unit": None, "waiting": False, "limit": 1}
    rows = await database.fetch_list(_SQL["list"], params)
    return LedgerLine(**rows[0]) if rows else None


async def unit_sums(database: Database, since: datetime) -> tuple[UnitSum, ...]:
    """Add up the entries of each unit since a time, with the cases that were registered since and are in its hands."""
    rows = await database.fetch(_SQL["sums"], {"since": since, "window": WINDOW})
    return tuple(
        UnitSum(row["unit"], row["entries"], row["reversals"], int(row["points"]), row["cases"]) for row in rows
    )


async def disowned_entries(database: Database, since: datetime, limit: int) -> tuple[tuple[UUID, UUID], ...]:
    """Name entries of clocks, with their cases, that may have fallen into the time of the next holder."""
    rows = await database.fetch(_SQL["disowned"], {"since": since, "limit": limit})
    return tuple((row["entry_id"], row["case_id"]) for row in rows)


async def appeals_waiting(database: Database) -> int:
    """Count the appeals that nobody has decided."""
    many: int = (await database.fetch(_SQL["waiting"]))[0]["many"]
    return many
