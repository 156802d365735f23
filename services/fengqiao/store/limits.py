"""The clocks of one centre as the sweeper and readers see them: what is due, what has fired, what runs (DESIGN 5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from fengqiao.store.database import Database, Transaction
from fengqiao.store.named_sql import read_statements

_SQL = read_statements("limit")


@dataclass(frozen=True, slots=True)
class FiredCount:
    """Rungs of one kind that fired together: how many, and how late."""

    code: str
    rung: str
    late_seconds: float
    many: int


@dataclass(frozen=True, slots=True)
class Fired:
    """What one batch came to."""

    counts: tuple[FiredCount, ...]

    @property
    def many(self) -> int:
        """How many rungs fired."""
        return sum(count.many for count in self.counts)


@dataclass(frozen=True, slots=True)
class Next:
    """When the next rung of this centre is due, and whether a firing waits for its consequences."""

    fire_at: datetime | None
    untold: bool


@dataclass(frozen=True, slots=True)
class Firing:
    """A rung that fired, whose consequences are to be told."""

    limit_id: UUID
    rung: str
    case_id: UUID
    code: str
    fire_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class OutdatedClock:
    """A clock whose due time was derived before the newest notice was known."""

    limit_id: UUID
    case_id: UUID
    due_at: datetime


@dataclass(frozen=True, slots=True)
class RunningLimit:
    """A clock that runs, with its case."""

    limit_id: UUID
    case_id: UUID
    code: str
    due_at: datetime
    provisional: bool
    number: str
    title: str
    unit: str
    offer_to: str | None


@dataclass(frozen=True, slots=True)
class LimitFigures:
    """How many clocks of one code and class run, are overdue, are due provisionally; when the next one is due."""

    code: str
    matter_class: str
    """Two digits; empty while the case has no item."""
    running: int
    overdue: int
    provisional: int
    next_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class DueFigures:
    """How many clocks of one code and class were due in a period with one outcome: met, breached, open."""

    code: str
    matter_class: str
    outcome: str
    many: int


async def fire_due(database: Database, now: datetime, limit: int) -> Fired:
    """Fire what is due, oldest first and at most `limit` rungs; one statement, one commit."""
    rows = await database.fetch(_SQL["fire"], {"now": now, "limit": limit})
    return Fired(
        tuple(FiredCount(row["code"], row["rung"], max(0.0, row["late_seconds"]), row["many"]) for row in rows)
    )


async def next_firing(database: Database) -> Next:
    """Say when there is something to do."""
    row = (await database.fetch(_SQL["next"]))[0]
    return Next(row["fire_at"], row["untold"])


async def untold_firings(transaction: Transaction, limit: int) -> tuple[Firing, ...]:
    """Take firings whose consequences are to be told; others leave them alone until this transaction ends."""
    rows = await transaction.fetch(_SQL["untold"], {"limit": limit})
    return tuple(Firing(**row) for row in rows)


async def outdated_clocks(transaction: Transaction, horizon: date, limit: int) -> tuple[OutdatedClock, ...]:
    """Name clocks that were derived with a shorter horizon."""
    rows = await transaction.fetch(_SQL["outdated"], {"horizon": horizon, "limit": limit})
    return tuple(OutdatedClock(**row) for row in rows)


async def running_limits(
    database: Database, *, code: str | None = None, before: datetime | None = None, limit: int = 100
) -> tuple[RunningLimit, ...]:
    """List clocks that run at this centre, nearest first; of one code, or due up to an instant."""
    rows: Sequence[Mapping[str, Any]] = await database.fetch_list(
        _SQL["running"], {"code": code, "before": before, "limit": limit}
    )
    return tuple(RunningLimit(**row) for row in rows)


async def limit_figures(database: Database, now: datetime) -> tuple[LimitFigures, ...]:
    """Count the clocks that run at this centre by code and class."""
    rows = await database.fetch(_SQL["figures"], {"now": now})
    return tuple(
        LimitFigures(row["code"], row["class"], row["running"], row["overdue"], row["provisional"], row["next_due_at"])
        for row in rows
    )


async def due_figures(database: Database, since: datetime, now: datetime) -> tuple[DueFigures, ...]:
    """Count the clocks of this centre that were due in a period, by code, class and what became of them."""
    rows = await database.fetch(_SQL["due_figures"], {"since": since, "now": now})
    return tuple(DueFigures(row["code"], row["class"], row["outcome"], row["many"]) for row in rows)
