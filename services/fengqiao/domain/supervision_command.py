"""Commands of supervision: on a case that stays its holder's, whoever gives them (F13, F15, F20).

`seen_turn` is the turn of the order that the caller looked at; None when it does not matter to the caller.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fengqiao.domain.supervision_rules import Outcome, RootCause


@dataclass(frozen=True, slots=True)
class RemindCase:
    """Remind the holder of a case (催办); whoever follows it may."""

    case_id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class RecordCause:
    """Record why the matter came up, and what should be improved so that it does not again (F21); may be said anew."""

    case_id: UUID
    root_cause: RootCause
    text: str
    improvement: str = ""


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """Open a supervision order (督办单) at its first level."""

    case_id: UUID
    order_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class ConcludeLevel:
    """Record what the body of the present level has found, with its evidence (hashes of files of the case)."""

    case_id: UUID
    order_id: UUID
    outcome: Outcome
    words: str
    evidence: tuple[str, ...] = ()
    seen_turn: int | None = None


@dataclass(frozen=True, slots=True)
class RaiseOrder:
    """Take an order one level up."""

    case_id: UUID
    order_id: UUID
    reason: str
    seen_turn: int | None = None


@dataclass(frozen=True, slots=True)
class GrantAccess:
    """Let the body of the present level read this one case, for a purpose and until a time."""

    case_id: UUID
    order_id: UUID
    grant_id: UUID
    purpose: str
    until: datetime


@dataclass(frozen=True, slots=True)
class DeductPoints:
    """Deduct points of a unit of this centre by hand, by a rule that allows it."""

    case_id: UUID
    entry_id: UUID
    rule: str
    unit: str
    reason: str


@dataclass(frozen=True, slots=True)
class AppealPoints:
    """Appeal against an entry for the unit that it concerns."""

    case_id: UUID
    entry_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class DecideAppeal:
    """Decide an appeal: uphold it, which reverses the entry, or dismiss it; with reasons either way."""

    case_id: UUID
    entry_id: UUID
    upheld: bool
    reason: str


OrderCommand = OpenOrder | ConcludeLevel | RaiseOrder | GrantAccess
PointsCommand = DeductPoints | AppealPoints | DecideAppeal
FactCommand = RemindCase | RecordCause
SupervisionCommand = FactCommand | OrderCommand | PointsCommand
"""The commands of supervision; each is about one case."""
