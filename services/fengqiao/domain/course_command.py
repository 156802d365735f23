"""Commands on the course of a case: from acceptance to the citizen's last word (F09 to F15).

`seen_version` is the version that the caller looked at; None when it does not matter to the caller. Texts are judged by
the rules. Units are codes of the holding centre.
"""

from dataclasses import dataclass
from uuid import UUID

from fengqiao.domain.course import ClosingKind, Grade, SuspensionReason


@dataclass(frozen=True, slots=True)
class AdmitCase:
    """Accept a registered case for handling."""

    case_id: UUID
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class DeclineCase:
    """Decline a registered case: why, and where the citizen should go instead."""

    case_id: UUID
    reason: str
    referred_to: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class ClassifyCase:
    """Say which item of the catalogue the case is about; may be corrected."""

    case_id: UUID
    item: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class GradeCase:
    """Say at which tier the case ought to be settled; may be corrected."""

    case_id: UUID
    grade: Grade
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class TransferCase:
    """Hand an assigned case to another unit of the centre, with a reason; the first receiver stays."""

    case_id: UUID
    unit: str
    reason: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class InvolveUnits:
    """Name the units that help; the lead stays with the assigned one. Nobody is named: nobody helps."""

    case_id: UUID
    units: tuple[str, ...]
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class ReturnCase:
    """The assigned unit gives the case back, once within a centre, with a reason."""

    case_id: UUID
    reason: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class ObjectToDispatch:
    """After one return, a unit objects again: the tier above decides finally (at the city the centre itself)."""

    case_id: UUID
    arbitration_id: UUID
    reason: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class ArbitrateCase:
    """Decide finally which unit of the holding centre takes the case."""

    case_id: UUID
    unit: str
    reason: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class SuspendCase:
    """Apply for the case to stand still: a listed cause, calendar days, and why."""

    case_id: UUID
    cause: SuspensionReason
    days: int
    reason: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class ExtendCase:
    """Apply for more time, once in the life of a case."""

    case_id: UUID
    days: int
    reason: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class ChallengeCase:
    """Propose that what is asked is unreasonable; another person has to confirm, and an explanation is owed."""

    case_id: UUID
    reason: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class ApproveApplication:
    """Approve, as a second person, what was applied for."""

    case_id: UUID
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class DenyApplication:
    """Deny, as a second person, what was applied for."""

    case_id: UUID
    reason: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class ResumeCase:
    """End the suspension."""

    case_id: UUID
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class SubmitResult:
    """Submit a result for sign-off, with evidence: hashes of attachments of the case, or words."""

    case_id: UUID
    result: str
    closing: ClosingKind = ClosingKind.SOLVED
    evidence: tuple[str, ...] = ()
    proof: str = ""
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class SignOffResult:
    """Sign the result off, as a second person."""

    case_id: UUID
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class SendBackResult:
    """Send the result back, as a second person, with a reason."""

    case_id: UUID
    reason: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class ReplyToCitizen:
    """Tell the citizen what was done."""

    case_id: UUID
    text: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class RevisitCitizen:
    """Record a re-visit: whether the citizen was reached, and what was said."""

    case_id: UUID
    reached: bool
    words: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class EvaluateCase:
    """Record the citizen's judgement, once after each reply."""

    case_id: UUID
    solved: bool
    satisfied: bool
    words: str = ""
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class CloseCase:
    """Close the case by the kind of closing that was signed off."""

    case_id: UUID
    closing: ClosingKind
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class ReopenCase:
    """Open the case again under the same number; after closing only within the window."""

    case_id: UUID
    reason: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class RetractCase:
    """The citizen takes the case back; it closes as withdrawn."""

    case_id: UUID
    reason: str
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class MergeCase:
    """Let a duplicate follow another case, `lead`; both stay, and it can be undone."""

    case_id: UUID
    lead: UUID
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class UnmergeCase:
    """Let a merged case go its own way again."""

    case_id: UUID
    reason: str
    seen_version: int | None = None


CourseCommand = (
    AdmitCase
    | DeclineCase
    | ClassifyCase
    | GradeCase
    | TransferCase
    | InvolveUnits
    | ReturnCase
    | ObjectToDispatch
    | ArbitrateCase
    | SuspendCase
    | ExtendCase
    | ChallengeCase
    | ApproveApplication
    | DenyApplication
    | ResumeCase
    | SubmitResult
    | SignOffResult
    | SendBackResult
    | ReplyToCitizen
    | RevisitCitizen
    | EvaluateCase
    | CloseCase
    | ReopenCase
    | RetractCase
    | MergeCase
    | UnmergeCase
)
