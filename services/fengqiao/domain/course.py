"""The course of a case: what was decided about it between registration and the citizen's last word (F09 to F15).

One value beside the state, so that a case taken up anywhere shows who decided what; the events tell the whole story.
Centres and units are codes, persons are names, times are UTC.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class ClosingKind(StrEnum):
    """How it ended; never mixed in a rate."""

    SOLVED = "solved"
    EXPLAINED = "explained"
    REFERRED = "referred"
    WITHDRAWN = "withdrawn"


class Grade(StrEnum):
    """The tier that ought to settle it: village, town, county (F10)."""

    SMALL = "small"
    MIDDLE = "middle"
    BIG = "big"


class SuspensionReason(StrEnum):
    """The only reasons for which a clock may stand still."""

    MATERIALS = "materials"  # The citizen has still to bring what is needed.
    APPRAISAL = "appraisal"  # An expert's opinion or a measurement is awaited.
    PROCEEDINGS = "proceedings"  # A court or an arbitration body has the same matter.
    HEARING = "hearing"  # A hearing is being held.
    FORCE_MAJEURE = "force_majeure"


class ApplicationKind(StrEnum):
    """What one person applies for and another approves."""

    SUSPENSION = "suspension"
    EXTENSION = "extension"
    UNREASONABLE = "unreasonable"


@dataclass(frozen=True, slots=True)
class Application:
    """What waits for a second person's approval: `days` for suspension and extension, `cause` for suspension only."""

    kind: ApplicationKind
    reason: str
    by: str
    at: datetime
    days: int = 0
    cause: SuspensionReason | None = None


@dataclass(frozen=True, slots=True)
class Suspension:
    """The case stands still since a time, for at most `days` calendar days."""

    cause: SuspensionReason
    days: int
    by: str
    approved_by: str
    since: datetime

    @property
    def until(self) -> datetime:
        """When the suspension has used up what was approved."""
        return self.since + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Extension:
    """More time, given once in the life of a case: `days` as the calendar of the limit counts them."""

    days: int
    by: str
    approved_by: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Arbitration:
    """An open dispatch objection: which centre decides finally, and what the unit said."""

    id: UUID
    to: str
    unit: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Submission:
    """A result with its evidence (hashes of attachments of the case, or words), before anybody has signed it off."""

    result: str
    closing: ClosingKind
    evidence: tuple[str, ...]
    proof: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Revisit:
    """What the citizen said when asked afterwards; not reached is an answer too."""

    reached: bool
    words: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The citizen's own judgement."""

    solved: bool
    satisfied: bool
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Merged:
    """A duplicate that follows this case, and since when its reporter waits."""

    id: UUID
    number: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Course:
    """What was decided so far; an empty course is that of a case just registered.

    `returned` are the units that gave the case back, as `centre/unit`. `arbitrated` is the centre within which a
    dispatch objection was decided finally. `item` is a code of the catalogue, chosen from
    its version `catalogue`.
    """

    accepted_at: datetime | None = None
    item: str = ""
    grade: Grade | None = None
    co_handlers: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    arbitration: Arbitration | None = None
    arbitrated: str = ""
    application: Application | None = None
    suspension: Suspension | None = None
    extension: Extension | None = None
    unreasonable: bool = False
    submission: Submission | None = None
    signed_off_by: str = ""
    reply: str = ""
    replied_at: datetime | None = None
    referred_to: str = ""
    revisit: Revisit | None = None
    evaluation: Evaluation | None = None
    reopened: int = 0
    merged_into: UUID | None = None
    merged: tuple[Merged, ...] = ()
    catalogue: str = ""

    def has_returns_at(self, centre: str) -> bool:
        """Tell whether a unit of the centre has given the case back already."""
        return any(place.partition("/")[0] == centre for place in self.returned)


def begun_again(course: Course) -> Course:
    """Give the course of a case that is worked on anew, after reopening or by the next holder.

    What was found and granted stays (item, grade, returns, the one extension); what was worked out does not.
    """
    return replace(
        course,
        co_handlers=(),
        application=None,
        unreasonable=False,
        submission=None,
        signed_off_by="",
        reply="",
        replied_at=None,
        referred_to="",
        revisit=None,
        evaluation=None,
    )
