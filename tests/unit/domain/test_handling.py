from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from fengqiao.domain.case import CaseFile, CaseState, FirstReceiver, Role
from fengqiao.domain.command import AddNote, AssignCase, AttachFile, ResolveCase
from fengqiao.domain.course import ClosingKind
from fengqiao.domain.custody import CaseDecision
from fengqiao.domain.decision import Outgoing
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.event import EventKind
from fengqiao.domain.handling import ATTACHMENT_BYTES_LIMIT, FACTS_LIMIT, MEDIA_TYPES, assign, attach, note, resolve
from fengqiao.domain.message import CaseProgress
from fengqiao.domain.text import TEXT_LENGTH, TITLE_LENGTH
from tests.unit.domain.refusals import faults_of, refusal_of
from tests.unit.samples import CITY, EAST, EAST_HILL, NOON, facts, in_state, number, offered, registered, seen_by

LATER = NOON + timedelta(hours=2)
ASSIGN = AssignCase(number(1), "roads")
NOTE = AddNote(number(1), "已到现场。")
ATTACH = AttachFile(number(1), "ab" * 32, 1024, "image/jpeg", "现场.jpg")
RESOLVE = ResolveCase(number(1), "路灯已修复。", ClosingKind.EXPLAINED)
HELD = replace(registered(EAST), audience=frozenset({CITY, EAST_HILL}))

Act = Callable[[CaseFile], CaseDecision]


def test_an_assignment_gives_the_case_to_a_unit() -> None:
    case = assign(HELD, ASSIGN, facts(EAST, at=LATER)).file.case
    assert (case.state, case.unit, case.version, case.updated_at) == (CaseState.ASSIGNED, "roads", 2, LATER)


def test_the_first_assignment_fixes_the_first_receiver_and_no_later_one_changes_it() -> None:
    first = assign(HELD, ASSIGN, facts(EAST)).file
    assert first.case.first_receiver == FirstReceiver(EAST, "roads", fixed=True)
    again = assign(first, AssignCase(number(1), "water"), facts(EAST)).file
    assert (again.case.unit, again.case.first_receiver) == ("water", FirstReceiver(EAST, "roads", fixed=True))


def test_a_centre_that_accepted_an_unassigned_case_becomes_its_first_receiver_by_assigning() -> None:
    held = replace(registered(EAST_HILL), case=replace(registered(EAST_HILL).case, holder=EAST, epoch=2))
    assert assign(held, ASSIGN, facts(EAST)).file.case.first_receiver == FirstReceiver(EAST, "roads", fixed=True)


def test_resolving_closes_the_case_with_its_result() -> None:
    case = resolve(HELD, RESOLVE, facts(EAST, at=LATER)).file.case
    assert (case.state, case.closing, case.result) == (CaseState.RESOLVED, ClosingKind.EXPLAINED, "路灯已修复。")
    assert (case.resolved_at, case.updated_at, case.version) == (LATER, LATER, 2)


@pytest.mark.parametrize(
    "act", [lambda file: note(file, NOTE, facts(EAST)), lambda file: attach(file, ATTACH, facts(EAST))]
)
def test_a_journal_that_has_to_fit_into_an_offer_takes_no_more_facts(act: Act) -> None:
    assert act(replace(HELD, journal_length=FACTS_LIMIT - 1)).events
    with pytest.raises(Refusal, match="facts_full"):
        act(replace(HELD, journal_length=FACTS_LIMIT))


@pytest.mark.parametrize(
    "act", [lambda file: note(file, NOTE, facts(EAST)), lambda file: attach(file, ATTACH, facts(EAST))]
)
def test_a_fact_leaves_the_state_and_its_version_alone(act: Act) -> None:
    assert act(HELD).file == HELD


@pytest.mark.parametrize(
    ("act", "kind", "details"),
    [
        (lambda file: assign(file, ASSIGN, facts(EAST)), EventKind.ASSIGNED, {"unit": "roads"}),
        (lambda file: note(file, NOTE, facts(EAST)), EventKind.NOTED, {"text": "已到现场。"}),
        (
            lambda file: attach(file, ATTACH, facts(EAST)),
            EventKind.ATTACHED,
            {"sha256": "ab" * 32, "size": "1024", "media_type": "image/jpeg", "name": "现场.jpg"},
        ),
        (
            lambda file: resolve(file, RESOLVE, facts(EAST)),
            EventKind.RESOLVED,
            {"closing": "explained", "result": "路灯已修复。"},
        ),
    ],
)
def test_each_change_is_one_event_and_is_told_to_each_who_follows(
    act: Act, kind: EventKind, details: dict[str, str]
) -> None:
    decision = act(HELD)
    (event,) = decision.events
    assert (event.kind, event.details, event.id, event.subject) == (kind, details, number(900), number(1))
    told = CaseProgress(decision.file.case, (event,))
    assert decision.outgoing == (Outgoing(CITY, told, urgent=False), Outgoing(EAST_HILL, told, urgent=False))


