"""Commands on a directive, domain <-> the requests of DirectiveService. Texts are judged by the rules, not here."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from google.protobuf.message import Message

from fengqiao.domain.command import (
    ApproveDirective,
    DirectiveCommand,
    IssueDirective,
    ReceiveDirective,
    ReportDirective,
    SendBackDirective,
)
from fengqiao.proto.v1 import directive_service_pb2 as pb
from fengqiao.wire.fields import Fields
from fengqiao.wire.value import stamp

DirectiveRequest = (
    pb.ReceiveDirectiveRequest | pb.ReportDirectiveRequest | pb.ApproveDirectiveRequest | pb.SendBackDirectiveRequest
)


def issue_from_wire(fields: Fields, request: pb.IssueDirectiveRequest, new_id: Callable[[], UUID]) -> IssueDirective:
    """Read the command to issue a directive."""
    return IssueDirective(
        directive_id=fields.id("directive_id", request.directive_id, new_id),
        recipient=request.recipient,
        unit=request.unit,
        title=request.title,
        text=request.text,
        due_at=fields.instant("due_at", request.due_at),
        cases=tuple(fields.id(f"cases[{position}]", case) for position, case in enumerate(request.cases)),
        urgent=request.urgent,
    )


def directive_command_from_wire(fields: Fields, request: DirectiveRequest) -> DirectiveCommand:
    """Read a command on a directive that exists."""
    directive_id = fields.id("directive_id", request.directive_id)
    seen = request.seen_version if request.HasField("seen_version") else None
    match request:
        case pb.ReceiveDirectiveRequest():
            return ReceiveDirective(directive_id, seen)
        case pb.ReportDirectiveRequest():
            return ReportDirective(directive_id, request.report, seen)
        case pb.ApproveDirectiveRequest():
            return ApproveDirective(directive_id, seen)
        case pb.SendBackDirectiveRequest():
            return SendBackDirective(directive_id, request.reason, seen)


def issue_to_wire(command: IssueDirective, actor: str, at: datetime | None) -> pb.IssueDirectiveRequest:
    """Write the request to issue a directive."""
    return pb.IssueDirectiveRequest(
        actor=actor,
        at=stamp(at) if at else None,
        directive_id=str(command.directive_id),
        recipient=command.recipient,
        unit=command.unit,
        title=command.title,
        text=command.text,
        due_at=stamp(command.due_at),
        cases=[str(case) for case in command.cases],
        urgent=command.urgent,
    )


def directive_command_to_wire(command: DirectiveCommand, actor: str, at: datetime | None) -> Message:
    """Write the request of a command on a directive that exists."""
    directive_id, when, seen = str(command.directive_id), stamp(at) if at else None, command.seen_version
    match command:
        case ReceiveDirective():
            return pb.ReceiveDirectiveRequest(actor=actor, at=when, directive_id=directive_id, seen_version=seen)
        case ReportDirective():
            return pb.ReportDirectiveRequest(
                actor=actor, at=when, directive_id=directive_id, seen_version=seen, report=command.report
            )
        case ApproveDirective():
            return pb.ApproveDirectiveRequest(actor=actor, at=when, directive_id=directive_id, seen_version=seen)
        case SendBackDirective():
            return pb.SendBackDirectiveRequest(
                actor=actor, at=when, directive_id=directive_id, seen_version=seen, reason=command.reason
            )
