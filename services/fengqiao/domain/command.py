"""Commands: what a person or a program asks a centre to do with a case or a directive.

Every door (page, RPC, import, timer) builds these values and hands them to the handlers; nothing else changes a case.
`seen_version` is the version that the caller looked at; None when it does not matter to the caller.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fengqiao.domain.case import CaseKind, Channel, Contact, Direction, RequestType
from fengqiao.domain.course import ClosingKind
from fengqiao.domain.course_command import CourseCommand


@dataclass(frozen=True, slots=True)
class RegisterCase:
    """Take a case in (F01). `unit` may name the first receiver at once; else the reception window answers for it."""

    case_id: UUID
    title: str
    text: str
    kind: CaseKind = CaseKind.REQUEST
    request_type: RequestType = RequestType.HELP
    channel: Channel = Channel.DESK
    place: str = ""
    urgent: bool = False
    unit: str = ""
    contact: Contact | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class AssignCase:
    """Give the case to a handling unit of the holding centre; the first assignment fixes the first receiver (F09)."""

    case_id: UUID
    unit: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class AddNote:
    """Add a fact; whoever follows the case may, at any time."""

    case_id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class AttachFile:
    """Add a file by its content hash; the content is stored beside and pulled by other centres when they need it."""

    case_id: UUID
    sha256: str
    size_bytes: int
    media_type: str
    name: str


@dataclass(frozen=True, slots=True)
class OfferCase:
    """Offer the case up (escalate, F17) or down to a child (dispatch, F08); `to` is needed only downward."""

    case_id: UUID
    offer_id: UUID
    direction: Direction
    reason: str
    to: str = ""
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class WithdrawOffer:
    """Ask the other side to give the open offer back; it is withdrawn when the other side had not accepted."""

    case_id: UUID
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class AcceptOffer:
    """Accept the case that is offered to this centre; custody passes with the next epoch."""

    case_id: UUID
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class RefuseOffer:
    """Refuse the case that is offered to this centre, with a reason."""

    case_id: UUID
    reason: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class ResolveCase:
    """Close the case with a result and the kind of closing."""

    case_id: UUID
    result: str
    closing: ClosingKind = ClosingKind.SOLVED
    seen_version: int | None = None


CustodyCommand = AssignCase | AddNote | AttachFile | OfferCase | WithdrawOffer | AcceptOffer | RefuseOffer | ResolveCase

CaseCommand = CustodyCommand | CourseCommand
"""The commands on a case that exists already."""


@dataclass(frozen=True, slots=True)
class IssueDirective:
    """Issue a directive to a child centre about one case, many, or none (F39)."""

    directive_id: UUID
    recipient: str
    unit: str
    title: str
    text: str
    due_at: datetime
    cases: tuple[UUID, ...] = ()
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class ReceiveDirective:
    """Sign for a directive at the centre that has to carry it out."""

    directive_id: UUID
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class ReportDirective:
    """Report that a directive is carried out."""

    directive_id: UUID
    report: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class ApproveDirective:
    """Approve the report; the directive is finished."""

    directive_id: UUID
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class SendBackDirective:
    """Send the report back with a reason; the directive has to be reported on again."""

    directive_id: UUID
    reason: str
    seen_version: int | None = None


DirectiveCommand = ReceiveDirective | ReportDirective | ApproveDirective | SendBackDirective
"""The commands on a directive that exists already."""
