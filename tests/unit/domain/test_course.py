"""The rules between acceptance and the citizen's last word, one by one."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from fengqiao.domain import merging
from fengqiao.domain.case import CaseFile, CaseState, CommandName, FirstReceiver, Role
from fengqiao.domain.command import ResolveCase
from fengqiao.domain.course import ApplicationKind, ClosingKind, Course, Evaluation, Extension, Merged, SuspensionReason
from fengqiao.domain.course_command import (
    ArbitrateCase,
    ClassifyCase,
    CloseCase,
    CourseCommand,
    DeclineCase,
    ExtendCase,
    InvolveUnits,
    MergeCase,
    RevisitCitizen,
    SubmitResult,
    SuspendCase,
    TransferCase,
)
from fengqiao.domain.errors import Kind
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.handbook import Handbook
from fengqiao.domain.handling import resolve
from fengqiao.domain.message import ArbitrationAsked, ArbitrationGiven, CaseProgress
from fengqiao.domain.result import submit
from fengqiao.domain.transitions import allowed_commands
from tests.unit.course_samples import COURSE_COMMANDS, decided, lead
from tests.unit.domain.refusals import faults_of, refusal_of
from tests.unit.samples import (
    CITY,
    EAST,
    EAST_HILL,
    HANDBOOK,
    MERGED,
    NOON,
    SUBMITTED,
    WHO,
    asked,
    closed_as,
    coursed,
    disputed,
    facts,
    number,
    registered,
    seen_by,
    situations,
)

ONE = number(1)
HELD = coursed(registered(EAST))
REPLIED = situations()["holder, replied"]
SECOND_PERSON = {
    CommandName.APPROVE: "holder, application open",
    CommandName.DENY: "holder, application open",
    CommandName.SIGN_OFF: "holder, submitted",
    CommandName.SEND_BACK: "holder, submitted",
    CommandName.ARBITRATE: "holder, disputed, nobody above",
}


@pytest.mark.parametrize(("name", "situation"), SECOND_PERSON.items())
def test_whoever_took_the_step_before_may_not_decide_about_it(name: CommandName, situation: str) -> None:
    file, command = situations()[situation], COURSE_COMMANDS[name]
    refusal = refusal_of(decided, file, command, facts(EAST, actor=WHO))
    assert (refusal.kind, refusal.code) == (Kind.FORBIDDEN, "second_person_needed")
    assert decided(file, command, facts(EAST)).events


@pytest.mark.parametrize(
    ("name", "situation", "closing"),
    [
        (CommandName.DECLINE, "holder, registered", ClosingKind.REFERRED),
        (CommandName.RETRACT, "holder, assigned", ClosingKind.WITHDRAWN),
        (CommandName.RETRACT, "holder, suspended", ClosingKind.WITHDRAWN),
        (CommandName.CLOSE, "holder, replied", ClosingKind.SOLVED),
    ],
)
def test_each_end_has_its_own_kind_of_closing(name: CommandName, situation: str, closing: ClosingKind) -> None:
    case = decided(situations()[situation], COURSE_COMMANDS[name], facts(EAST)).file.case
    assert (case.state, case.closing, case.resolved_at) == (CaseState.RESOLVED, closing, NOON)
    assert case.course.suspension is None


def test_a_declined_case_says_where_to_go() -> None:
    file = decided(registered(EAST), COURSE_COMMANDS[CommandName.DECLINE], facts(EAST)).file
    assert (file.case.result, file.case.course.referred_to) == ("已由法院受理。", "区人民法院")


@pytest.mark.parametrize(
    ("command", "faults"),
    [
        (DeclineCase(ONE, "", " "), [("reason", "text_empty"), ("referred_to", "text_empty")]),
        (ClassifyCase(ONE, "9999"), [("item", "item_unknown")]),
        (TransferCase(ONE, "roads", "理由"), [("unit", "unit_same")]),
        (TransferCase(ONE, "justice", "理由"), [("unit", "unit_unknown")]),
        (InvolveUnits(ONE, ("roads",)), [("units", "unit_same")]),
        (InvolveUnits(ONE, ("water",) * 11), [("units", "too_many")]),
        (SuspendCase(ONE, SuspensionReason.HEARING, 31, ""), [("reason", "text_empty"), ("days", "days_out_of_range")]),
        (ExtendCase(ONE, 0, "理由"), [("days", "days_out_of_range")]),
        (ExtendCase(ONE, 11, "理由"), [("days", "days_out_of_range")]),
        (SubmitResult(ONE, "", ClosingKind.SOLVED), [("result", "text_empty"), ("proof", "text_empty")]),
        (SubmitResult(ONE, "好", ClosingKind.WITHDRAWN, (), "看过"), [("closing", "closing_citizens")]),
        (SubmitResult(ONE, "好", ClosingKind.SOLVED, ("ab" * 32,)), [("evidence", "attachment_unknown")]),
        (SubmitResult(ONE, "好", ClosingKind.SOLVED, tuple(map(str, range(21)))), [("evidence", "too_many")]),
        (MergeCase(ONE, ONE), [("lead", "merge_itself")]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_wrong_field_is_refused_by_its_name(command: CourseCommand, faults: list[tuple[str, str]]) -> None:
    file = registered(EAST) if isinstance(command, DeclineCase) else HELD
    if isinstance(command, MergeCase):
        refusal = refusal_of(merging.merge, file, file, command, facts(EAST))
    else:
        refusal = refusal_of(decided, file, command, facts(EAST))
    assert (refusal.kind, faults_of(refusal)) == (Kind.INVALID, faults)


@pytest.mark.parametrize("name", COURSE_COMMANDS)
def test_a_command_from_an_older_view_is_stale(name: CommandName) -> None:
    file = next(file for file in situations().values() if name in allowed_commands(file))
    command = replace(COURSE_COMMANDS[name], seen_version=file.case.version + 1)
    refusal = refusal_of(decided, file, command, facts(EAST))
    assert (refusal.kind, refusal.code) == (Kind.STALE, "case_stale")


# Who does the work.


@pytest.mark.parametrize(
    "name", [CommandName.TRANSFER, CommandName.INVOLVE, CommandName.RETURN, CommandName.OBJECT, CommandName.ARBITRATE]
)
def test_the_first_receiver_stays_whoever_does_the_work(name: CommandName) -> None:
    for file in situations().values():
        if file.role is Role.HOLDER and name in allowed_commands(file):
            assert decided(file, COURSE_COMMANDS[name], facts(EAST)).file.case.first_receiver == FirstReceiver(
                EAST, "roads", fixed=True
            )


def test_a_transfer_and_a_return_leave_every_time_but_the_last_update_alone() -> None:
    later = facts(EAST, at=NOON + timedelta(days=2))
    for name in (CommandName.TRANSFER, CommandName.RETURN):
        case = decided(HELD, COURSE_COMMANDS[name], later).file.case
        assert (case.registered_at, case.waiting_since, case.resolved_at) == (NOON, NOON, None)


def test_a_unit_returns_once_and_the_second_return_is_a_dispatch_objection() -> None:
    once = decided(HELD, COURSE_COMMANDS[CommandName.RETURN], facts(EAST)).file
    assert (once.case.state, once.case.unit, once.case.course.returned) == (CaseState.ACCEPTED, "", (f"{EAST}/roads",))
    again = coursed(once)
    assert CommandName.RETURN not in allowed_commands(again)
    assert CommandName.OBJECT in allowed_commands(again)
    elsewhere = replace(again, case=replace(again.case, holder=CITY))
    assert CommandName.RETURN in allowed_commands(elsewhere)
    assert CommandName.OBJECT not in allowed_commands(elsewhere)


def test_after_an_arbitration_nobody_within_the_centre_returns_the_case() -> None:
    file = decided(disputed(EAST, EAST), COURSE_COMMANDS[CommandName.ARBITRATE], facts(EAST)).file
    assert (file.case.state, file.case.unit, file.case.course.arbitrated) == (CaseState.ASSIGNED, "window", EAST)
    assert not {CommandName.RETURN, CommandName.OBJECT} & set(allowed_commands(file))


def test_an_objection_asks_the_tier_above_with_the_whole_story_and_makes_it_follow() -> None:
    file = coursed(registered(EAST), returned=(f"{EAST}/water",))
    decision = decided(file, COURSE_COMMANDS[CommandName.OBJECT], facts(EAST))
    (outgoing,) = decision.outgoing
    assert outgoing.to == CITY
    assert outgoing.message == ArbitrationAsked(decision.file.case, decision.events)
    assert decision.file.audience == {CITY}


def test_an_arbiter_decides_for_a_unit_of_the_holder_and_follows_from_then_on() -> None:
    file = seen_by(disputed(EAST_HILL, EAST).case, Role.ARBITER, EAST_HILL, CITY)
    decision = decided(file, ArbitrateCase(ONE, "police", "由派出所办理"), facts(EAST))
    assert (decision.file.role, decision.file.case) == (Role.FOLLOWER, file.case)
    answer, told = decision.outgoing
    assert answer.message == ArbitrationGiven(ONE, number(60), "police", decision.events)
    assert (answer.to, told.to, type(told.message)) == (EAST_HILL, CITY, CaseProgress)
    wrong = refusal_of(decided, file, ArbitrateCase(ONE, "roads", "由其办理"), facts(EAST))
    assert faults_of(wrong) == [("unit", "unit_unknown")]


# What a second person approves.


@pytest.mark.parametrize("kind", ApplicationKind)
def test_nothing_is_granted_before_another_person_approves(kind: ApplicationKind) -> None:
    waiting = coursed(registered(EAST), application=asked(kind))
    assert waiting.case.course == replace(Course(), application=asked(kind))
    granted = decided(waiting, COURSE_COMMANDS[CommandName.APPROVE], facts(EAST)).file.case.course
    denied = decided(waiting, COURSE_COMMANDS[CommandName.DENY], facts(EAST)).file.case.course
    assert denied == Course()
    assert (granted.suspension is not None, granted.extension is not None, granted.unreasonable) == (
        kind is ApplicationKind.SUSPENSION,
        kind is ApplicationKind.EXTENSION,
        kind is ApplicationKind.UNREASONABLE,
    )


def test_a_suspension_lasts_for_the_days_that_were_approved_from_the_approval_on() -> None:
    waiting = coursed(registered(EAST), application=asked(ApplicationKind.SUSPENSION))
    later = facts(EAST, at=NOON + timedelta(hours=3))
    suspension = decided(waiting, COURSE_COMMANDS[CommandName.APPROVE], later).file.case.course.suspension
    assert suspension is not None
    assert (suspension.since, suspension.until) == (later.at, later.at + timedelta(days=5))


def test_an_extension_is_granted_once_in_the_life_of_a_case() -> None:
    extended = coursed(registered(EAST), extension=Extension(5, WHO, "赵刚", NOON))
    assert CommandName.EXTEND not in allowed_commands(extended)
    reopened = decided(closed_as(extended, ClosingKind.SOLVED), COURSE_COMMANDS[CommandName.REOPEN], facts(EAST)).file
    assert CommandName.EXTEND not in allowed_commands(coursed(reopened))


@pytest.mark.parametrize("closing", ClosingKind)
def test_an_unreasonable_claim_closes_only_as_explained(closing: ClosingKind) -> None:
    file, command = coursed(registered(EAST), unreasonable=True), ResolveCase(ONE, "已说明。", closing)
    if closing is ClosingKind.EXPLAINED:
        assert resolve(file, command, facts(EAST)).file.case.closing is closing
    else:
        assert faults_of(refusal_of(resolve, file, command, facts(EAST)))[0][0] == "closing"


# The result and the citizen's word.


def test_evidence_is_an_attachment_of_the_case() -> None:
    attached = Event(number(300), ONE, EventKind.ATTACHED, EAST, WHO, NOON, 1, {"sha256": "ab" * 32})
    command = SubmitResult(ONE, "好", ClosingKind.SOLVED, ("ab" * 32, "ab" * 32))
    submission = submit(HELD, command, (attached,), facts(EAST)).file.case.course.submission
    assert submission is not None
    assert (submission.evidence, submission.by) == (("ab" * 32,), "王芳")


def judged(file: CaseFile, *, solved: bool) -> CaseFile:
    course = replace(file.case.course, evaluation=Evaluation(solved, False, "", NOON), revisit=None)
    return replace(file, case=replace(file.case, course=course))


def test_a_case_closes_by_the_kind_that_was_signed_off_and_not_against_the_citizens_word() -> None:
    wrong = refusal_of(decided, REPLIED, CloseCase(ONE, ClosingKind.EXPLAINED), facts(EAST))
    assert faults_of(wrong) == [("closing", "closing_differs")]
    against = refusal_of(decided, judged(REPLIED, solved=False), CloseCase(ONE, ClosingKind.SOLVED), facts(EAST))
    assert against.code == "closing_disputed"
    assert decided(judged(REPLIED, solved=True), CloseCase(ONE, ClosingKind.SOLVED), facts(EAST)).events
    explained = coursed(
        judged(REPLIED, solved=False), CaseState.REPLIED, submission=replace(SUBMITTED, closing=ClosingKind.EXPLAINED)
    )
    assert decided(explained, CloseCase(ONE, ClosingKind.EXPLAINED), facts(EAST)).events


@pytest.mark.parametrize(("per_mille", "is_owed"), [(1000, True), (0, False)])
def test_a_revisit_is_owed_before_closing_when_the_case_is_in_the_sample(per_mille: int, is_owed: bool) -> None:
    unvisited = coursed(REPLIED, CaseState.REPLIED, revisit=None)
    at = replace(facts(EAST), handbook=replace(HANDBOOK, revisit_per_mille=per_mille))
    if is_owed:
        assert refusal_of(decided, unvisited, CloseCase(ONE, ClosingKind.SOLVED), at).code == "revisit_owed"
        asked_now = decided(unvisited, RevisitCitizen(ONE, False, "无人接听"), at).file
        assert decided(asked_now, CloseCase(ONE, ClosingKind.SOLVED), at).events
    else:
        assert decided(unvisited, CloseCase(ONE, ClosingKind.SOLVED), at).events


def test_the_sample_is_the_share_that_is_asked_for_and_the_same_for_the_same_case() -> None:
    ids = [UUID(int=n * 7919) for n in range(10_000)]
    drawn = [case for case in ids if Handbook(revisit_per_mille=200).is_revisit_due(case)]
    assert len(drawn) == 2000
    assert all(Handbook(revisit_per_mille=300).is_revisit_due(case) for case in drawn)


@pytest.mark.parametrize(("days", "is_late"), [(0, False), (30, False), (30.001, True)])
def test_a_closed_case_is_reopened_within_its_window_only(days: float, is_late: bool) -> None:
    closed = closed_as(HELD, ClosingKind.SOLVED)
    at = facts(EAST, at=NOON + timedelta(days=days))
    if is_late:
        assert refusal_of(decided, closed, COURSE_COMMANDS[CommandName.REOPEN], at).code == "reopen_late"
        return
    case = decided(closed, COURSE_COMMANDS[CommandName.REOPEN], at).file.case
    assert (case.state, case.unit, case.closing, case.result) == (CaseState.ACCEPTED, "", None, "")
    assert (case.number, case.first_receiver) == (closed.case.number, closed.case.first_receiver)
    assert (case.course.reopened, case.registered_at) == (1, NOON)


def test_the_citizen_judges_once_after_each_reply() -> None:
    after = decided(REPLIED, COURSE_COMMANDS[CommandName.EVALUATE], facts(EAST)).file
    assert CommandName.EVALUATE not in allowed_commands(after)


# Merging.


def test_the_earliest_reporters_time_rules_a_merged_case_and_unmerging_gives_it_back() -> None:
    earlier = replace(registered(EAST).case, registered_at=NOON - timedelta(days=3))
    joined = merging.joined(lead(), earlier, facts(EAST)).file
    assert (joined.case.waiting_since, joined.case.registered_at) == (earlier.registered_at, NOON)
    parted = merging.parted(joined, earlier, facts(EAST)).file
    assert (parted.case.waiting_since, parted.case.course) == (NOON, Course())


@pytest.mark.parametrize(
    "unfit",
    [
        closed_as(lead(), ClosingKind.SOLVED),
        replace(lead(), role=Role.FOLLOWER),
        coursed(lead(), merged_into=number(8)),
    ],
)
def test_only_an_open_case_that_is_held_here_and_not_merged_can_lead(unfit: CaseFile) -> None:
    refusal = refusal_of(merging.merge, HELD, unfit, MergeCase(ONE, MERGED), facts(EAST))
    assert (refusal.kind, refusal.code) == (Kind.STATE, "lead_unfit")


def test_a_lead_that_passed_on_is_only_told_of_the_parting() -> None:
    elsewhere = replace(coursed(lead(), merged=(Merged(ONE, "1", NOON),)), role=Role.FOLLOWER)
    decision = merging.parted(elsewhere, HELD.case, facts(EAST))
    assert (decision.file, decision.events[0].kind) == (elsewhere, EventKind.PARTED)


def test_a_case_with_merged_ones_is_neither_declined_nor_taken_back() -> None:
    for file in (lead(), coursed(lead())):
        leading = merging.joined(file, registered(EAST).case, facts(EAST)).file
        assert not {CommandName.DECLINE, CommandName.RETRACT, CommandName.MERGE} & set(allowed_commands(leading))
