"""Directives, domain <-> protobuf (DESIGN section 3)."""

from fengqiao.domain.directive import (
    Directive,
    DirectiveCommandName,
    DirectiveFile,
    DirectiveState,
    allowed_directive_commands,
)
from fengqiao.proto.v1 import directive_pb2
from fengqiao.wire.value import Pairing, instant, uuid_of, write_instant

DIRECTIVE_STATES = Pairing(DirectiveState, directive_pb2.DirectiveState, "DIRECTIVE_STATE")
DIRECTIVE_COMMAND_NAMES = Pairing(DirectiveCommandName, directive_pb2.DirectiveCommandName, "DIRECTIVE_COMMAND_NAME")


def write_directive(wire: directive_pb2.Directive, directive: Directive) -> None:
    """Write the shared state of a directive into its place."""
    wire.id = str(directive.id)
    wire.number = directive.number
    wire.issuer = directive.issuer
    wire.recipient = directive.recipient
    wire.unit = directive.unit
    wire.title = directive.title
    wire.text = directive.text
    wire.cases.extend(str(case) for case in directive.cases)
    wire.urgent = directive.urgent
    wire.state = DIRECTIVE_STATES.number[directive.state]
    wire.version = directive.version
    wire.report = directive.report
    write_instant(wire.issued_at, directive.issued_at)
    write_instant(wire.due_at, directive.due_at)
    write_instant(wire.updated_at, directive.updated_at)


def directive_to_wire(directive: Directive) -> directive_pb2.Directive:
    """Write the shared state of a directive as a message of its own."""
    wire = directive_pb2.Directive()
    write_directive(wire, directive)
    return wire


def directive_from_wire(wire: directive_pb2.Directive) -> Directive:
    """Read the shared state of a directive; raises ValueError or NewerValue."""
    return Directive(
        id=uuid_of(wire.id),
        number=wire.number,
        issuer=wire.issuer,
        recipient=wire.recipient,
        unit=wire.unit,
        title=wire.title,
        text=wire.text,
        cases=tuple([uuid_of(case) for case in wire.cases]),
        urgent=wire.urgent,
        state=DIRECTIVE_STATES.value(wire.state),
        version=wire.version,
        report=wire.report,
        issued_at=instant(wire.issued_at),
        due_at=instant(wire.due_at),
        updated_at=instant(wire.updated_at),
    )


def directive_file_to_wire(file: DirectiveFile, centre: str) -> directive_pb2.DirectiveFile:
    """Write what one side knows of a directive, with the commands that `centre` may give now."""
    allowed = allowed_directive_commands(file.directive, centre)
    wire = directive_pb2.DirectiveFile(
        journal_length=file.journal_length,
        journal_hash=file.journal_hash,
        allowed=[DIRECTIVE_COMMAND_NAMES.number[name] for name in allowed],
    )
    write_directive(wire.directive, file.directive)
    return wire


def directive_file_from_wire(wire: directive_pb2.DirectiveFile) -> DirectiveFile:
    """Read what one side knows of a directive; raises ValueError or NewerValue."""
    return DirectiveFile(directive_from_wire(wire.directive), wire.journal_length, wire.journal_hash)
