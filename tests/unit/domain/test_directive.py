from dataclasses import replace
from datetime import timedelta

import pytest

from fengqiao.domain.command import (
    ApproveDirective,
    DirectiveCommand,
    IssueDirective,
    ReceiveDirective,
    ReportDirective,
    SendBackDirective,
)
from fengqiao.domain.decision import Outgoing
from fengqiao.domain.directive import (
    CASES_LIMIT,
    Directive,
    DirectiveCommandName,
    DirectiveFile,
    DirectiveIssued,
    DirectiveMessage,
    DirectiveProgress,
    DirectiveState,
    allowed_directive_commands,
    check_issue,
    decide,
    issue,
    take_in,
)
from fengqiao.domain.errors import Kind
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.text import REASON_LENGTH, TEXT_LENGTH, TITLE_LENGTH
from tests.unit.domain.refusals import faults_of, refusal_of
from tests.unit.samples import CITY, EAST, EAST_HILL, NOON, THREE_LEVELS, WEST, facts, issued, number

Name, State = DirectiveCommandName, DirectiveState
LATER = NOON + timedelta(hours=1)
COMMANDS: dict[DirectiveCommandName, DirectiveCommand] = {
    Name.RECEIVE: ReceiveDirective(number(2)),
    Name.REPORT: ReportDirective(number(2), "已修复。"),
    Name.APPROVE: ApproveDirective(number(2)),
    Name.SEND_BACK: SendBackDirective(number(2), "照片不清。"),
}
ISSUE = IssueDirective(number(2), EAST, "roads", "修复路灯", "三日内修复。", NOON + timedelta(days=3))

# Written out by hand, beside the table in the code: (state, side, command) -> state; all others are refused.
TURNS = {
    (State.ISSUED, EAST, Name.RECEIVE): State.RECEIVED,
    (State.RECEIVED, EAST, Name.REPORT): State.DONE,
    (State.SENT_BACK, EAST, Name.REPORT): State.DONE,
    (State.DONE, CITY, Name.APPROVE): State.APPROVED,
    (State.DONE, CITY, Name.SEND_BACK): State.SENT_BACK,
}


def in_state(state: DirectiveState) -> DirectiveFile:
    return DirectiveFile(replace(issued(CITY, EAST), state=state, version=4))


# Issuing.


def test_a_directive_is_issued_to_a_child() -> None:
    decision = issue(replace(ISSUE, title=" 修复\x00路灯 ", cases=(number(1),), urgent=True), 3, facts(CITY))
    directive = decision.file.directive
    assert (directive.issuer, directive.recipient, directive.unit) == (CITY, EAST, "roads")
    assert (directive.state, directive.version, directive.report) == (State.ISSUED, 1, "")
    assert (directive.number, directive.title, directive.cases) == (f"D{CITY}-20261123-00003", "修复路灯", (number(1),))
    (event,) = decision.events
    assert (event.kind, event.details) == (EventKind.DIRECTIVE_ISSUED, {"recipient": EAST, "unit": "roads"})
    assert decision.outgoing == (Outgoing(EAST, DirectiveIssued(directive, (event,)), urgent=True),)


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        (replace(ISSUE, title=""), ("title", "text_empty")),
        (replace(ISSUE, title="灯" * (TITLE_LENGTH + 1)), ("title", "text_too_long")),
        (replace(ISSUE, text="\x00"), ("text", "text_empty")),
        (replace(ISSUE, text="灯" * (TEXT_LENGTH + 1)), ("text", "text_too_long")),
        (replace(ISSUE, due_at=NOON), ("due_at", "due_in_past")),
        (replace(ISSUE, due_at=NOON - timedelta(seconds=1)), ("due_at", "due_in_past")),
        (replace(ISSUE, cases=tuple(number(n) for n in range(CASES_LIMIT + 1))), ("cases", "too_many")),
        (replace(ISSUE, unit="justice"), ("unit", "unit_unknown")),
    ],
)
def test_a_directive_with_a_wrong_field_is_refused_by_its_name(command: IssueDirective, fault: tuple[str, str]) -> None:
    for refusal in (refusal_of(issue, command, 3, facts(CITY)), refusal_of(check_issue, command, facts(CITY))):
        assert refusal.kind is Kind.INVALID
        assert faults_of(refusal) == [fault]


