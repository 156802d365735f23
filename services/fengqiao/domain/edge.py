"""The sequences of an edge: numbers without gaps, receipts, held gaps, verdicts and back-off (DESIGN section 4).

Each direction between a child and its parent is a sequence 1, 2, 3 … A receipt says `durably taken in up to n`; the
sender keeps whatever is not acknowledged, so that a broker which lost its disk loses no case.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

AHEAD_LIMIT = 1000
"""How far beyond a gap messages are held; what lies further is dropped, for the sender still has it."""

CRASH_LIMIT = 5
"""How often a message may crash its handler before it is parked."""

RETRY_FIRST = timedelta(seconds=1)
RETRY_LONGEST = timedelta(minutes=5)
RESEND_FIRST = timedelta(seconds=5)
RESEND_LONGEST = timedelta(minutes=1)


class Arrival(StrEnum):
    """How the number of an arriving message stands to what was taken in."""

    NEXT = "next"
    DUPLICATE = "duplicate"
    AHEAD = "ahead"
    TOO_FAR = "too_far"


class Verdict(StrEnum):
    """What becomes of a message that is next in its sequence."""

    DONE = "done"
    LATER = "later"  # It cannot be handled yet: held with a back-off, and its case with it.
    NEVER = "never"  # It cannot be handled at all: parked as a dead letter with the reason.
    CRASH = "crash"  # Handling it failed unexpectedly: tried again, and parked after CRASH_LIMIT tries.


def arrival(received_seq: int, seq: int) -> Arrival:
    """Classify an arriving number against the last one that was taken in without a gap."""
    if seq <= received_seq:
        return Arrival.DUPLICATE
    if seq == received_seq + 1:
        return Arrival.NEXT
    return Arrival.AHEAD if seq <= received_seq + AHEAD_LIMIT else Arrival.TOO_FAR


def closed_up(received_seq: int, held: Iterable[int]) -> int:
    """Give the last number without a gap, now that the held ones may have become next."""
    waiting = set(held)
    while received_seq + 1 in waiting:
        received_seq += 1
    return received_seq


@dataclass(frozen=True, slots=True)
class Sending:
    """One direction of an edge as its sender sees it.

    `sent_seq` is the last number given out, `acked_seq` the last receipt, `moved_at` when the receipt last advanced or
    something was first sent after all was acknowledged, `resends` how often was sent again since.
    """

    sent_seq: int
    acked_seq: int
    moved_at: datetime
    resends: int = 0


def acknowledged(sending: Sending, receipt: int, now: datetime) -> Sending:
    """Take a receipt; an old or impossible one changes nothing."""
    if not sending.acked_seq < receipt <= sending.sent_seq:
        return sending
    return Sending(sending.sent_seq, receipt, now, 0)


def resend_due(sending: Sending) -> datetime | None:
    """Say when everything unacknowledged has to be sent again; None when all is acknowledged."""
    if sending.acked_seq >= sending.sent_seq:
        return None
    return sending.moved_at + min(RESEND_LONGEST, RESEND_FIRST * (1 << min(sending.resends, 10)))


def retry_at(attempts: int, now: datetime) -> datetime:
    """Say when a held message is tried again after so many attempts."""
    return now + min(RETRY_LONGEST, RETRY_FIRST * (1 << min(max(attempts - 1, 0), 10)))


def after_crash(attempts: int) -> Verdict:
    """Say what becomes of a message that has crashed its handler so often."""
    return Verdict.NEVER if attempts >= CRASH_LIMIT else Verdict.LATER
