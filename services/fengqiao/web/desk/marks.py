"""States as people see them: a word, a shape and a tone each, never a colour alone (ui.md)."""

from dataclasses import dataclass

from fengqiao.domain.case import Case, CaseFile, CaseState, Role
from fengqiao.domain.directive import Directive, DirectiveState, allowed_directive_commands
from fengqiao.domain.event import EventKind
from fengqiao.web.desk.visit import Visit


@dataclass(frozen=True, slots=True)
class Mark:
    """A state: its word, the shape before it, and its tone."""

    word: str
    shape: str
    tone: str


CASE_SHAPES = {
    CaseState.REGISTERED: ("ring", "open"),
    CaseState.ASSIGNED: ("half", "work"),
    CaseState.RESOLVED: ("full", "done"),
}
DIRECTIVE_SHAPES = {
    DirectiveState.ISSUED: ("sent", "sent"),
    DirectiveState.RECEIVED: ("half", "work"),
    DirectiveState.DONE: ("ask", "ask"),
    DirectiveState.APPROVED: ("full", "solved"),
    DirectiveState.SENT_BACK: ("back", "open"),
}
# How an event is drawn on the timeline: its shape and its tone.
EVENT_SHAPES = {
    EventKind.REGISTERED: ("ring", "plain"),
    EventKind.ASSIGNED: ("half", "plain"),
    EventKind.NOTED: ("dot", "fact"),
    EventKind.ATTACHED: ("dot", "fact"),
    EventKind.OFFERED: ("sent", "sent"),
    EventKind.OFFER_ACCEPTED: ("taken", "taken"),
    EventKind.OFFER_REFUSED: ("back", "plain"),
    EventKind.WITHDRAWAL_ASKED: ("sent", "sent"),
    EventKind.OFFER_WITHDRAWN: ("back", "plain"),
    EventKind.RESOLVED: ("full", "plain"),
    EventKind.LIMIT_WARNED: ("ask", "fact"),
    EventKind.LIMIT_BREACHED: ("back", "plain"),
    EventKind.LIMIT_REPROJECTED: ("dot", "fact"),
    EventKind.DIRECTIVE_ISSUED: ("sent", "sent"),
    EventKind.DIRECTIVE_RECEIVED: ("taken", "taken"),
    EventKind.DIRECTIVE_DONE: ("half", "plain"),
    EventKind.DIRECTIVE_APPROVED: ("full", "plain"),
    EventKind.DIRECTIVE_SENT_BACK: ("back", "plain"),
}


def case_mark(case: Case, visit: Visit) -> Mark:
    """The state of a case; what is solved is told apart from what ended otherwise."""
    shape, tone = CASE_SHAPES[case.state]
    words = visit.word(f"state.{case.state}")
    if case.closing is not None:
        words = f"{words} · {visit.word(f'closing.{case.closing}')}"
    return Mark(words, shape, tone)


def offer_mark(file: CaseFile, visit: Visit) -> Mark | None:
    """The open offer of a case: what was sent and is not accepted looks and reads otherwise than what waits for us."""
    offer = file.case.offer
    if offer is None or file.role is Role.BYSTANDER:
        return None
    if file.role is Role.CANDIDATE:
        return Mark(visit.t("offer.for_us"), "ask", "ask")
    key = "offer.withdrawing" if offer.withdrawing else "offer.sent"
    return Mark(visit.t(key, to=visit.name_of(offer.to)), "sent", "sent")


def directive_mark(directive: Directive, visit: Visit) -> Mark:
    """The state of a directive; what waits for this centre looks otherwise than what waits for the other side."""
    shape, tone = DIRECTIVE_SHAPES[directive.state]
    words = visit.word(f"directive_state.{directive.state}")
    if directive.state in (DirectiveState.ISSUED, DirectiveState.DONE):
        ours = bool(allowed_directive_commands(directive, visit.centre.code))
        shape = tone = "ask" if ours else "sent"
        if ours and directive.state is DirectiveState.ISSUED:
            words = visit.t("directives.to_receive")
    return Mark(words, shape, tone)
