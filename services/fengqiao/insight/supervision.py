"""Supervision for people to read: the board, one order with its story, the ledger, and its figures (F13, F20)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from fengqiao.domain.access import Grant
from fengqiao.domain.errors import not_found
from fengqiao.domain.event import EventKind
from fengqiao.insight.cases import CaseView
from fengqiao.observe.metrics import NodeMetrics
from fengqiao.store import queries
from fengqiao.store.access import Reading, readings_of
from fengqiao.store.database import Database
from fengqiao.store.points import LedgerLine, UnitSum, appeals_waiting, ledger_line, ledger_lines, unit_sums
from fengqiao.store.queries import JournalRow
from fengqiao.store.supervision import (
    OrderLine,
    RedLine,
    ReminderLine,
    open_counts,
    open_orders,
    order_by_id,
    red_warnings,
    reminders,
)

ROWS = 50
RED_DAYS = timedelta(days=30)
REMINDER_DAYS = timedelta(days=7)
LEDGER_DAYS = timedelta(days=90)
ENTRIES = 500
LEVELS = range(1, 6)


@dataclass(frozen=True, slots=True)
class Board:
    """What a supervisor has before them: at most ROWS lines of each."""

    orders: tuple[OrderLine, ...]
    reds: tuple[RedLine, ...]
    reminders: tuple[ReminderLine, ...]


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order with the facts of its case's journal that are about it, and who read under its grants."""

    line: OrderLine
    events: tuple[JournalRow, ...]
    journal: tuple[JournalRow, ...]
    grants: tuple[tuple[Grant, tuple[Reading, ...]], ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The points of a centre since a time: each unit's sum, its entries, and the appeals that wait.

    Units with enough cases come first, by points a case; the others follow by name and are compared with nobody.
    """

    since: datetime
    least_cases: int
    sums: tuple[UnitSum, ...]
    entries: tuple[LedgerLine, ...]
    waiting: tuple[LedgerLine, ...]

    def comparable(self, unit: UnitSum) -> bool:
        """Tell whether a unit has had enough cases to be compared with others."""
        return unit.cases >= self.least_cases


async def board(database: Database, now: datetime, rows: int = ROWS) -> Board:
    """Give the board in three statements, whatever their length."""
    return Board(
        await open_orders(database, rows),
        await red_warnings(database, now - RED_DAYS, rows),
        await reminders(database, now - REMINDER_DAYS, rows),
    )


async def order_view(database: Database, order_id: UUID) -> OrderView:
    """Give an order; raises NOT_FOUND supervision_order_unknown."""
    line = await order_by_id(database, order_id)
    if line is None:
        raise not_found("supervision_order_unknown", order=str(order_id))
    journal = await queries.journal(database, line.case.case_id)
    about = tuple(row for row in journal if _is_about(row, order_id))
    return OrderView(line, about, journal, await readings_of(database, order_id))


async def granted_view(database: Database, case_id: UUID) -> CaseView:
    """Give a case for a body that reads under a grant, without directives; the contact is for hiding it."""
    found = await queries.whole_case(database, case_id)
    if found is None:
        raise not_found("case_unknown", case=str(case_id))
    file, contact = found
    return CaseView(file, await queries.journal(database, case_id), (), contact)


async def ledger(database: Database, now: datetime, least_cases: int, since: datetime | None = None) -> Ledger:
    """Give the ledger since a time, by default of the last 90 days, in three statements."""
    start = since or now - LEDGER_DAYS
    sums = await unit_sums(database, start)
    many = [one for one in sums if one.cases >= least_cases]
    few = [one for one in sums if one.cases < least_cases]
    ordered = (
        *sorted(many, key=lambda one: (-one.points / one.cases, one.unit)),
        *sorted(few, key=lambda one: one.unit),
    )
    entries = await ledger_lines(database, ENTRIES, since=start)
    return Ledger(start, least_cases, ordered, entries, await ledger_lines(database, ROWS, waiting=True))


async def entry_view(database: Database, entry_id: UUID) -> LedgerLine:
    """Give one entry with its appeal and decision; raises NOT_FOUND points_unknown."""
    line = await ledger_line(database, entry_id)
    if line is None:
        raise not_found("points_unknown", entry=str(entry_id))
    return line


async def refresh_supervision_gauges(database: Database, metrics: NodeMetrics, centre: str) -> None:
    """Set the gauges of supervision; called when they are scraped."""
    counts = await open_counts(database, centre)
    for level in LEVELS:
        metrics.set("fengqiao_supervision_orders_open", counts.get(level, 0), str(level))
    metrics.set("fengqiao_appeals_waiting", await appeals_waiting(database))


def _is_about(row: JournalRow, order_id: UUID) -> bool:
    return row.event.details.get("order") == str(order_id) or row.event.kind is EventKind.REMINDED
