"""What a centre does when a neighbour tells it something about a case (DESIGN sections 3 and 4).

A message that cannot fit what this centre knows is refused with `message_misplaced`: the verdict is never, and it is
parked. Messages on one edge come in order, so what looks out of order is a fault and not a race.
"""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from uuid import UUID

from fengqiao.domain.assignment import settled
from fengqiao.domain.case import CaseFile, Role
from fengqiao.domain.custody import CaseDecision, listeners, own_event, progress, stood_aside
from fengqiao.domain.decision import Decision, Facts, Outgoing
from fengqiao.domain.errors import Refusal, wrong_state
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.message import (
    ArbitrationAsked,
    ArbitrationGiven,
    CaseMessage,
    CaseProgress,
    OfferAccepted,
    OfferMade,
    OfferRefused,
    OfferWithdrawn,
    WithdrawalAsked,
)


def react(
    file: CaseFile | None, message: CaseMessage, sender: str, known: AbstractSet[UUID], facts: Facts
) -> CaseDecision:
    """Decide what a message changes here.

    `known` are the ids among the message's events that this centre has journalled already: none is applied twice.
    Raises STATE message_misplaced when the message does not fit.
    """
    events = tuple(event for event in message.events if event.id not in known)
    if isinstance(message, OfferMade):
        return _offered(file, message, sender, events, facts)
    if isinstance(message, ArbitrationAsked):
        return _arbitration_asked(file, message, sender, events, facts)
    if file is None:
        raise _misplaced(message, "the case is unknown here")
    match message:
        case OfferAccepted():
            return _accepted(file, message, sender, events)
        case OfferRefused() | OfferWithdrawn():
            return _given_back(file, message, sender, events)
        case WithdrawalAsked():
            return _withdrawal_asked(file, message, sender, events, facts)
        case ArbitrationGiven():
            return _arbitration_given(file, message, sender, events)
        case CaseProgress():
            return _progressed(file, message, sender, events)


def _offered(
    file: CaseFile | None, message: OfferMade, sender: str, events: tuple[Event, ...], facts: Facts
) -> CaseDecision:
    case = message.case
    if case.offer is None or case.offer.to != facts.centre.code or case.holder != sender:
        raise _misplaced(message, f"offered by {sender} to {case.offer.to if case.offer else '-'}")
    if file is None:
        return Decision(CaseFile(case, Role.CANDIDATE), events, ())
    if file.role in (Role.HOLDER, Role.CANDIDATE, Role.ARBITER) or not case.is_newer_than(file.case):
        raise _misplaced(message, f"this centre is {file.role} at epoch {file.case.epoch}")
    told = progress(case, events, file.audience - {sender})
    return Decision(replace(file, case=case, role=Role.CANDIDATE), events, told)


def _accepted(file: CaseFile, message: OfferAccepted, sender: str, events: tuple[Event, ...]) -> CaseDecision:
    open_offer = file.case.offer
    if (
        file.role is not Role.HOLDER
        or open_offer is None
        or (open_offer.id, open_offer.to) != (message.offer_id, sender)
        or message.case.epoch != open_offer.epoch
    ):
        raise _misplaced(message, f"offer {message.offer_id} is not open here")
    told = progress(message.case, events, file.audience - {sender})
    passed = replace(file, case=message.case, role=Role.FOLLOWER, audience=file.audience | {sender})
    return Decision(passed, events, told)


def _given_back(
    file: CaseFile, message: OfferRefused | OfferWithdrawn, sender: str, events: tuple[Event, ...]
) -> CaseDecision:
    case = file.case
    if (
        file.role is not Role.HOLDER
        or case.offer is None
        or (case.offer.id, case.offer.to) != (message.offer_id, sender)
    ):
        raise _misplaced(message, f"offer {message.offer_id} is not open here")
    latest = max((event.at for event in message.events), default=case.updated_at)
    kept = replace(case, offer=None, version=case.version + 1, updated_at=max(case.updated_at, latest))
    # The other side wrote the event itself; it only needs the state without the offer, and only when it follows.
    back = progress(kept, (), file.audience & {sender})
    told = progress(kept, events, file.audience - {sender})
    return Decision(replace(file, case=kept), events, (*told, *back))


def _withdrawal_asked(
    file: CaseFile, message: WithdrawalAsked, sender: str, events: tuple[Event, ...], facts: Facts
) -> CaseDecision:
    case = file.case
    waiting = file.role is Role.CANDIDATE and case.offer is not None and case.offer.id == message.offer_id
    others = listeners(file) - {sender}
    if not waiting:
        # It was answered before the question came; that answer is on its way, and only the story goes on.
        return Decision(file, events, progress(case, events, others))
    # The act is the asking: of imported work its time is the recorded one.
    asked_at = max((told.at for told in message.events), default=facts.at)
    event = own_event(file, EventKind.OFFER_WITHDRAWN, replace(facts, at=asked_at), {"offer": str(message.offer_id)})
    back = Outgoing(sender, OfferWithdrawn(case.id, message.offer_id, (event,)), case.urgent)
    told = progress(case, (*events, event), others)
    return Decision(stood_aside(file), (*events, event), (back, *told))


def _progressed(file: CaseFile, message: CaseProgress, sender: str, events: tuple[Event, ...]) -> CaseDecision:
    told = progress(message.case, events, listeners(file) - {sender})
    if not message.case.is_newer_than(file.case):
        return Decision(file, events, told if events else ())
    if file.role in (Role.HOLDER, Role.CANDIDATE):
        # Only the holder changes the case, and it cannot before it has the answer of whom it offered the case to.
        raise _misplaced(message, f"this centre is {file.role} at epoch {file.case.epoch}")
    return Decision(replace(file, case=message.case), events, told)


def _arbitration_asked(
    file: CaseFile | None, message: ArbitrationAsked, sender: str, events: tuple[Event, ...], facts: Facts
) -> CaseDecision:
    case, asked = message.case, message.case.course.arbitration
    if asked is None or asked.to != facts.centre.code or case.holder != sender:
        raise _misplaced(message, f"asked by {sender} of {asked.to if asked else '-'}")
    if file is None:
        return Decision(CaseFile(case, Role.ARBITER, frozenset({sender})), events, ())
    if file.role not in (Role.FOLLOWER, Role.BYSTANDER) or not case.is_newer_than(file.case):
        raise _misplaced(message, f"this centre is {file.role} at epoch {file.case.epoch}")
    told = progress(case, events, file.audience - {sender})
    return Decision(replace(file, case=case, role=Role.ARBITER, audience=file.audience | {sender}), events, told)


def _arbitration_given(
    file: CaseFile, message: ArbitrationGiven, sender: str, events: tuple[Event, ...]
) -> CaseDecision:
    case, asked = file.case, file.case.course.arbitration
    if file.role is not Role.HOLDER or asked is None or (asked.id, asked.to) != (message.arbitration_id, sender):
        raise _misplaced(message, f"arbitration {message.arbitration_id} is not open here")
    latest = max((event.at for event in message.events), default=case.updated_at)
    taken = settled(file, message.unit)
    kept = replace(taken.case, version=case.version + 1, updated_at=max(case.updated_at, latest))
    # The tier above wrote the event itself; it only needs the state that follows from it.
    told = (*progress(kept, events, file.audience - {sender}), *progress(kept, (), (sender,)))
    return Decision(replace(taken, case=kept), events, told)


def _misplaced(message: CaseMessage, detail: str) -> Refusal:
    return wrong_state("message_misplaced", type=type(message).__name__, detail=detail)
