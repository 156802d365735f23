"""What happened to a case or a directive: immutable, authored by one centre, kept by every centre that follows.

The journal of a case at one centre is a hash chain over the events in the order in which that centre took them in, so
that a changed, removed or inserted row shows (DESIGN section 6).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

import orjson

GENESIS = bytes(32)
"""The hash before the first event of a journal."""


class EventKind(StrEnum):
    """Kinds of events, with the keys of their details."""

    REGISTERED = "registered"  # channel, number
    ASSIGNED = "assigned"  # unit
    NOTED = "noted"  # text
    ATTACHED = "attached"  # sha256, size, media_type, name
    OFFERED = "offered"  # offer, to, direction, reason
    OFFER_ACCEPTED = "offer_accepted"  # offer, from
    OFFER_REFUSED = "offer_refused"  # offer, reason
    WITHDRAWAL_ASKED = "withdrawal_asked"  # offer, to
    OFFER_WITHDRAWN = "offer_withdrawn"  # offer
    RESOLVED = "resolved"  # closing, result
    ADMITTED = "admitted"
    DECLINED = "declined"  # reason, referred_to
    CLASSIFIED = "classified"  # item, catalogue
    GRADED = "graded"  # grade
    TRANSFERRED = "transferred"  # unit, from, reason
    INVOLVED = "involved"  # units
    RETURNED = "returned"  # from, reason
    OBJECTED = "objected"  # arbitration, from, to, reason
    ARBITRATED = "arbitrated"  # arbitration, unit, reason
    SUSPENSION_ASKED = "suspension_asked"  # cause, days, reason
    SUSPENDED = "suspended"  # cause, days, by
    RESUMED = "resumed"
    EXTENSION_ASKED = "extension_asked"  # days, reason
    EXTENDED = "extended"  # days, by
    CHALLENGED = "challenged"  # reason
    CHALLENGE_CONFIRMED = "challenge_confirmed"  # by
    APPLICATION_DENIED = "application_denied"  # application, by, reason
    SUBMITTED = "submitted"  # closing, result, evidence, proof
    SIGNED_OFF = "signed_off"
    SENT_BACK = "sent_back"  # reason
    REPLIED = "replied"  # text
    REVISITED = "revisited"  # reached, words
    EVALUATED = "evaluated"  # solved, satisfied, words
    CLOSED = "closed"  # closing, result; lead when it ended with the case it was merged into
    REOPENED = "reopened"  # reason
    RETRACTED = "retracted"  # reason
    MERGED = "merged"  # lead, number
    UNMERGED = "unmerged"  # lead, number, reason
    JOINED = "joined"  # case, number
    PARTED = "parted"  # case, number
    LEAD_TOLD = "lead_told"  # lead, what, text
    LIMIT_WARNED = "limit_warned"  # limit, rung, due_at, set_by
    LIMIT_BREACHED = "limit_breached"  # limit, rung, due_at, set_by
    LIMIT_REPROJECTED = "limit_reprojected"  # limit, due_before, due_at
    REMINDED = "reminded"  # text
    CAUSE_RECORDED = "cause_recorded"  # root_cause, text, improvement
    SUPERVISION_OPENED = "supervision_opened"  # order, level, turn, ground, since, due_at, outcome, reason
    SUPERVISION_RAISED = "supervision_raised"  # order, level, turn, ground, since, due_at, outcome, reason
    SUPERVISION_CONCLUDED = "supervision_concluded"  # order, level, turn, ground, since, due_at, outcome, words, proof
    ACCESS_GRANTED = "access_granted"  # order, grant, level, body, reason, until
    POINTS_DEDUCTED = "points_deducted"  # entry, rule, points, unit; limit_id, limit, rung, entered_at or reason
    POINTS_APPEALED = "points_appealed"  # entry, unit, reason
    POINTS_REVERSED = "points_reversed"  # entry, rule, points, unit, entered_by, appealed_by, reason
    APPEAL_DISMISSED = "appeal_dismissed"  # entry, rule, points, unit, entered_by, appealed_by, reason
    DIRECTIVE_ISSUED = "directive_issued"  # recipient, unit
    DIRECTIVE_RECEIVED = "directive_received"
    DIRECTIVE_DONE = "directive_done"  # report
    DIRECTIVE_APPROVED = "directive_approved"
    DIRECTIVE_SENT_BACK = "directive_sent_back"  # reason


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: its subject (case or directive), who wrote it and when, custody epoch, details."""

    id: UUID
    subject: UUID
    kind: EventKind
    centre: str
    actor: str
    at: datetime
    epoch: int
    details: Mapping[str, str]


def canonical(event: Event) -> bytes:
    """Give the bytes of an event that are hashed: the same at every centre and in every release."""
    fields = {
        "id": str(event.id),
        "subject": str(event.subject),
        "kind": event.kind.value,
        "centre": event.centre,
        "actor": event.actor,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "epoch": event.epoch,
        "details": dict(event.details),
    }
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)


def chained(previous: bytes, event: Event) -> bytes:
    """Give the hash of a journal after one more event."""
    return hashlib.sha256(previous + canonical(event)).digest()


def first_break(entries: Iterable[tuple[int, Event, bytes]]) -> int | None:
    """Find the first position at which a journal is not whole.

    `entries` are (position, event, stored hash) in the order of their positions, which start at 1. None when whole.
    """
    previous, expected = GENESIS, 1
    for position, event, stored in entries:
        if position != expected or chained(previous, event) != stored:
            return expected
        previous, expected = stored, expected + 1
    return None
