"""Orders of supervision as a centre knows them: what is due, the board, and the rows that journals come to (F20)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from fengqiao.domain.supervision import SupervisionOrder
from fengqiao.domain.supervision_rules import Ground, Outcome
from fengqiao.store.database import Database, Transaction
from fengqiao.store.named_sql import read_statements
from fengqiao.store.supervision_rows import Rows

_SQL = read_statements("supervision")


@dataclass(frozen=True, slots=True)
class CaseLine:
    """The case that a row of the board is about."""

    case_id: UUID
    number: str
    title: str
    holder: str
    unit: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order with its case."""

    order: SupervisionOrder
    case: CaseLine


@dataclass(frozen=True, slots=True)
class RedLine:
    """A case with red warnings that nobody has taken up: the first limit, how many, the last one when."""

    case: CaseLine
    limit_code: str
    many: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """A reminder: who sent it from where, when and with which words."""

    case: CaseLine
    centre: str
    actor: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class DueOrder:
    """An order of this centre whose level has run out."""

    order_id: UUID
    case_id: UUID
    turn: int


@dataclass(frozen=True, slots=True)
class EndedSuspension:
    """A case whose suspension has used up what was approved."""

    case_id: UUID
    version: int
    until: datetime


async def save_supervision(transaction: Transaction, rows: Mapping[str, Rows]) -> None:
    """Save what events of this transaction come to, before it is committed."""
    await transaction.fetch(_SQL["save"], {name: orjson.dumps(many).decode() for name, many in rows.items()})


async def next_due(database: Database, centre: str, top: int) -> datetime | None:
    """Say when the first order of this centre has to go up, or the first suspension ends."""
    found: datetime | None = (await database.fetch(_SQL["next"], {"centre": centre, "top": top}))[0]["due_at"]
    return found


async def due_orders(database: Database, centre: str, top: int, now: datetime, limit: int) -> tuple[DueOrder, ...]:
    """Name the orders of this centre whose level has run out and that can go up."""
    params = {"centre": centre, "top": top, "now": now, "limit": limit}
    return tuple(DueOrder(**row) for row in await database.fetch(_SQL["due"], params))


async def ended_suspensions(database: Database, now: datetime, limit: int) -> tuple[EndedSuspension, ...]:
    """Name the cases held here whose suspension is over."""
    rows = await database.fetch(_SQL["suspended"], {"now": now, "limit": limit})
    return tuple(EndedSuspension(**{**row, "until": row["until"].astimezone(UTC)}) for row in rows)


async def open_orders(database: Database, limit: int, level: int = 0) -> tuple[OrderLine, ...]:
    """List open orders by level, the nearest due first; of all levels when none is named."""
    return tuple(
        _order_line(row) for row in await database.fetch(_SQL["open_orders"], {"level": level, "limit": limit})
    )


async def order_by_id(database: Database, order_id: UUID) -> OrderLine | None:
    """Give one order with its case."""
    rows = await database.fetch(_SQL["order_by_id"], {"order_id": order_id})
    return _order_line(rows[0]) if rows else None


async def red_warnings(database: Database, since: datetime, limit: int) -> tuple[RedLine, ...]:
    """List cases with red warnings that nobody has taken up, the latest first."""
    rows = await database.fetch(_SQL["red_warnings"], {"since": since, "limit": limit})
    return tuple(RedLine(_case_line(row), row["limit_code"], row["many"], row["at"]) for row in rows)


async def reminders(database: Database, since: datetime, limit: int) -> tuple[ReminderLine, ...]:
    """List reminders, the latest first."""
    rows = await database.fetch(_SQL["reminders"], {"since": since, "limit": limit})
    return tuple(ReminderLine(_case_line(row), row["centre"], row["actor"], row["at"], row["text"]) for row in rows)


async def open_counts(database: Database, centre: str) -> Mapping[int, int]:
    """Count the open orders of this centre by level."""
    return {row["level"]: row["many"] for row in await database.fetch(_SQL["open_counts"], {"centre": centre})}


def _case_line(row: Mapping[str, Any]) -> CaseLine:
    return CaseLine(row["case_id"], row["number"], row["title"], row["holder"], row["unit"])


def _order_line(row: Mapping[str, Any]) -> OrderLine:
    order = SupervisionOrder(
        row["order_id"],
        row["case_id"],
        row["centre"],
        row["level"],
        row["turn"],
        Ground(row["ground"]),
        row["since"].astimezone(UTC),
        row["due_at"].astimezone(UTC),
        Outcome(row["outcome"]) if row["outcome"] else None,
        row["changed_at"].astimezone(UTC),
    )
    return OrderLine(order, _case_line(row))
