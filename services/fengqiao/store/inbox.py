"""Messages that are held: their time, their order, and what lies beyond a gap."""

from dataclasses import dataclass
from datetime import datetime

from fengqiao.store.database import Database
from fengqiao.store.named_sql import read_statements

_SQL = read_statements("inbox")


@dataclass(frozen=True, slots=True)
class DueMessage:
    """A held message that may be tried now, after so many attempts."""

    neighbour: str
    seq: int
    attempts: int
    envelope: bytes


async def due_messages(database: Database, now: datetime, limit: int) -> list[DueMessage]:
    """Give held messages whose time has come and that are the oldest of their subject."""
    return [DueMessage(**row) for row in await database.fetch(_SQL["due"], {"now": now, "limit": limit})]


async def ahead_messages(database: Database, neighbour: str) -> dict[int, bytes]:
    """Give the envelopes beyond a gap, by number."""
    rows = await database.fetch(_SQL["ahead"], {"neighbour": neighbour})
    return {row["seq"]: row["envelope"] for row in rows}


async def held_counts(database: Database) -> dict[str, int]:
    """Count held messages by state: ahead, waiting, parked."""
    return {row["state"]: row["many"] for row in await database.fetch(_SQL["counts"])}


async def prune_done(database: Database, before: datetime) -> int:
    """Forget the numbers of messages that were done before a time; the position of the edge remains."""
    return await database.run(_SQL["prune"], {"before": before})