def test_an_urgent_case_travels_urgently() -> None:
    held = replace(registered(EAST, urgent=True), audience=frozenset({CITY}))
    assert [outgoing.urgent for outgoing in note(held, NOTE, facts(EAST)).outgoing] == [True]


def test_during_an_offer_facts_may_be_added_and_reach_whom_it_is_offered_to() -> None:
    waiting = offered(registered(EAST), CITY)
    assert [outgoing.to for outgoing in note(waiting, NOTE, facts(EAST)).outgoing] == [CITY]


@pytest.mark.parametrize("state", CaseState)
def test_whoever_follows_may_add_facts_in_every_state(state: CaseState) -> None:
    following = seen_by(in_state(registered(EAST), state).case, Role.FOLLOWER, EAST)
    assert note(following, NOTE, facts(CITY)).events[0].centre == CITY
    assert attach(following, ATTACH, facts(CITY)).events[0].centre == CITY


def test_a_candidate_that_followed_before_may_still_add_facts() -> None:
    waiting = offered(registered(EAST_HILL), EAST)
    assert note(seen_by(waiting.case, Role.CANDIDATE, EAST_HILL, CITY), NOTE, facts(EAST)).outgoing != ()
    refusal = refusal_of(note, seen_by(waiting.case, Role.CANDIDATE), NOTE, facts(EAST))
    assert (refusal.kind, refusal.code) == (Kind.STATE, "case_unanswered")


@pytest.mark.parametrize(
    ("rule", "command"),
    [(assign, AssignCase(number(1), "roads", 0)), (resolve, ResolveCase(number(1), "好", seen_version=3))],
)
def test_a_command_from_an_older_view_is_stale(rule: Callable[..., CaseDecision], command: object) -> None:
    refusal = refusal_of(rule, HELD, command, facts(EAST))
    assert (refusal.kind, refusal.code, refusal.params["current"]) == (Kind.STALE, "case_stale", "1")


def test_a_command_from_the_current_view_is_carried_out() -> None:
    assert assign(HELD, AssignCase(number(1), "roads", 1), facts(EAST)).file.case.version == 2


@pytest.mark.parametrize(
    ("rule", "command", "fault"),
    [
        (assign, AssignCase(number(1), "justice"), ("unit", "unit_unknown")),
        (assign, AssignCase(number(1), ""), ("unit", "unit_unknown")),
        (note, AddNote(number(1), ""), ("text", "text_empty")),
        (note, AddNote(number(1), " \x00 "), ("text", "text_empty")),
        (note, AddNote(number(1), "灯" * (TEXT_LENGTH + 1)), ("text", "text_too_long")),
        (resolve, ResolveCase(number(1), ""), ("result", "text_empty")),
        (resolve, ResolveCase(number(1), "灯" * (TEXT_LENGTH + 1)), ("result", "text_too_long")),
        (attach, replace(ATTACH, name=""), ("name", "text_empty")),
        (attach, replace(ATTACH, name="灯" * (TITLE_LENGTH + 1)), ("name", "text_too_long")),
        (attach, replace(ATTACH, sha256="AB" * 32), ("sha256", "hash_wrong")),
        (attach, replace(ATTACH, sha256="ab" * 31), ("sha256", "hash_wrong")),
        (attach, replace(ATTACH, sha256="ab" * 32 + "\n"), ("sha256", "hash_wrong")),
        (attach, replace(ATTACH, media_type="text/html"), ("media_type", "media_type_refused")),
        (attach, replace(ATTACH, size_bytes=0), ("content", "text_empty")),
        (attach, replace(ATTACH, size_bytes=ATTACHMENT_BYTES_LIMIT + 1), ("content", "attachment_too_large")),
    ],
)
def test_a_wrong_field_is_refused_by_its_name(
    rule: Callable[..., CaseDecision], command: object, fault: tuple[str, str]
) -> None:
    refusal = refusal_of(rule, HELD, command, facts(EAST))
    assert refusal.kind is Kind.INVALID
    assert faults_of(refusal) == [fault]


def test_an_attachment_of_exactly_the_limit_is_taken() -> None:
    assert attach(HELD, replace(ATTACH, size_bytes=ATTACHMENT_BYTES_LIMIT), facts(EAST)).events


def test_nothing_that_a_browser_would_run_is_among_the_accepted_types() -> None:
    assert not {"text/html", "image/svg+xml", "application/javascript", "application/xhtml+xml"} & MEDIA_TYPES
