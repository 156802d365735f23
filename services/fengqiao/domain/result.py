"""The result of a case (F12, F13): submitted with evidence, signed off by a second person, told to the citizen."""

import re
from collections.abc import Iterable
from dataclasses import replace

from fengqiao.domain.acceptance import closed
from fengqiao.domain.case import Case, CaseFile, CaseState, CommandName
from fengqiao.domain.course import ClosingKind, Course, Submission
from fengqiao.domain.course_command import CloseCase, ReplyToCitizen, SendBackResult, SignOffResult, SubmitResult
from fengqiao.domain.custody import CaseDecision, check_may, check_second_person, own_event, state_changed
from fengqiao.domain.decision import Facts
from fengqiao.domain.errors import Violation, invalid, wrong_state
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.text import REASON_LENGTH, TEXT_LENGTH, clean, filled, text_violations

EVIDENCE_LIMIT = 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


def submit(file: CaseFile, command: SubmitResult, history: Iterable[Event], facts: Facts) -> CaseDecision:
    """Submit a result for sign-off; `history` is the journal, which knows the attachments that may be evidence."""
    check_may(file, CommandName.SUBMIT, facts, command.seen_version)
    case = file.case
    result, proof = clean(command.result), clean(command.proof)
    evidence = tuple(dict.fromkeys(command.evidence))
    faults = [
        *text_violations("result", result, TEXT_LENGTH),
        *text_violations("proof", proof, REASON_LENGTH, required=not evidence),
        *_evidence_faults(evidence, history),
        *closing_faults(case.course, command.closing),
    ]
    if faults:
        raise invalid(*faults)
    submitted = Submission(result, command.closing, evidence, proof, facts.actor, facts.at)
    course = replace(case.course, submission=submitted, signed_off_by="")
    details = {
        "closing": command.closing.value,
        "result": result,
        "evidence": " ".join(evidence),
        "proof": proof,
    }
    changed = replace(case, state=CaseState.SUBMITTED, course=course)
    return state_changed(file, changed, own_event(file, EventKind.SUBMITTED, facts, details), facts)


def sign_off(file: CaseFile, command: SignOffResult, facts: Facts) -> CaseDecision:
    """Sign the result off; whoever submitted it may not."""
    check_may(file, CommandName.SIGN_OFF, facts, command.seen_version)
    check_second_person(CommandName.SIGN_OFF, submission(file.case).by, facts)
    course = replace(file.case.course, signed_off_by=facts.actor)
    changed = replace(file.case, state=CaseState.SIGNED_OFF, course=course)
    return state_changed(file, changed, own_event(file, EventKind.SIGNED_OFF, facts, {}), facts)


def send_back(file: CaseFile, command: SendBackResult, facts: Facts) -> CaseDecision:
    """Send the result back to the unit with a reason; whoever submitted it may not."""
    check_may(file, CommandName.SEND_BACK, facts, command.seen_version)
    check_second_person(CommandName.SEND_BACK, submission(file.case).by, facts)
    reason = filled("reason", command.reason)
    changed = replace(file.case, state=CaseState.ASSIGNED, course=replace(file.case.course, submission=None))
    return state_changed(file, changed, own_event(file, EventKind.SENT_BACK, facts, {"reason": reason}), facts)


def reply(file: CaseFile, command: ReplyToCitizen, facts: Facts) -> CaseDecision:
    """Tell the citizen; for an unreasonable claim this is the explanation that is owed."""
    check_may(file, CommandName.REPLY, facts, command.seen_version)
    text = filled("text", command.text, TEXT_LENGTH)
    course = replace(file.case.course, reply=text, replied_at=facts.at)
    changed = replace(file.case, state=CaseState.REPLIED, course=course)
    return state_changed(file, changed, own_event(file, EventKind.REPLIED, facts, {"text": text}), facts)


def close(file: CaseFile, command: CloseCase, facts: Facts) -> CaseDecision:
    """Close by the kind that was signed off. Refused while a re-visit is owed, and against the citizen's own word."""
    check_may(file, CommandName.CLOSE, facts, command.seen_version)
    case, course = file.case, file.case.course
    submitted = submission(case)
    if command.closing is not submitted.closing:
        word = f"word:closing.{submitted.closing}"
        raise invalid(Violation("closing", "closing_differs", {"signed_off": word}))
    judged = course.evaluation
    if judged is None and course.revisit is None and facts.handbook.is_revisit_due(case.id):
        raise wrong_state("revisit_owed")
    if judged is not None and not judged.solved and command.closing is ClosingKind.SOLVED:
        raise wrong_state("closing_disputed")
    changed = closed(case, command.closing, submitted.result, facts)
    details = {"closing": command.closing.value, "result": submitted.result}
    return state_changed(file, changed, own_event(file, EventKind.CLOSED, facts, details), facts)


def submission(case: Case) -> Submission:
    """Give what was submitted; raises STATE when nothing is."""
    if case.course.submission is None:
        raise wrong_state("submission_none")
    return case.course.submission


def closing_faults(course: Course, closing: ClosingKind) -> tuple[Violation, ...]:
    """Tell what is wrong with a kind of closing: withdrawn is the citizen's act, an unreasonable claim is explained."""
    if closing is ClosingKind.WITHDRAWN:
        return (Violation("closing", "closing_citizens"),)
    if course.unreasonable and closing is not ClosingKind.EXPLAINED:
        return (Violation("closing", "closing_explained"),)
    return ()


def _evidence_faults(evidence: tuple[str, ...], history: Iterable[Event]) -> list[Violation]:
    if len(evidence) > EVIDENCE_LIMIT:
        return [Violation("evidence", "too_many", {"length": str(len(evidence)), "limit": str(EVIDENCE_LIMIT)})]
    attached = {event.details["sha256"] for event in history if event.kind is EventKind.ATTACHED} if evidence else set()
    unknown = (sha for sha in evidence if not _SHA256.fullmatch(sha) or sha not in attached)
    return [Violation("evidence", "attachment_unknown", {"sha256": sha[:64]}) for sha in unknown]
