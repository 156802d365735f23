"""Acceptance (F09): a registered case is accepted, or declined with where to go; the citizen may take it back."""

from collections.abc import Mapping
from dataclasses import replace

from fengqiao.domain.case import Case, CaseFile, CaseState, CommandName
from fengqiao.domain.course import ClosingKind
from fengqiao.domain.course_command import AdmitCase, DeclineCase, RetractCase
from fengqiao.domain.custody import CaseDecision, check_may, own_event, state_changed
from fengqiao.domain.decision import Facts
from fengqiao.domain.errors import invalid
from fengqiao.domain.event import EventKind
from fengqiao.domain.text import REASON_LENGTH, TITLE_LENGTH, clean, filled, text_violations


def admit(file: CaseFile, command: AdmitCase, facts: Facts) -> CaseDecision:
    """Accept the case for handling; the moment is kept, for a written notice may be due from it."""
    check_may(file, CommandName.ADMIT, facts, command.seen_version)
    course = replace(file.case.course, accepted_at=facts.at)
    changed = replace(file.case, state=CaseState.ACCEPTED, course=course)
    return state_changed(file, changed, own_event(file, EventKind.ADMITTED, facts, {}), facts)


def decline(file: CaseFile, command: DeclineCase, facts: Facts) -> CaseDecision:
    """Decline the case: it closes as referred, and says where the citizen should go."""
    check_may(file, CommandName.DECLINE, facts, command.seen_version)
    reason, where = clean(command.reason), clean(command.referred_to)
    faults = (
        *text_violations("reason", reason, REASON_LENGTH),
        *text_violations("referred_to", where, TITLE_LENGTH),
    )
    if faults:
        raise invalid(*faults)
    changed = closed(file.case, ClosingKind.REFERRED, reason, facts)
    changed = replace(changed, course=replace(changed.course, referred_to=where))
    details: Mapping[str, str] = {"reason": reason, "referred_to": where}
    return state_changed(file, changed, own_event(file, EventKind.DECLINED, facts, details), facts)


def retract(file: CaseFile, command: RetractCase, facts: Facts) -> CaseDecision:
    """The citizen takes the case back: it closes as withdrawn, which is neither solved nor explained."""
    check_may(file, CommandName.RETRACT, facts, command.seen_version)
    reason = filled("reason", command.reason)
    changed = closed(file.case, ClosingKind.WITHDRAWN, reason, facts)
    return state_changed(file, changed, own_event(file, EventKind.RETRACTED, facts, {"reason": reason}), facts)


def closed(case: Case, closing: ClosingKind, result: str, facts: Facts) -> Case:
    """Give the case closed by a kind; nothing waits and nothing stands still any more."""
    course = replace(case.course, suspension=None, application=None)
    return replace(case, state=CaseState.RESOLVED, closing=closing, result=result, resolved_at=facts.at, course=course)
