"""The outbox: numbered by the relay, kept until the receiver acknowledges (DESIGN section 4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fengqiao.store.database import Database
from fengqiao.store.named_sql import read_statements

_SQL = read_statements("outbox")
LEASE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A message with its number on the edge to a neighbour; `body` is its wire form without the envelope's heading."""

    neighbour: str
    seq: int
    message_id: UUID
    type: str
    subject: UUID
    urgent: bool
    body: bytes
    created_at: datetime
    traceparent: str


async def number(database: Database, holder: str, now: datetime, limit: int) -> list[Numbered]:
    """Number up to `limit` waiting messages and give them; nothing when another process holds the lease.

    One statement and one commit a batch.
    """
    params = {"holder": holder, "now": now, "until": now + LEASE, "limit": limit}
    rows = await database.fetch(_SQL["number"], params)
    return sorted((_numbered(row) for row in rows), key=lambda row: (row.neighbour, row.seq))


async def numbered_after(database: Database, neighbour: str, after: int, limit: int) -> list[Numbered]:
    """Give unacknowledged messages to a neighbour after a number, in order."""
    params = {"neighbour": neighbour, "after": after, "limit": limit}
    return [_numbered(row) for row in await database.fetch(_SQL["numbered_after"], params)]


async def acknowledge(database: Database, neighbour: str, receipt: int) -> int:
    """Delete what a neighbour has durably taken in; an old or impossible receipt deletes nothing.

    Costs no fsync: a crash of PostgreSQL may take it back, which `Database.losses` tells, and it is done again.
    """
    return await database.run(_SQL["acknowledge"], {"neighbour": neighbour, "receipt": receipt})


def _numbered(row: Mapping[str, Any]) -> Numbered:
    return Numbered(
        row["neighbour"],
        row["seq"],
        row["message_id"],
        row["type"],
        row["subject"],
        row["urgent"],
        row["body"],
        row["created_at"],
        row["traceparent"],
    )
