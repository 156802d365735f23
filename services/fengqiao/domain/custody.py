"""Custody: who has the case, and how it passes from one centre to the next (F38, DESIGN section 3).

A hand-over is offered and accepted or refused. The offerer stays holder until the acceptance reaches it; while the
offer is open it may add facts but not decide. The highest accepted epoch is the holder. Every hand-over passes between
neighbours, so the centres that follow a case form a tree; a change is sent to each neighbour in the audience, which
passes it on to its own audience, and thereby reaches everybody once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from fengqiao.domain.case import Case, CaseFile, CaseState, CommandName, Direction, Offer, Role
from fengqiao.domain.command import AcceptOffer, OfferCase, RefuseOffer, WithdrawOffer
from fengqiao.domain.course import begun_again
from fengqiao.domain.decision import Decision, Facts, Outgoing
from fengqiao.domain.errors import Kind, Refusal, Violation, forbidden, invalid, wrong_state
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.message import (
    CaseMessage,
    CaseProgress,
    OfferAccepted,
    OfferMade,
    OfferRefused,
    WithdrawalAsked,
)
from fengqiao.domain.text import REASON_LENGTH, clean, text_violations
from fengqiao.domain.transitions import FACTS, allowed_commands

CaseDecision = Decision[CaseFile, CaseMessage]


def offer(file: CaseFile, command: OfferCase, history: Iterable[Event], facts: Facts) -> CaseDecision:
    """Offer the case to the parent or a child; `history` is the journal, for a neighbour that does not follow."""
    check_may(file, CommandName.OFFER, facts, command.seen_version)
    reason = clean(command.reason)
    if faults := text_violations("reason", reason, REASON_LENGTH):
        raise invalid(*faults)
    to = _neighbour(command, facts)
    case = file.case
    made = Offer(command.offer_id, to, command.direction, case.epoch + 1, reason, facts.at)
    changed = replace(case, offer=made, version=case.version + 1, updated_at=facts.at)
    details = {"offer": str(made.id), "to": to, "direction": made.direction.value, "reason": reason}
    event = own_event(file, EventKind.OFFERED, facts, details)
    story = (event,) if to in file.audience else (*history, event)
    outgoing = (
        Outgoing(to, OfferMade(changed, story), case.urgent),
        *progress(changed, (event,), file.audience - {to}),
    )
    return Decision(replace(file, case=changed), (event,), outgoing)


def withdraw(file: CaseFile, command: WithdrawOffer, facts: Facts) -> CaseDecision:
    """Ask for the open offer back; the other side decides by whether it has accepted already."""
    check_may(file, CommandName.WITHDRAW, facts, command.seen_version)
    case, open_offer = file.case, _open_offer(file)
    changed = replace(case, offer=replace(open_offer, withdrawing=True), version=case.version + 1, updated_at=facts.at)
    details = {"offer": str(open_offer.id), "to": open_offer.to}
    event = own_event(file, EventKind.WITHDRAWAL_ASKED, facts, details)
    asked = Outgoing(open_offer.to, WithdrawalAsked(case.id, open_offer.id, (event,)), case.urgent)
    return Decision(
        replace(file, case=changed), (event,), (asked, *progress(changed, (event,), file.audience - {open_offer.to}))
    )


def accept(file: CaseFile, command: AcceptOffer, facts: Facts) -> CaseDecision:
    """Accept the case: custody passes to this centre with the epoch of the offer, and nobody is assigned yet."""
    check_may(file, CommandName.ACCEPT, facts, command.seen_version)
    case, accepted = file.case, _open_offer(file)
    offerer = case.holder
    changed = replace(
        case,
        holder=facts.centre.code,
        epoch=accepted.epoch,
        version=case.version + 1,
        state=CaseState.REGISTERED,
        unit="",
        offer=None,
        updated_at=facts.at,
        course=begun_again(case.course),
    )
    details = {"offer": str(accepted.id), "from": offerer}
    event = replace(own_event(file, EventKind.OFFER_ACCEPTED, facts, details), epoch=accepted.epoch)
    answer = Outgoing(offerer, OfferAccepted(changed, accepted.id, (event,)), case.urgent)
    others = progress(changed, (event,), file.audience - {offerer})
    taken = replace(file, case=changed, role=Role.HOLDER, audience=file.audience | {offerer})
    return Decision(taken, (event,), (answer, *others))


def refuse(file: CaseFile, command: RefuseOffer, facts: Facts) -> CaseDecision:
    """Refuse the case with a reason; it stays with the offerer."""
    check_may(file, CommandName.REFUSE, facts, command.seen_version)
    reason = clean(command.reason)
    if faults := text_violations("reason", reason, REASON_LENGTH):
        raise invalid(*faults)
    case, refused = file.case, _open_offer(file)
    event = own_event(file, EventKind.OFFER_REFUSED, facts, {"offer": str(refused.id), "reason": reason})
    answer = Outgoing(case.holder, OfferRefused(case.id, refused.id, (event,)), case.urgent)
    others = progress(case, (event,), file.audience - {case.holder})
    return Decision(stood_aside(file), (event,), (answer, *others))


def stood_aside(file: CaseFile) -> CaseFile:
    """Give the file of a candidate that did not take the case: it follows as before, or no longer."""
    return replace(file, role=Role.FOLLOWER if file.audience else Role.BYSTANDER)


def progress(case: Case, events: tuple[Event, ...], audience: Iterable[str]) -> tuple[Outgoing[CaseMessage], ...]:
    """Tell each of the audience, in a fixed order."""
    return tuple(Outgoing(to, CaseProgress(case, events), case.urgent) for to in sorted(audience))


def listeners(file: CaseFile) -> frozenset[str]:
    """Give the neighbours that have to hear of a change: the audience, and whoever the case is being offered to."""
    case = file.case
    if file.role is Role.HOLDER and case.offer is not None:
        return file.audience | {case.offer.to}
    return file.audience


def own_event(file: CaseFile, kind: EventKind, facts: Facts, details: Mapping[str, str]) -> Event:
    """Make the event of a command that this centre carries out."""
    case = file.case
    return Event(facts.event_id, case.id, kind, facts.centre.code, facts.actor, facts.at, case.epoch, details)


def state_changed(file: CaseFile, changed: Case, event: Event, facts: Facts) -> CaseDecision:
    """Decide a change of the shared state by the holder: the next version, told to all who follow."""
    versioned = replace(changed, version=file.case.version + 1, updated_at=facts.at)
    return Decision(replace(file, case=versioned), (event,), progress(versioned, (event,), listeners(file)))


def facts_added(file: CaseFile, *events: Event) -> CaseDecision:
    """Decide the adding of facts: the shared state stays, all who follow are told."""
    return Decision(file, events, progress(file.case, events, listeners(file)))


def check_may(file: CaseFile, name: CommandName, facts: Facts, seen_version: int | None) -> None:
    """Raise unless this centre may give the command now; the refusal says why, and what is possible or who can."""
    case, word = file.case, f"word:command.{name}"
    if name not in allowed_commands(file):
        raise _refusal(file, name, word, facts)
    if seen_version is not None and seen_version != case.version:
        raise Refusal(Kind.STALE, "case_stale", {"seen": str(seen_version), "current": str(case.version)})


def check_second_person(name: CommandName, first: str, facts: Facts) -> None:
    """Raise FORBIDDEN second_person_needed when who proposed something would also decide about it."""
    if first == facts.actor:
        raise forbidden("second_person_needed", person=first, command=f"word:command.{name}")


def _refusal(file: CaseFile, name: CommandName, word: str, facts: Facts) -> Refusal:
    case = file.case
    if file.role is Role.CANDIDATE:
        return wrong_state("case_unanswered", command=word)
    if name in (CommandName.ACCEPT, CommandName.REFUSE):
        elsewhere = case.offer is not None and case.offer.to != facts.centre.code
        return forbidden("offer_not_ours") if elsewhere else wrong_state("offer_none")
    if file.role is Role.BYSTANDER:
        return forbidden("case_not_involved", command=word)
    if file.role is not Role.HOLDER and name not in FACTS:
        return forbidden("case_not_holder", holder=facts.topology.centre(case.holder).name, command=word)
    if name is CommandName.WITHDRAW:
        return wrong_state("offer_withdrawing" if case.offer else "offer_none")
    if case.offer is not None:
        return wrong_state("case_offered", to=facts.topology.centre(case.offer.to).name, command=word)
    allowed = " ".join(f"word:command.{other}" for other in allowed_commands(file))
    return wrong_state("case_state", state=f"word:state.{case.state}", command=word, allowed=allowed)


def _open_offer(file: CaseFile) -> Offer:
    if file.case.offer is None:
        raise wrong_state("offer_none")
    return file.case.offer


def _neighbour(command: OfferCase, facts: Facts) -> str:
    if command.direction is Direction.UP:
        if facts.centre.parent is None:
            raise forbidden("offer_no_parent")
        return facts.centre.parent
    if not command.to:
        raise invalid(Violation("to", "text_empty"))
    to = facts.topology.centre(command.to)
    if to.parent != facts.centre.code:
        raise forbidden("offer_not_neighbour", to=to.name)
    return to.code