@pytest.mark.parametrize(
    ("issuer", "recipient", "kind", "code"),
    [
        (EAST, CITY, Kind.FORBIDDEN, "directive_not_child"),
        (EAST, EAST, Kind.FORBIDDEN, "directive_not_child"),
        (EAST, WEST, Kind.FORBIDDEN, "directive_not_child"),
        (CITY, EAST_HILL, Kind.FORBIDDEN, "directive_not_child"),
        (CITY, "999999", Kind.NOT_FOUND, "centre_unknown"),
    ],
)
def test_a_directive_goes_to_a_child_only(issuer: str, recipient: str, kind: Kind, code: str) -> None:
    refusal = refusal_of(issue, replace(ISSUE, recipient=recipient), 3, facts(issuer))
    assert (refusal.kind, refusal.code) == (kind, code)


# Taking turns.


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("side", [CITY, EAST])
@pytest.mark.parametrize("state", State)
def test_each_side_may_do_exactly_what_is_its_turn(
    state: DirectiveState, side: str, name: DirectiveCommandName
) -> None:
    file, after = in_state(state), TURNS.get((state, side, name))
    assert (name in allowed_directive_commands(file.directive, side)) == (after is not None)
    if after is None:
        refusal = refusal_of(decide, file, COMMANDS[name], facts(side))
        mine = name in {Name.APPROVE, Name.SEND_BACK} if side == CITY else name in {Name.RECEIVE, Name.REPORT}
        wrong_side = "directive_not_recipient" if side == CITY else "directive_not_issuer"
        assert (refusal.kind, refusal.code) == (
            (Kind.STATE, "directive_state") if mine else (Kind.FORBIDDEN, wrong_side)
        )
        return
    decision = decide(file, COMMANDS[name], facts(side, at=LATER))
    changed = decision.file.directive
    assert (changed.state, changed.version, changed.updated_at) == (after, 5, LATER)
    other = EAST if side == CITY else CITY
    assert decision.outgoing == (Outgoing(other, DirectiveProgress(changed, decision.events), urgent=False),)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_centre_that_is_neither_side_may_do_nothing(name: DirectiveCommandName) -> None:
    for state in State:
        assert refusal_of(decide, in_state(state), COMMANDS[name], facts(WEST)).kind is Kind.FORBIDDEN


def test_a_refused_turn_names_what_this_side_may_do_and_not_the_other() -> None:
    refusal = refusal_of(decide, in_state(State.DONE), COMMANDS[Name.REPORT], facts(EAST))
    assert refusal.params["allowed"] == "word:nothing"
    refusal = refusal_of(decide, in_state(State.ISSUED), COMMANDS[Name.REPORT], facts(EAST))
    assert refusal.params["allowed"] == "word:directive_command.receive"


def test_the_report_stands_in_the_directive_and_the_reason_in_the_event() -> None:
    done = decide(in_state(State.RECEIVED), COMMANDS[Name.REPORT], facts(EAST))
    assert done.file.directive.report == "已修复。"
    assert (done.events[0].kind, done.events[0].details) == (EventKind.DIRECTIVE_DONE, {"report": "已修复。"})
    back = decide(DirectiveFile(done.file.directive), COMMANDS[Name.SEND_BACK], facts(CITY))
    assert back.file.directive.report == "已修复。"
    assert (back.events[0].kind, back.events[0].details) == (EventKind.DIRECTIVE_SENT_BACK, {"reason": "照片不清。"})


