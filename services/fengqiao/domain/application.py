"""What one person applies for and a second one approves (F12): standing still, more time, and "unreasonable".

The decision is recorded on the case and in its events. What it does to clocks is the arithmetic of limits.
"""

from dataclasses import replace

from fengqiao.domain.case import CaseFile, CommandName
from fengqiao.domain.course import Application, ApplicationKind, Course, Extension, Suspension, SuspensionReason
from fengqiao.domain.course_command import (
    ApproveApplication,
    ChallengeCase,
    DenyApplication,
    ExtendCase,
    ResumeCase,
    SuspendCase,
)
from fengqiao.domain.custody import CaseDecision, check_may, check_second_person, own_event, state_changed
from fengqiao.domain.decision import Facts
from fengqiao.domain.errors import Violation, invalid, wrong_state
from fengqiao.domain.event import EventKind
from fengqiao.domain.text import REASON_LENGTH, clean, filled, text_violations


def suspend(file: CaseFile, command: SuspendCase, facts: Facts) -> CaseDecision:
    """Apply for a suspension: a cause of the closed list, and days up to the cap."""
    check_may(file, CommandName.SUSPEND, facts, command.seen_version)
    reason = _checked(command.reason, command.days, facts.handbook.suspension_days_limit)
    asked = Application(
        ApplicationKind.SUSPENSION, reason, facts.actor, facts.at, command.days, SuspensionReason(command.cause)
    )
    details = {"cause": command.cause.value, "days": str(command.days), "reason": reason}
    return _asked(file, asked, EventKind.SUSPENSION_ASKED, details, facts)


def extend(file: CaseFile, command: ExtendCase, facts: Facts) -> CaseDecision:
    """Apply for more time; what was granted once is not granted again."""
    check_may(file, CommandName.EXTEND, facts, command.seen_version)
    reason = _checked(command.reason, command.days, facts.handbook.extension_days_limit)
    asked = Application(ApplicationKind.EXTENSION, reason, facts.actor, facts.at, command.days)
    return _asked(file, asked, EventKind.EXTENSION_ASKED, {"days": str(command.days), "reason": reason}, facts)


def challenge(file: CaseFile, command: ChallengeCase, facts: Facts) -> CaseDecision:
    """Propose that what is asked is unreasonable."""
    check_may(file, CommandName.CHALLENGE, facts, command.seen_version)
    reason = filled("reason", command.reason)
    asked = Application(ApplicationKind.UNREASONABLE, reason, facts.actor, facts.at)
    return _asked(file, asked, EventKind.CHALLENGED, {"reason": reason}, facts)


def approve(file: CaseFile, command: ApproveApplication, facts: Facts) -> CaseDecision:
    """Approve what was applied for; whoever applied may not."""
    check_may(file, CommandName.APPROVE, facts, command.seen_version)
    asked = _open(file)
    check_second_person(CommandName.APPROVE, asked.by, facts)
    course = replace(granted(file.case.course, asked, facts), application=None)
    kind, details = _grant_event(asked)
    event = own_event(file, kind, facts, details)
    return state_changed(file, replace(file.case, course=course), event, facts)


def deny(file: CaseFile, command: DenyApplication, facts: Facts) -> CaseDecision:
    """Deny what was applied for, with a reason; whoever applied may not."""
    check_may(file, CommandName.DENY, facts, command.seen_version)
    asked = _open(file)
    check_second_person(CommandName.DENY, asked.by, facts)
    details = {"application": asked.kind.value, "by": asked.by, "reason": filled("reason", command.reason)}
    changed = replace(file.case, course=replace(file.case.course, application=None))
    return state_changed(file, changed, own_event(file, EventKind.APPLICATION_DENIED, facts, details), facts)


def resume(file: CaseFile, command: ResumeCase, facts: Facts) -> CaseDecision:
    """End the suspension; the case goes on as it stood."""
    check_may(file, CommandName.RESUME, facts, command.seen_version)
    changed = replace(file.case, course=replace(file.case.course, suspension=None))
    return state_changed(file, changed, own_event(file, EventKind.RESUMED, facts, {}), facts)


def granted(course: Course, asked: Application, facts: Facts) -> Course:
    """Give the course with what was applied for, from the moment of the approval on."""
    match asked.kind:
        case ApplicationKind.SUSPENSION if asked.cause is not None:
            stands = Suspension(asked.cause, asked.days, asked.by, facts.actor, facts.at)
            return replace(course, suspension=stands)
        case ApplicationKind.EXTENSION:
            return replace(course, extension=Extension(asked.days, asked.by, facts.actor, facts.at, asked.reason))
        case _:
            return replace(course, unreasonable=True)


def _grant_event(asked: Application) -> tuple[EventKind, dict[str, str]]:
    match asked.kind:
        case ApplicationKind.SUSPENSION if asked.cause is not None:
            return EventKind.SUSPENDED, {"cause": asked.cause.value, "days": str(asked.days), "by": asked.by}
        case ApplicationKind.EXTENSION:
            return EventKind.EXTENDED, {"days": str(asked.days), "by": asked.by}
        case _:
            return EventKind.CHALLENGE_CONFIRMED, {"by": asked.by}


def _asked(file: CaseFile, asked: Application, kind: EventKind, details: dict[str, str], facts: Facts) -> CaseDecision:
    changed = replace(file.case, course=replace(file.case.course, application=asked))
    return state_changed(file, changed, own_event(file, kind, facts, details), facts)


def _open(file: CaseFile) -> Application:
    if file.case.course.application is None:
        raise wrong_state("application_none")
    return file.case.course.application


def _checked(reason: str, days: int, limit: int) -> str:
    cleaned = clean(reason)
    faults = [*text_violations("reason", cleaned, REASON_LENGTH)]
    if not 1 <= days <= limit:
        faults.append(Violation("days", "days_out_of_range", {"days": str(days), "limit": str(limit)}))
    if faults:
        raise invalid(*faults)
    return cleaned
