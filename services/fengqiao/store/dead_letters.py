"""Messages that can't be handled, parked with the reason until somebody replays or drops them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fengqiao.domain.errors import not_found
from fengqiao.store.database import Database
from fengqiao.store.named_sql import read_statements

_SQL = read_statements("dead_letter")
NEWEST = 2**62


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A parked message; `payload` is empty in lists, `payload_bytes` is its size."""

    id: int
    neighbour: str
    seq: int | None
    carrier: str
    topic: str
    partition: int
    offset: int
    type: str
    subject: UUID | None
    code: str
    params: dict[str, str]
    payload_bytes: int
    payload: bytes
    parked_at: datetime
    state: str
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class UnpublishedLetter:
    """A dead letter that is still to be shown on the topic of the centre."""

    id: int
    neighbour: str
    seq: int
    type: str
    code: str
    payload: bytes


async def dead_letters(
    database: Database, *, closed_too: bool = False, before: int = NEWEST, limit: int = 100
) -> tuple[DeadLetter, ...]:
    """List dead letters, newest first."""
    rows = await database.fetch(_SQL["list"], {"all": closed_too, "before": before, "limit": limit})
    return tuple(_letter(row, b"") for row in rows)


async def dead_letter(database: Database, identity: int) -> DeadLetter:
    """Give one dead letter with its payload; raises NOT_FOUND dead_letter_unknown."""
    rows = await database.fetch(_SQL["show"], {"id": identity})
    if not rows:
        raise not_found("dead_letter_unknown", id=str(identity))
    return _letter(rows[0] | {"payload_bytes": len(rows[0]["payload"])}, rows[0]["payload"])


async def close_letter(database: Database, identity: int, state: str, now: datetime) -> None:
    """Mark a parked letter as replayed or dropped and release its number on the edge; raises dead_letter_unknown."""
    async with database.connection() as connection, connection.transaction():
        rows = await database.fetch_on(connection, _SQL["close"], {"id": identity, "state": state, "now": now})
        if not rows:
            raise not_found("dead_letter_unknown", id=str(identity))
        if rows[0]["seq"] is not None:
            key = {"neighbour": rows[0]["neighbour"], "seq": rows[0]["seq"], "now": now}
            await database.fetch_on(connection, _SQL["release" if state == "replayed" else "skip"], key)


async def dead_letter_count(database: Database) -> int:
    """Count the letters that are parked."""
    rows = await database.fetch(_SQL["count"])
    return int(rows[0]["many"])


async def unpublished_letters(database: Database, limit: int) -> tuple[UnpublishedLetter, ...]:
    """Give letters that the topic of the centre has not got yet."""
    return tuple(UnpublishedLetter(**row) for row in await database.fetch(_SQL["unpublished"], {"limit": limit}))


async def letters_published(database: Database, identities: Iterable[int], now: datetime) -> None:
    """Note that the topic has them."""
    await database.run(_SQL["published"], {"ids": list(identities), "now": now})


def _letter(row: dict[str, Any], payload: bytes) -> DeadLetter:
    return DeadLetter(
        row["id"],
        row["neighbour"],
        row["seq"],
        row["carrier"],
        row["topic"],
        row["partition"],
        row["record_offset"],
        row["type"],
        row["subject"],
        row["code"],
        row["params"],
        row["payload_bytes"],
        payload,
        row["parked_at"],
        row["state"],
        row["closed_at"],
    )
