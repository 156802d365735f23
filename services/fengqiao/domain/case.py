"""A case, and what one centre knows of it (F09, F38, DESIGN section 3).

`Case` is the shared state: only the holder changes it, and (epoch, version) orders its versions everywhere.
`CaseFile` is the case in the eyes of one centre: its role, and which neighbours follow the case through it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from fengqiao.domain.course import ClosingKind, Course
from fengqiao.domain.event import GENESIS
from fengqiao.domain.limit import Limit


class CaseKind(StrEnum):
    """What a citizen or an officer brings."""

    REQUEST = "request"
    DISPUTE = "dispute"
    FIELD_EVENT = "field_event"
    OPINION = "opinion"


class RequestType(StrEnum):
    """What is asked for."""

    CONSULTATION = "consultation"
    HELP = "help"
    COMPLAINT = "complaint"
    REPORT = "report"
    PROPOSAL = "proposal"


class Channel(StrEnum):
    """The way by which it came in (F01)."""

    HOTLINE = "hotline"
    WINDOW = "window"
    DESK = "desk"
    QR = "qr"
    GRID = "grid"
    LETTER = "letter"


class CaseState(StrEnum):
    """Where the case stands with its holder; an open offer is told apart (`Case.offer`)."""

    REGISTERED = "registered"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    DISPUTED = "disputed"
    SUBMITTED = "submitted"
    SIGNED_OFF = "signed_off"
    REPLIED = "replied"
    RESOLVED = "resolved"


class Direction(StrEnum):
    """Which way a case is offered: escalated up, or dispatched down."""

    UP = "up"
    DOWN = "down"


class Role(StrEnum):
    """What a centre is to a case."""

    HOLDER = "holder"  # It decides.
    CANDIDATE = "candidate"  # The case is offered to it and it has not answered.
    FOLLOWER = "follower"  # It held the case once, or took it in first, and is told of its progress.
    ARBITER = "arbiter"  # It follows, and is asked which unit below has to take the case.
    BYSTANDER = "bystander"  # It was offered the case and never held it; what it knows is no longer kept up.


class CommandName(StrEnum):
    """The commands on a case, as the doors and the sentences name them."""

    REGISTER = "register"
    ASSIGN = "assign"
    NOTE = "note"
    ATTACH = "attach"
    OFFER = "offer"
    WITHDRAW = "withdraw"
    ACCEPT = "accept"
    REFUSE = "refuse"
    RESOLVE = "resolve"
    ADMIT = "admit"
    DECLINE = "decline"
    CLASSIFY = "classify"
    GRADE = "grade"
    TRANSFER = "transfer"
    INVOLVE = "involve"
    RETURN = "return"
    OBJECT = "object"
    ARBITRATE = "arbitrate"
    SUSPEND = "suspend"
    EXTEND = "extend"
    CHALLENGE = "challenge"
    APPROVE = "approve"
    DENY = "deny"
    RESUME = "resume"
    SUBMIT = "submit"
    SIGN_OFF = "sign_off"
    SEND_BACK = "send_back"
    REPLY = "reply"
    REVISIT = "revisit"
    EVALUATE = "evaluate"
    CLOSE = "close"
    REOPEN = "reopen"
    RETRACT = "retract"
    MERGE = "merge"
    UNMERGE = "unmerge"


@dataclass(frozen=True, slots=True)
class FirstReceiver:
    """Who answers for the case to the end (F09): never empty, and fixed for good by the first assignment."""

    centre: str
    unit: str
    fixed: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """An open hand-over: to which neighbour, at which custody epoch, why, since when; and whether it is asked back."""

    id: UUID
    to: str
    direction: Direction
    epoch: int
    reason: str
    offered_at: datetime
    withdrawing: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """The shared state of a case."""

    id: UUID
    number: str
    origin: str
    first_receiver: FirstReceiver
    holder: str
    epoch: int
    version: int
    state: CaseState
    kind: CaseKind
    request_type: RequestType
    channel: Channel
    title: str
    text: str
    place: str
    urgent: bool
    unit: str
    """The handling unit at the holder; empty while nobody is assigned."""
    offer: Offer | None
    closing: ClosingKind | None
    result: str
    registered_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    reference: str = ""
    """The number of the case in the system it was imported from; empty when it was registered here."""
    course: Course = field(default_factory=Course)
    limits: tuple[Limit, ...] = ()
    """Its clocks, in the order in which they were started; they travel with the case (`limit_course` moves them)."""

    def is_newer_than(self, other: "Case") -> bool:
        """Tell whether this version of the case supersedes another."""
        return (self.epoch, self.version) > (other.epoch, other.version)

    @property
    def waiting_since(self) -> datetime:
        """Since when the first of all its reporters waits: of merged cases the earliest rules (F14)."""
        return min((self.registered_at, *(one.since for one in self.course.merged)))


@dataclass(frozen=True, slots=True)
class Contact:
    """How the reporter may be reached; it stays at the centre that took the case in."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What one centre knows of a case.

    `audience` are the neighbours that follow the case through this centre: hand-overs pass only between neighbours, so
    all who follow form a tree, and every change reaches each of them once.
    """

    case: Case
    role: Role
    audience: frozenset[str] = frozenset()
    journal_length: int = 0
    journal_hash: bytes = GENESIS
