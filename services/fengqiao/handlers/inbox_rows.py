"""One message on its way through the inbox, and the rows that are kept of it (F37)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from fengqiao.domain.errors import Refusal
from fengqiao.store.changes import DeadLetterRow, InboxRow
from fengqiao.store.work import Unfit
from fengqiao.wire.envelope import WireEnvelope

CarrierName = Literal["kafka", "link", "replay"]
KEPT_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Delivery:
    """An envelope as a carrier brought it, and from which neighbour; topic, partition and offset when Kafka did."""

    neighbour: str
    envelope: bytes
    carrier: CarrierName
    topic: str = ""
    partition: int = -1
    offset: int = -1


@dataclass(frozen=True, slots=True)
class Item:
    """A delivery as it was read, and how often it was tried before."""

    delivery: Delivery
    envelope: WireEnvelope
    attempts: int = 0
    trouble: Refusal | None = None
    """Set when the heading could be read and the body could not."""
    unfit: Unfit | None = None
    """Set when the database has refused what this message changes."""


def inbox_row(
    item: Item,
    state: str,
    attempts: int = 0,
    next_try_at: datetime | None = None,
    reason: str = "",
    envelope: bytes | None = None,
) -> InboxRow:
    """Give the row of a number that was taken in, with what became of its message."""
    head = item.envelope
    return InboxRow(
        item.delivery.neighbour,
        head.seq,
        head.id,
        _kept(head.type),
        head.subject,
        state,
        attempts,
        next_try_at,
        reason,
        envelope,
    )


def letter_row(delivery: Delivery, seq: int | None, kind: str, subject: UUID | None, refusal: Refusal) -> DeadLetterRow:
    """Give the row of a message that cannot be handled, with the reason."""
    return DeadLetterRow(
        delivery.neighbour,
        seq,
        delivery.carrier,
        delivery.topic,
        delivery.partition,
        delivery.offset,
        _kept(kind),
        subject,
        refusal.code,
        {name: _kept(value) for name, value in refusal.params.items()},
        delivery.envelope,
    )


def _kept(text: str) -> str:
    """Give a text of a stranger as PostgreSQL can keep it, which knows no NUL."""
    return text.replace("\0", "\ufffd")[:KEPT_LENGTH]
