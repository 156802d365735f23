"""Wrong fields of requests are named, all at once, with the sentences that the other doors use."""

from uuid import uuid4

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.text import NAME_LENGTH
from fengqiao.domain.words import Language
from fengqiao.proto.v1 import case_service_pb2 as pb
from fengqiao.proto.v1 import directive_service_pb2 as directive_pb
from fengqiao.rpc.case_queries import filter_from_wire
from fengqiao.rpc.requests import CommandRequest, actor_of
from fengqiao.wire.case_command import attach_from_wire, command_from_wire, register_from_wire
from fengqiao.wire.directive_command import directive_command_from_wire, issue_from_wire
from fengqiao.wire.fields import Fields

CASE = "01976f1e-8a4c-7d3e-9b1a-2f6c8d4e5a70"
BAD_TIME = Timestamp(seconds=10**15)
BAD_NANOS = Timestamp(seconds=1, nanos=-5)


def read(request: CommandRequest) -> None:
    """Read a request as its servicer does."""
    fields = Fields()
    actor_of(fields, request)
    match request:
        case pb.RegisterCaseRequest():
            register_from_wire(fields, request, uuid4)
        case pb.AttachFileRequest():
            attach_from_wire(fields, request)
        case directive_pb.IssueDirectiveRequest():
            issue_from_wire(fields, request, uuid4)
        case directive_pb.ReceiveDirectiveRequest() | directive_pb.ReportDirectiveRequest():
            directive_command_from_wire(fields, request)
        case pb.AddNoteRequest() | pb.OfferCaseRequest() | pb.ResolveCaseRequest() | pb.AssignCaseRequest():
            command_from_wire(fields, request, uuid4)
    fields.check()


@pytest.mark.parametrize(
    ("request_", "wrong"),
    [
        (pb.AddNoteRequest(case_id=CASE), {"actor": "text_empty"}),
        (pb.AddNoteRequest(actor=" \t\x00", case_id=CASE), {"actor": "text_empty"}),
        (pb.AddNoteRequest(actor="王" * (NAME_LENGTH + 1), case_id=CASE), {"actor": "text_too_long"}),
        (pb.AddNoteRequest(actor="王敏", case_id=""), {"case_id": "id_malformed"}),
        (pb.AddNoteRequest(actor="王敏", case_id="371403001-20261123-00012"), {"case_id": "id_malformed"}),
        (pb.AddNoteRequest(actor="王敏", case_id="{" + CASE[1:-1] + "}"), {"case_id": "id_malformed"}),
        (pb.AddNoteRequest(actor="王敏", case_id=CASE, at=BAD_TIME), {"at": "time_malformed"}),
        (pb.AddNoteRequest(actor="王敏", case_id=CASE, at=BAD_NANOS), {"at": "time_malformed"}),
        (
            pb.RegisterCaseRequest(actor="王敏", case_id="x", kind=99, request_type=99, channel=-1),  # type: ignore[arg-type]  # wrong on purpose
            {
                "case_id": "id_malformed",
                "kind": "enum_unknown",
                "request_type": "enum_unknown",
                "channel": "enum_unknown",
            },
        ),
        (pb.OfferCaseRequest(actor="王敏", case_id=CASE), {"direction": "enum_unknown"}),
        (
            pb.OfferCaseRequest(actor="王敏", case_id=CASE, offer_id="1", direction=7),  # type: ignore[arg-type]  # wrong on purpose
            {"offer_id": "id_malformed", "direction": "enum_unknown"},
        ),
        (pb.ResolveCaseRequest(actor="王敏", case_id=CASE, result="修好了"), {"closing": "enum_unknown"}),
        (pb.AttachFileRequest(actor="王敏", case_id="x"), {"case_id": "id_malformed"}),
        (pb.AssignCaseRequest(actor="", case_id="x"), {"actor": "text_empty", "case_id": "id_malformed"}),
        (
            directive_pb.IssueDirectiveRequest(
                actor="王敏", directive_id="x", due_at=BAD_TIME, cases=[CASE, "first", ""]
            ),
            {
                "directive_id": "id_malformed",
                "due_at": "time_malformed",
                "cases[1]": "id_malformed",
                "cases[2]": "id_malformed",
            },
        ),
        (directive_pb.ReceiveDirectiveRequest(actor="王敏"), {"directive_id": "id_malformed"}),
        (
            directive_pb.ReportDirectiveRequest(actor="", directive_id="?", at=BAD_TIME),
            {
                "actor": "text_empty",
                "at": "time_malformed",
                "directive_id": "id_malformed",
            },
        ),
    ],
)
def test_wrong_fields_are_named_all_at_once(request_: CommandRequest, wrong: dict[str, str]) -> None:
    with pytest.raises(Refusal) as caught:
        read(request_)
    assert caught.value.kind is Kind.INVALID
    assert {violation.field: violation.code for violation in caught.value.violations} == wrong
    for violation in caught.value.violations:
        assert violation.sentence(Language.ZH)
        assert violation.sentence(Language.EN)


def test_a_wrong_value_is_told_what_it_could_have_been() -> None:
    with pytest.raises(Refusal) as caught:
        read(pb.ResolveCaseRequest(actor="王敏", case_id=CASE, closing=9))  # type: ignore[arg-type]  # wrong on purpose
    [violation] = caught.value.violations
    assert violation.sentence(Language.EN) == (
        "There is no '9'; choose one of: solved, explained, referred, withdrawn."
    )


def test_what_is_left_out_of_a_registration_is_a_request_for_help_at_the_desk() -> None:
    fields, made = Fields(), uuid4()
    command = register_from_wire(fields, pb.RegisterCaseRequest(actor="王敏", title="路灯不亮"), lambda: made)
    fields.check()
    assert (command.case_id, command.kind, command.request_type, command.channel, command.contact) == (
        made,
        "request",
        "help",
        "desk",
        None,
    )


def test_wrong_criteria_of_a_list_are_named() -> None:
    fields = Fields()
    wrong = pb.CaseFilter(states=[77], kind=77, channel=77, registered_from=BAD_TIME)  # type: ignore[arg-type,list-item]  # wrong on purpose
    filter_from_wire(fields, wrong)
    assert {violation.field: violation.code for violation in fields.violations} == {
        "states": "enum_unknown",
        "kind": "enum_unknown",
        "channel": "enum_unknown",
        "registered_from": "time_malformed",
    }
