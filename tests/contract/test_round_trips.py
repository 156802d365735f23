"""What is written is read as it was: every value of the domain that crosses an edge or the API."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.domain.case import CaseFile
from fengqiao.domain.command import AttachFile, DirectiveCommand, IssueDirective, RegisterCase
from fengqiao.domain.directive import DirectiveFile
from fengqiao.domain.edition import Edition, EditionCommand
from fengqiao.domain.errors import Refusal
from fengqiao.domain.event import Event, canonical
from fengqiao.proto.v1 import case_service_pb2, directive_service_pb2, event_pb2
from fengqiao.wire.case import case_file_from_wire, case_file_to_wire
from fengqiao.wire.case_command import (
    PlainCommand,
    attach_from_wire,
    attach_to_wire,
    command_from_wire,
    command_to_wire,
    register_from_wire,
    register_to_wire,
)
from fengqiao.wire.directive import directive_file_from_wire, directive_file_to_wire
from fengqiao.wire.directive_command import (
    directive_command_from_wire,
    directive_command_to_wire,
    issue_from_wire,
    issue_to_wire,
)
from fengqiao.wire.edition import edition_from_wire, edition_to_wire
from fengqiao.wire.edition_command import edition_command_from_wire, edition_command_to_wire
from fengqiao.wire.envelope import (
    SCHEMA,
    Message,
    body_bytes,
    decode_envelope,
    decode_heading,
    envelope_bytes,
    message_subject,
    message_type,
    receipt_bytes,
    with_receipt,
)
from fengqiao.wire.event import entry_from_wire, entry_to_wire, event_from_wire, write_event
from fengqiao.wire.fields import Fields
from fengqiao.wire.problem import problem_from_wire, problem_to_wire
from fengqiao.wire.value import instant, stamp
from tests.contract import strategies

NOON = datetime(2026, 11, 23, 4, 0, 0, 123456, UTC)
positions = st.integers(1, 2**63 - 1)


@given(strategies.instants)
def test_an_instant_keeps_its_microseconds_and_comes_back_in_utc(at: datetime) -> None:
    back = instant(Timestamp.FromString(stamp(at).SerializeToString()))
    assert back == at
    assert back.tzinfo is UTC


@given(strategies.events)
def test_the_canonical_bytes_of_an_event_survive_the_wire(event: Event) -> None:
    wire = event_pb2.Event()
    write_event(wire, event)
    back = event_from_wire(event_pb2.Event.FromString(wire.SerializeToString()))
    assert back == event
    assert canonical(back) == canonical(event)


@given(strategies.counts, strategies.events, strategies.hashes, strategies.instants)
def test_a_journal_entry_comes_back_as_it_was(position: int, event: Event, hash_: bytes, at: datetime) -> None:
    assert entry_from_wire(entry_to_wire(position, event, hash_, at)) == (position, event, hash_, at)


@given(strategies.editions)
def test_an_edition_comes_back_as_it_was(edition: Edition) -> None:
    assert edition_from_wire(edition_to_wire(edition)) == edition


@given(strategies.edition_commands)
def test_a_command_on_a_book_comes_back_as_it_was(command: EditionCommand) -> None:
    fields = Fields()
    assert edition_command_from_wire(fields, edition_command_to_wire(command, "王敏")) == command
    fields.check()


@given(strategies.case_files)
def test_a_case_file_comes_back_as_it_was(file: CaseFile) -> None:
    assert case_file_from_wire(case_file_to_wire(file)) == file


@given(strategies.directive_files, strategies.codes)
def test_a_directive_comes_back_as_it_was(file: DirectiveFile, centre: str) -> None:
    assert directive_file_from_wire(directive_file_to_wire(file, centre)) == file


@given(strategies.messages, positions, st.integers(0, 2**63 - 1), strategies.instants, st.booleans())
def test_an_envelope_comes_back_as_it_was(
    message: Message, seq: int, receipt: int, sent_at: datetime, urgent: bool
) -> None:
    id_, parent = uuid4(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    read = decode_envelope(
        envelope_bytes(
            body_bytes(message),
            id=id_,
            sender="371403001",
            receiver="371403",
            seq=seq,
            receipt=receipt,
            sent_at=sent_at,
            urgent=urgent,
            traceparent=parent,
        )
    )
    assert read.message == message
    assert (read.id, read.sender, read.receiver, read.seq, read.receipt) == (id_, "371403001", "371403", seq, receipt)
    assert (read.type, read.subject) == (message_type(message), message_subject(message))
    assert (read.urgent, read.sent_at, read.schema, read.traceparent) == (urgent, sent_at, SCHEMA, parent)
    assert not read.is_receipt


@given(strategies.messages)
def test_a_heading_is_read_without_its_body(message: Message) -> None:
    written = envelope_bytes(
        body_bytes(message), id=uuid4(), sender="371403", receiver="371400", seq=7, receipt=3, sent_at=NOON
    )
    heading = decode_heading(written)
    assert (heading.seq, heading.type, heading.message) == (7, message_type(message), None)


@given(strategies.messages, st.integers(0, 2**62), st.integers(1, 2**62))
def test_a_newer_receipt_replaces_the_one_that_was_written(message: Message, old: int, new: int) -> None:
    written = envelope_bytes(
        body_bytes(message), id=uuid4(), sender="371403", receiver="371400", seq=7, receipt=old, sent_at=NOON
    )
    assert decode_envelope(with_receipt(written, new)).receipt == new
    assert decode_envelope(with_receipt(written, new)).message == message


def test_a_pure_receipt_has_no_number_no_subject_and_no_message() -> None:
    id_ = uuid4()
    read = decode_envelope(receipt_bytes(id=id_, sender="371403", receiver="371400", receipt=12, sent_at=NOON))
    assert (read.id, read.seq, read.receipt, read.subject, read.message) == (id_, 0, 12, None, None)
    assert read.is_receipt


@given(strategies.refusals)
def test_a_refusal_keeps_kind_code_parameters_and_fields(refusal: Refusal) -> None:
    back = problem_from_wire(problem_to_wire(refusal))
    assert (back.kind, back.code, back.params, back.violations) == (
        refusal.kind,
        refusal.code,
        refusal.params,
        refusal.violations,
    )


@given(strategies.registrations, strategies.instants)
def test_the_command_to_register_comes_back_as_it_was(command: RegisterCase, at: datetime) -> None:
    request = register_to_wire(command, "王敏", at)
    fields = Fields()
    assert register_from_wire(fields, request, uuid4) == command
    assert (request.actor, instant(request.at), fields.violations) == ("王敏", at, [])


@given(strategies.case_commands)
def test_a_command_on_a_case_comes_back_as_it_was(command: PlainCommand) -> None:
    request = command_to_wire(command, "王敏", None)
    assert type(request).__name__ == f"{type(command).__name__}Request"
    again = getattr(case_service_pb2, type(request).__name__).FromString(request.SerializeToString())
    fields = Fields()
    assert command_from_wire(fields, again, uuid4) == command
    assert fields.violations == []
    assert not again.HasField("at")


@given(strategies.ids, strategies.texts, st.binary(max_size=50))
def test_the_command_to_attach_comes_back_with_the_size_of_its_content(case: UUID, name: str, content: bytes) -> None:
    command = AttachFile(case, "", len(content), "image/png", name)
    request = attach_to_wire(command, content, "王敏", NOON)
    assert attach_from_wire(Fields(), request) == command
    assert request.content == content


@given(strategies.issues)
def test_the_command_to_issue_comes_back_as_it_was(command: IssueDirective) -> None:
    fields = Fields()
    assert issue_from_wire(fields, issue_to_wire(command, "王敏", None), uuid4) == command
    assert fields.violations == []


@given(strategies.directive_commands)
def test_a_command_on_a_directive_comes_back_as_it_was(command: DirectiveCommand) -> None:
    request = directive_command_to_wire(command, "王敏", NOON)
    again = getattr(directive_service_pb2, type(request).__name__).FromString(request.SerializeToString())
    assert directive_command_from_wire(Fields(), again) == command
