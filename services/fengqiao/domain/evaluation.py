"""The citizen's last word (F14, F15): re-visit, evaluation, and reopening under the same number."""

from dataclasses import replace
from datetime import timedelta

from fengqiao.domain.case import CaseFile, CaseState, CommandName
from fengqiao.domain.course import Evaluation, Revisit, begun_again
from fengqiao.domain.course_command import EvaluateCase, ReopenCase, RevisitCitizen
from fengqiao.domain.custody import CaseDecision, check_may, own_event, state_changed
from fengqiao.domain.decision import Facts
from fengqiao.domain.errors import invalid, wrong_state
from fengqiao.domain.event import EventKind
from fengqiao.domain.text import REASON_LENGTH, clean, filled, text_violations


def revisit(file: CaseFile, command: RevisitCitizen, facts: Facts) -> CaseDecision:
    """Record what the citizen said when asked, or that nobody was reached."""
    check_may(file, CommandName.REVISIT, facts, command.seen_version)
    words = filled("words", command.words)
    asked = Revisit(command.reached, words, facts.actor, facts.at)
    details = {"reached": _yes_no(yes=command.reached), "words": words}
    changed = replace(file.case, course=replace(file.case.course, revisit=asked))
    return state_changed(file, changed, own_event(file, EventKind.REVISITED, facts, details), facts)


def evaluate(file: CaseFile, command: EvaluateCase, facts: Facts) -> CaseDecision:
    """Record the citizen's judgement."""
    check_may(file, CommandName.EVALUATE, facts, command.seen_version)
    words = clean(command.words)
    if faults := text_violations("words", words, REASON_LENGTH, required=False):
        raise invalid(*faults)
    judged = Evaluation(command.solved, command.satisfied, words, facts.at)
    details = {
        "solved": _yes_no(yes=command.solved),
        "satisfied": _yes_no(yes=command.satisfied),
        "words": words,
    }
    changed = replace(file.case, course=replace(file.case.course, evaluation=judged))
    return state_changed(file, changed, own_event(file, EventKind.EVALUATED, facts, details), facts)


def reopen(file: CaseFile, command: ReopenCase, facts: Facts) -> CaseDecision:
    """Open the case again: same number, same first receiver, to be assigned anew; once closed, only in the window."""
    check_may(file, CommandName.REOPEN, facts, command.seen_version)
    case, reason = file.case, filled("reason", command.reason)
    days = facts.handbook.reopen_days
    if case.resolved_at is not None and facts.at > case.resolved_at + timedelta(days=days):
        raise wrong_state("reopen_late", days=str(days))
    course = begun_again(case.course)
    changed = replace(
        case,
        state=CaseState.ACCEPTED,
        unit="",
        closing=None,
        result="",
        resolved_at=None,
        course=replace(course, reopened=course.reopened + 1),
    )
    return state_changed(file, changed, own_event(file, EventKind.REOPENED, facts, {"reason": reason}), facts)


def _yes_no(*, yes: bool) -> str:
    return "yes" if yes else "no"
