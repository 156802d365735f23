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
    CaseState.ACCEPTED: ("ring", "open"),
    CaseState.DISPUTED: ("ask", "ask"),
    CaseState.SUBMITTED: ("ask", "ask"),
    CaseState.SIGNED_OFF: ("half", "work"),
    CaseState.REPLIED: ("sent", "sent"),
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
    **dict.fromkeys(
        (EventKind.ADMITTED, EventKind.ARBITRATED, EventKind.SIGNED_OFF, EventKind.CHALLENGE_CONFIRMED),
        ("taken", "taken"),
    ),
    **dict.fromkeys(
        (EventKind.SUSPENDED, EventKind.EXTENDED, EventKind.RESUMED, EventKind.TRANSFERRED, EventKind.INVOLVED),
        ("half", "plain"),
    ),
    **dict.fromkeys((EventKind.CLASSIFIED, EventKind.GRADED, EventKind.REVISITED), ("dot", "fact")),
    **dict.fromkeys(
        (EventKind.RETURNED, EventKind.SENT_BACK, EventKind.APPLICATION_DENIED, EventKind.REOPENED, EventKind.UNMERGED),
        ("back", "plain"),
    ),
    **dict.fromkeys(
        (EventKind.SUSPENSION_ASKED, EventKind.EXTENSION_ASKED, EventKind.CHALLENGED, EventKind.OBJECTED),
        ("sent", "sent"),
    ),
    **dict.fromkeys((EventKind.SUBMITTED, EventKind.REPLIED), ("sent", "sent")),
    EventKind.EVALUATED: ("dot", "fact"),
    **dict.fromkeys((EventKind.CLOSED, EventKind.DECLINED, EventKind.RETRACTED), ("full", "plain")),
    **dict.fromkeys((EventKind.MERGED, EventKind.JOINED, EventKind.PARTED, EventKind.LEAD_TOLD), ("dot", "fact")),
    EventKind.LIMIT_WARNED: ("ask", "fact"),
    EventKind.LIMIT_BREACHED: ("back", "plain"),
    EventKind.LIMIT_REPROJECTED: ("dot", "fact"),
    **dict.fromkeys(
        (EventKind.REMINDED, EventKind.SUPERVISION_OPENED, EventKind.SUPERVISION_RAISED),
        ("ask", "ask"),
    ),
    EventKind.CAUSE_RECORDED: ("dot", "fact"),
    EventKind.SUPERVISION_CONCLUDED: ("taken", "taken"),
    **dict.fromkeys((EventKind.ACCESS_GRANTED, EventKind.POINTS_DEDUCTED, EventKind.APPEAL_DISMISSED), ("dot", "fact")),
    EventKind.POINTS_APPEALED: ("sent", "sent"),
    EventKind.POINTS_REVERSED: ("back", "plain"),
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
    return Mark(" · ".join((words, *_standing_still(case, visit))), shape, tone)


def _standing_still(case: Case, visit: Visit) -> tuple[str, ...]:
    course = case.course
    marks = {
        "mark.application": course.application is not None,
        "mark.suspended": course.suspension is not None,
        "mark.merged": course.merged_into is not None,
    }
    return tuple(visit.t(key) for key, is_so in marks.items() if is_so)


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
