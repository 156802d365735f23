from dataclasses import replace

import pytest

from fengqiao.domain.case import CaseState, Contact, FirstReceiver, Role
from fengqiao.domain.command import RegisterCase
from fengqiao.domain.errors import Kind
from fengqiao.domain.event import GENESIS, EventKind
from fengqiao.domain.intake import check, register
from fengqiao.domain.text import NAME_LENGTH, TEXT_LENGTH, TITLE_LENGTH
from fengqiao.domain.unit import WINDOW
from tests.unit.domain.refusals import faults_of, refusal_of
from tests.unit.samples import EAST, EAST_HILL, NOON, facts, number

COMMAND = RegisterCase(number(1), "路灯不亮", "村口的路灯坏了三天。")


def test_a_new_case_is_held_where_it_was_taken_in() -> None:
    decision = register(COMMAND, 7, facts(EAST_HILL))
    file, case = decision.file, decision.file.case
    assert (case.origin, case.holder, case.epoch, case.version) == (EAST_HILL, EAST_HILL, 1, 1)
    assert (case.number, case.state, case.unit) == (f"{EAST_HILL}-20261123-00007", CaseState.REGISTERED, "")
    assert (case.offer, case.closing, case.result, case.resolved_at) == (None, None, "", None)
    assert (case.registered_at, case.updated_at) == (NOON, NOON)
    assert (file.role, file.audience, file.journal_length, file.journal_hash) == (Role.HOLDER, frozenset(), 0, GENESIS)
    assert decision.outgoing == ()
    (event,) = decision.events
    assert (event.kind, event.centre, event.actor, event.at, event.epoch) == (
        EventKind.REGISTERED,
        EAST_HILL,
        "王芳",
        NOON,
        1,
    )
    assert event.details == {"channel": "desk", "number": case.number, "unit": ""}


def test_the_window_answers_until_a_unit_is_named() -> None:
    assert register(COMMAND, 7, facts(EAST)).file.case.first_receiver == FirstReceiver(EAST, WINDOW, fixed=False)


def test_a_unit_named_at_once_is_the_first_receiver_for_good() -> None:
    case = register(replace(COMMAND, unit="roads"), 7, facts(EAST)).file.case
    assert case.first_receiver == FirstReceiver(EAST, "roads", fixed=True)
    assert (case.state, case.unit) == (CaseState.ASSIGNED, "roads")


def test_what_is_typed_is_cleaned_everywhere() -> None:
    command = replace(
        COMMAND,
        title=" 路灯\x00不亮 ",
        text="第一行\r\n第二行\x07",
        place="\t村口\x00",
        reference=" A-1\x00 ",
        contact=Contact(" 李\x00雷 ", " 138\x00 "),
    )
    decision = register(command, 7, facts())
    case = decision.file.case
    assert (case.title, case.text, case.place, case.reference) == ("路灯不亮", "第一行\n第二行", "村口", "A-1")
    assert decision.contact == Contact("李雷", "138")


def test_the_contact_stands_beside_the_case_and_in_no_event() -> None:
    decision = register(replace(COMMAND, contact=Contact("李雷", "13800000000")), 7, facts())
    assert decision.contact == Contact("李雷", "13800000000")
    assert "李雷" not in repr((decision.file, decision.events, decision.outgoing))


@pytest.mark.parametrize("contact", [None, Contact("", ""), Contact(" ", "\x00")])
def test_an_empty_contact_is_none(contact: Contact | None) -> None:
    assert register(replace(COMMAND, contact=contact), 7, facts()).contact is None


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        (replace(COMMAND, title=""), ("title", "text_empty")),
        (replace(COMMAND, title=" \x00\n "), ("title", "text_empty")),
        (replace(COMMAND, title="灯" * (TITLE_LENGTH + 1)), ("title", "text_too_long")),
        (replace(COMMAND, text=""), ("text", "text_empty")),
        (replace(COMMAND, text="灯" * (TEXT_LENGTH + 1)), ("text", "text_too_long")),
        (replace(COMMAND, place="灯" * (TITLE_LENGTH + 1)), ("place", "text_too_long")),
        (replace(COMMAND, reference="1" * (TITLE_LENGTH + 1)), ("reference", "text_too_long")),
        (replace(COMMAND, contact=Contact("李" * (NAME_LENGTH + 1), "")), ("contact.name", "text_too_long")),
        (replace(COMMAND, contact=Contact("", "1" * (NAME_LENGTH + 1))), ("contact.phone", "text_too_long")),
        (replace(COMMAND, unit="justice"), ("unit", "unit_unknown")),
    ],
)
def test_a_wrong_field_is_refused_by_its_name(command: RegisterCase, fault: tuple[str, str]) -> None:
    refusal = refusal_of(register, command, 7, facts(EAST))
    assert refusal.kind is Kind.INVALID
    assert faults_of(refusal) == [fault]


def test_all_wrong_fields_are_named_at_once_and_before_a_serial_is_drawn() -> None:
    command = replace(COMMAND, title="", text="", unit="justice")
    refusal = refusal_of(check, command, facts(EAST))
    assert faults_of(refusal) == [("title", "text_empty"), ("text", "text_empty"), ("unit", "unit_unknown")]
    assert refusal.params == {"count": "3"}


def test_texts_of_exactly_the_limit_are_taken() -> None:
    command = replace(COMMAND, title="灯" * TITLE_LENGTH, text="灯" * TEXT_LENGTH, place="灯" * TITLE_LENGTH)
    assert register(command, 7, facts()).file.case.text == "灯" * TEXT_LENGTH
