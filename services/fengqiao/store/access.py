"""Grants to bodies outside the chain, and each reading under them (F20, levels 3 to 5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fengqiao.domain.access import Grant
from fengqiao.store.database import Database
from fengqiao.store.named_sql import read_statements

_SQL = read_statements("access")
GRANTS_SHOWN = 200
READINGS_SHOWN = 500


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A grant with the number of its case."""

    grant: Grant
    number: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody of a body read the case."""

    name: str
    at: datetime


async def grants_of(database: Database, body: str) -> tuple[GrantLine, ...]:
    """Give the grants of a body, those that end last first."""
    rows = await database.fetch(_SQL["of_body"], {"body": body, "limit": GRANTS_SHOWN})
    return tuple(GrantLine(_grant(row), row["number"]) for row in rows)


async def grant_by_id(database: Database, grant_id: UUID) -> Grant | None:
    """Give one grant."""
    rows = await database.fetch(_SQL["by_id"], {"grant_id": grant_id})
    return _grant(rows[0]) if rows else None


async def log_reading(
    database: Database, grant_id: UUID, body: str, login: str, name: str, now: datetime
) -> Grant | None:
    """Write down that somebody reads under a grant and give it; None, and nothing written, when it lets nobody read."""
    params = {"grant_id": grant_id, "body": body, "login": login, "name": name, "now": now}
    rows = await database.fetch(_SQL["read"], params)
    return _grant(rows[0]) if rows else None


async def readings_of(database: Database, order_id: UUID) -> tuple[tuple[Grant, tuple[Reading, ...]], ...]:
    """Give the grants of an order with who read under each, the newest reading first."""
    grants: dict[UUID, Grant] = {}
    readings: dict[UUID, list[Reading]] = {}
    for row in await database.fetch(_SQL["readings"], {"order_id": order_id, "limit": READINGS_SHOWN}):
        grants.setdefault(row["grant_id"], _grant(row))
        found = readings.setdefault(row["grant_id"], [])
        if row["reader"] is not None:
            found.append(Reading(row["reader"], row["read_at"].astimezone(UTC)))
    return tuple((grant, tuple(readings[identity])) for identity, grant in grants.items())


def _grant(row: Mapping[str, Any]) -> Grant:
    return Grant(
        row["grant_id"],
        row["order_id"],
        row["case_id"],
        row["level"],
        row["body"],
        row["purpose"],
        row["by"],
        row["at"].astimezone(UTC),
        row["until"].astimezone(UTC),
    )
