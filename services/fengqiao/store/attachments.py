"""Files by the hash of their content."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fengqiao.store.database import Database, Transaction
from fengqiao.store.named_sql import read_statements

_SQL = read_statements("attachment")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file: SHA-256 in hexadecimal, media type, content."""

    sha256: str
    media_type: str
    content: bytes


async def store_attachment(database: Database, attachment: Attachment, now: datetime) -> None:
    """Store a file; the same content is stored once."""
    await database.run(_SQL["store"], _params(attachment, now))


async def store_with(transaction: Transaction, attachment: Attachment, now: datetime) -> None:
    """Store a file within a transaction that somebody else commits."""
    await transaction.fetch(_SQL["store"], _params(attachment, now))


async def stored_attachment(database: Database, sha256: str) -> Attachment | None:
    """Give a file by its hash when this centre has it."""
    rows = await database.fetch(_SQL["content"], {"sha256": sha256})
    return Attachment(**rows[0]) if rows else None


def _params(attachment: Attachment, now: datetime) -> dict[str, Any]:
    return {
        "sha256": attachment.sha256,
        "media_type": attachment.media_type,
        "content": attachment.content,
        "now": now,
    }
