"""The clock and the ids of a node: the only places where a node reads the time or draws at random."""

from datetime import UTC, datetime
from uuid import UUID

import uuid_utils


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """Draw an id that sorts by its time (UUIDv7)."""
    return UUID(int=uuid_utils.uuid7().int)
