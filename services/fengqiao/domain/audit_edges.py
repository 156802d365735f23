"""What has to hold between the two ends of an edge (DESIGN section 4, issue 3, point 10). Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from fengqiao.domain.audit import Finding, Rule


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A message that was received and not handled: beyond a gap, waiting, or parked."""

    seq: int
    state: str
    type: str
    subject: UUID | None
    reason: str
    taken_at: datetime
    has_letter: bool = True
    """Whether an open dead letter tells people of it; asked of parked messages only."""


@dataclass(frozen=True, slots=True)
class EdgeEnd:
    """One centre's end of the edge to a neighbour.

    `numbered` counts outbox rows with a number, from `first_numbered` to `last_numbered` (0 without any); `waiting`
    those without one; `oldest_at` is when the oldest row was written. `gaps` are pairs (last number before, first
    number after) of what was received and is not noted.
    """

    centre: str
    neighbour: str
    sent_seq: int
    acked_seq: int
    received_seq: int
    numbered: int = 0
    first_numbered: int = 0
    last_numbered: int = 0
    waiting: int = 0
    oldest_at: datetime | None = None
    gaps: tuple[tuple[int, int], ...] = ()
    held: tuple[HeldMessage, ...] = field(default=())

    @property
    def under_way(self) -> int:
        """Messages that the neighbour has not acknowledged, or that lie here and will be tried again."""
        return self.numbered + self.waiting + sum(1 for message in self.held if message.state != "parked")

    @property
    def was_answered(self) -> bool:
        """Whether the neighbour was ever heard of; what was only sent may lie at the broker for whoever never came."""
        return self.acked_seq > 0 or self.received_seq > 0


def missing_findings(centre: str, neighbour: str, other: EdgeEnd | None, *, others_here: bool) -> tuple[Finding, ...]:
    """Judge that a centre has no row of an edge that the topology gives it; `other` is the far end, where known.

    A centre whose node never started has none at all (not `others_here`); its rows are missed once a neighbour has
    heard of it.
    """
    heard = other is not None and other.was_answered
    if not (others_here or heard):
        return ()
    detail = f"the row of the edge to {neighbour} is missing"
    return (Finding(Rule.EDGE, centre, f"{detail}, and {neighbour} has heard from here" if heard else detail),)


def absent_findings(end: EdgeEnd) -> tuple[Finding, ...]:
    """Judge an edge to a neighbour without a database: if that neighbour was ever heard of, it had one."""
    if not end.was_answered:
        return ()
    detail = f"has no database, and {end.centre} has {end.received_seq} messages and {end.acked_seq} receipts of it"
    return (Finding(Rule.DATABASE, end.neighbour, detail),)


def edge_findings(end: EdgeEnd, other: EdgeEnd | None) -> tuple[Finding, ...]:
    """Audit what one end has sent and taken in, against the other end where that is known."""
    found = [*_outbox(end), *_inbox(end), *_unlisted(end)]
    if other is None:
        return tuple(found)
    if end.acked_seq > other.received_seq:
        detail = f"{other.centre} acknowledged up to {end.acked_seq} and has taken in up to {other.received_seq}"
        found.append(Finding(Rule.ACKNOWLEDGED, end.centre, detail))
    if other.received_seq > end.sent_seq:
        detail = f"{other.centre} has taken in up to {other.received_seq}, sent were {end.sent_seq}"
        found.append(Finding(Rule.ACKNOWLEDGED, end.centre, detail))
    return tuple(found)


def stuck_findings(end: EdgeEnd, before: datetime) -> tuple[Finding, ...]:
    """Find what was under way before a time and still is: not acknowledged, or held without being parked."""
    found = []
    if end.oldest_at is not None and end.oldest_at < before:
        detail = (
            f"{end.numbered + end.waiting} messages to {end.neighbour}, the oldest of {end.oldest_at:%Y-%m-%d %H:%M:%S}"
        )
        found.append(Finding(Rule.UNDELIVERED, end.centre, detail))
    found += [
        Finding(Rule.HELD, end.centre, _described(end, message), message.subject)
        for message in end.held
        if message.state != "parked" and message.taken_at < before
    ]
    return tuple(found)


def _outbox(end: EdgeEnd) -> list[Finding]:
    expected = end.sent_seq - end.acked_seq
    whole = end.numbered == expected and (
        expected == 0 or (end.first_numbered, end.last_numbered) == (end.acked_seq + 1, end.sent_seq)
    )
    if whole:
        return []
    there = f"{end.numbered} from {end.first_numbered} to {end.last_numbered}" if end.numbered else "none"
    detail = f"to {end.neighbour}: {end.acked_seq + 1} to {end.sent_seq} are not acknowledged, kept are {there}"
    return [Finding(Rule.OUTBOX, end.centre, detail)]


def _inbox(end: EdgeEnd) -> list[Finding]:
    found = []
    for before, after in end.gaps:
        missing = str(before + 1) if after == before + 2 else f"{before + 1} to {after - 1}"
        found.append(Finding(Rule.INBOX, end.centre, f"from {end.neighbour}: {missing} was received and is not noted"))
    found += [
        Finding(Rule.INBOX, end.centre, f"{_described(end, message)} lies below {end.received_seq}", message.subject)
        for message in end.held
        if message.state == "ahead" and message.seq <= end.received_seq
    ]
    return found


def _unlisted(end: EdgeEnd) -> list[Finding]:
    """A parked message blocks its case until its letter is replayed or dropped; without a letter nobody can."""
    return [
        Finding(Rule.HELD, end.centre, f"{_described(end, message)} has no dead letter", message.subject)
        for message in end.held
        if message.state == "parked" and not message.has_letter
    ]


def _described(end: EdgeEnd, message: HeldMessage) -> str:
    return f"{message.state} {message.type} {message.seq} from {end.neighbour} {message.reason}".rstrip()
