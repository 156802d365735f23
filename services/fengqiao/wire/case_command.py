"""Commands on a case, domain <-> the requests of CaseService. Texts are judged by the rules, not here."""

from collections.abc import Callable
from datetime import datetime
from typing import cast
from uuid import UUID

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from fengqiao.domain.case import CaseKind, Channel, RequestType
from fengqiao.domain.command import (
    AcceptOffer,
    AddNote,
    AssignCase,
    AttachFile,
    OfferCase,
    RefuseOffer,
    RegisterCase,
    ResolveCase,
    WithdrawOffer,
)
from fengqiao.domain.course_command import CourseCommand
from fengqiao.proto.v1 import case_service_pb2 as pb
from fengqiao.wire.case import (
    CASE_KINDS,
    CHANNELS,
    CLOSING_KINDS,
    DIRECTIONS,
    REQUEST_TYPES,
    contact_from_wire,
    contact_to_wire,
)
from fengqiao.wire.course_command import COMMANDS, course_command_from_wire, course_command_to_wire
from fengqiao.wire.fields import Fields
from fengqiao.wire.value import stamp

VersionedRequest = (
    pb.AssignCaseRequest
    | pb.OfferCaseRequest
    | pb.WithdrawOfferRequest
    | pb.AcceptOfferRequest
    | pb.RefuseOfferRequest
    | pb.ResolveCaseRequest
)
CaseRequest = VersionedRequest | pb.AddNoteRequest


BasicCommand = AssignCase | AddNote | OfferCase | WithdrawOffer | AcceptOffer | RefuseOffer | ResolveCase
PlainCommand = BasicCommand | CourseCommand
"""The commands on a case that exists, but for the attaching of a file, which comes with a content."""


def register_from_wire(fields: Fields, request: pb.RegisterCaseRequest, new_id: Callable[[], UUID]) -> RegisterCase:
    """Read the command to take a case in; what is not given is a request for help that came to the desk."""
    return RegisterCase(
        case_id=fields.id("case_id", request.case_id, new_id),
        title=request.title,
        text=request.text,
        kind=fields.value("kind", CASE_KINDS, request.kind, CaseKind.REQUEST),
        request_type=fields.value("request_type", REQUEST_TYPES, request.request_type, RequestType.HELP),
        channel=fields.value("channel", CHANNELS, request.channel, Channel.DESK),
        place=request.place,
        urgent=request.urgent,
        unit=request.unit,
        contact=contact_from_wire(request.contact),
        reference=request.reference,
    )


def command_from_wire(fields: Fields, request: Message, new_id: Callable[[], UUID]) -> PlainCommand:
    """Read a command on a case that exists; a file with its content has `attach_from_wire`."""
    if type(request).__name__ in COMMANDS:
        return course_command_from_wire(fields, request, new_id)
    return _basic_from_wire(fields, cast("CaseRequest", request), new_id)


def _basic_from_wire(fields: Fields, request: CaseRequest, new_id: Callable[[], UUID]) -> BasicCommand:
    case_id = fields.id("case_id", request.case_id)
    if isinstance(request, pb.AddNoteRequest):
        return AddNote(case_id, request.text)
    seen = request.seen_version if request.HasField("seen_version") else None
    match request:
        case pb.AssignCaseRequest():
            return AssignCase(case_id, request.unit, seen)
        case pb.OfferCaseRequest():
            offer_id = fields.id("offer_id", request.offer_id, new_id)
            direction = fields.value("direction", DIRECTIONS, request.direction)
            return OfferCase(case_id, offer_id, direction, request.reason, request.to, seen)
        case pb.WithdrawOfferRequest():
            return WithdrawOffer(case_id, seen)
        case pb.AcceptOfferRequest():
            return AcceptOffer(case_id, seen)
        case pb.RefuseOfferRequest():
            return RefuseOffer(case_id, request.reason, seen)
        case pb.ResolveCaseRequest():
            closing = fields.value("closing", CLOSING_KINDS, request.closing)
            return ResolveCase(case_id, request.result, closing, seen)


def attach_from_wire(fields: Fields, request: pb.AttachFileRequest) -> AttachFile:
    """Read the command to attach a file; the hash is as the caller gave it, and may be empty."""
    case_id = fields.id("case_id", request.case_id)
    return AttachFile(case_id, request.sha256, len(request.content), request.media_type, request.name)


def register_to_wire(command: RegisterCase, actor: str, at: datetime | None) -> pb.RegisterCaseRequest:
    """Write the request to take a case in."""
    return pb.RegisterCaseRequest(
        actor=actor,
        at=_at(at),
        case_id=str(command.case_id),
        title=command.title,
        text=command.text,
        kind=CASE_KINDS.number[command.kind],
        request_type=REQUEST_TYPES.number[command.request_type],
        channel=CHANNELS.number[command.channel],
        place=command.place,
        urgent=command.urgent,
        unit=command.unit,
        contact=contact_to_wire(command.contact),
        reference=command.reference,
    )


def attach_to_wire(command: AttachFile, content: bytes, actor: str, at: datetime | None) -> pb.AttachFileRequest:
    """Write the request to attach a file with its content."""
    return pb.AttachFileRequest(
        actor=actor,
        at=_at(at),
        case_id=str(command.case_id),
        name=command.name,
        media_type=command.media_type,
        content=content,
        sha256=command.sha256,
    )


def command_to_wire(command: PlainCommand, actor: str, at: datetime | None) -> Message:
    """Write the request of a command on a case that exists; a file with its content has `attach_to_wire`."""
    if isinstance(command, CourseCommand):
        return course_command_to_wire(command, actor, at)
    return _basic_to_wire(command, actor, at)


def _basic_to_wire(command: BasicCommand, actor: str, at: datetime | None) -> Message:
    case_id, when = str(command.case_id), _at(at)
    match command:
        case AddNote(_, text):
            return pb.AddNoteRequest(actor=actor, at=when, case_id=case_id, text=text)
        case AssignCase(_, unit, seen):
            return pb.AssignCaseRequest(actor=actor, at=when, case_id=case_id, seen_version=seen, unit=unit)
        case WithdrawOffer(_, seen):
            return pb.WithdrawOfferRequest(actor=actor, at=when, case_id=case_id, seen_version=seen)
        case AcceptOffer(_, seen):
            return pb.AcceptOfferRequest(actor=actor, at=when, case_id=case_id, seen_version=seen)
        case RefuseOffer(_, reason, seen):
            return pb.RefuseOfferRequest(actor=actor, at=when, case_id=case_id, seen_version=seen, reason=reason)
        case ResolveCase(_, result, closing, seen):
            number = CLOSING_KINDS.number[closing]
            return pb.ResolveCaseRequest(
                actor=actor, at=when, case_id=case_id, seen_version=seen, result=result, closing=number
            )
        case OfferCase():
            return pb.OfferCaseRequest(
                actor=actor,
                at=when,
                case_id=case_id,
                seen_version=command.seen_version,
                offer_id=str(command.offer_id),
                direction=DIRECTIONS.number[command.direction],
                to=command.to,
                reason=command.reason,
            )


def _at(at: datetime | None) -> Timestamp | None:
    return stamp(at) if at is not None else None
