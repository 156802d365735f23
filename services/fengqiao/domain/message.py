"""What centres tell each other about a case (DESIGN sections 3 and 4); the messages of directives stand beside them.

Each message carries the events that its receiver has not been sent yet, so that whoever follows a case has its whole
story.
"""

from dataclasses import dataclass
from uuid import UUID

from fengqiao.domain.case import Case
from fengqiao.domain.event import Event


@dataclass(frozen=True, slots=True)
class OfferMade:
    """The holder offers the case; `case.offer` says to whom and at which epoch."""

    case: Case
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    """The other side accepted: it is the holder, at the epoch of the offer."""

    case: Case
    offer_id: UUID
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class OfferRefused:
    """The other side refused; the offerer goes on."""

    case_id: UUID
    offer_id: UUID
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class WithdrawalAsked:
    """The offerer asks for its offer back."""

    case_id: UUID
    offer_id: UUID
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class OfferWithdrawn:
    """The other side had not answered and gives the offer back."""

    case_id: UUID
    offer_id: UUID
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class CaseProgress:
    """Something changed, or a fact was added: for all who follow the case."""

    case: Case
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class ArbitrationAsked:
    """The holder asks the tier above which of its units has to take the case; `case.course.arbitration` says why."""

    case: Case
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class ArbitrationGiven:
    """The tier above has decided finally for a unit of the holder."""

    case_id: UUID
    arbitration_id: UUID
    unit: str
    events: tuple[Event, ...]


CaseMessage = (
    OfferMade
    | OfferAccepted
    | OfferRefused
    | WithdrawalAsked
    | OfferWithdrawn
    | CaseProgress
    | ArbitrationAsked
    | ArbitrationGiven
)


def subject_of(message: CaseMessage) -> UUID:
    """Give the id of the case that a message is about."""
    match message:
        case OfferMade() | OfferAccepted() | CaseProgress() | ArbitrationAsked():
            return message.case.id
        case OfferRefused() | WithdrawalAsked() | OfferWithdrawn() | ArbitrationGiven():
            return message.case_id