@pytest.mark.parametrize(
    ("state", "side", "command", "fault"),
    [
        (State.RECEIVED, EAST, ReportDirective(number(2), " \x00"), ("report", "text_empty")),
        (State.RECEIVED, EAST, ReportDirective(number(2), "灯" * (TEXT_LENGTH + 1)), ("report", "text_too_long")),
        (State.DONE, CITY, SendBackDirective(number(2), ""), ("reason", "text_empty")),
        (State.DONE, CITY, SendBackDirective(number(2), "灯" * (REASON_LENGTH + 1)), ("reason", "text_too_long")),
    ],
)
def test_a_report_and_a_reason_have_to_say_something(
    state: DirectiveState, side: str, command: DirectiveCommand, fault: tuple[str, str]
) -> None:
    refusal = refusal_of(decide, in_state(state), command, facts(side))
    assert refusal.kind is Kind.INVALID
    assert faults_of(refusal) == [fault]


@pytest.mark.parametrize(
    ("state", "side", "command"),
    [
        (State.ISSUED, EAST, ReceiveDirective(number(2), 3)),
        (State.RECEIVED, EAST, ReportDirective(number(2), "已修复。", 3)),
        (State.DONE, CITY, ApproveDirective(number(2), 5)),
        (State.DONE, CITY, SendBackDirective(number(2), "照片不清。", 3)),
    ],
)
def test_a_turn_from_another_version_is_stale(state: DirectiveState, side: str, command: DirectiveCommand) -> None:
    refusal = refusal_of(decide, in_state(state), command, facts(side))
    assert (refusal.kind, refusal.code) == (Kind.STALE, "directive_stale")


# Taking in.

EVENT = Event(number(300), number(2), EventKind.DIRECTIVE_ISSUED, CITY, "李雷", NOON, 0, {})


def test_the_recipient_takes_a_directive_in_once() -> None:
    message = DirectiveIssued(issued(CITY, EAST), (EVENT,))
    first = take_in(None, message, CITY, THREE_LEVELS)
    assert (first.file, first.events) == (DirectiveFile(issued(CITY, EAST)), (EVENT,))
    again = take_in(first.file, message, CITY, THREE_LEVELS)
    assert (again.file, again.events, again.outgoing) == (first.file, (), ())


def test_the_other_side_follows_each_turn() -> None:
    received = replace(issued(CITY, EAST), state=State.RECEIVED, version=2)
    decision = take_in(DirectiveFile(issued(CITY, EAST)), DirectiveProgress(received, (EVENT,)), EAST, THREE_LEVELS)
    assert (decision.file.directive, decision.events) == (received, (EVENT,))


def with_state(state: DirectiveState, **changes: str) -> Directive:
    directive = replace(issued(CITY, EAST), state=state, version=9)
    return replace(directive, **changes)  # type: ignore[arg-type]  # only the sides, which are texts


@pytest.mark.parametrize(
    ("file", "message", "sender"),
    [
        (None, DirectiveProgress(issued(CITY, EAST), (EVENT,)), CITY),
        (None, DirectiveIssued(issued(CITY, EAST), (EVENT,)), EAST),
        (None, DirectiveIssued(issued(CITY, EAST), (EVENT,)), WEST),
        (None, DirectiveIssued(with_state(State.ISSUED, issuer=EAST, recipient=WEST), (EVENT,)), EAST),
        (None, DirectiveIssued(with_state(State.ISSUED, issuer=CITY, recipient=EAST_HILL), (EVENT,)), CITY),
        (DirectiveFile(issued(CITY, EAST)), DirectiveProgress(with_state(State.RECEIVED), (EVENT,)), CITY),
        (DirectiveFile(issued(CITY, EAST)), DirectiveProgress(with_state(State.DONE), (EVENT,)), CITY),
        (DirectiveFile(issued(CITY, EAST)), DirectiveProgress(with_state(State.APPROVED), (EVENT,)), EAST),
        (DirectiveFile(issued(CITY, EAST)), DirectiveProgress(with_state(State.SENT_BACK), (EVENT,)), EAST),
    ],
)
def test_a_message_that_its_sender_could_not_have_written_is_misplaced(
    file: DirectiveFile | None, message: DirectiveMessage, sender: str
) -> None:
    refusal = refusal_of(take_in, file, message, sender, THREE_LEVELS)
    assert (refusal.kind, refusal.code) == (Kind.STATE, "message_misplaced")
