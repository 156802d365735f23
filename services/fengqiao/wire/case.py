"""Cases and case files, domain <-> protobuf (DESIGN section 3)."""

from types import MappingProxyType

from fengqiao.domain.case import (
    Case,
    CaseFile,
    CaseKind,
    CaseState,
    Channel,
    CommandName,
    Contact,
    Direction,
    FirstReceiver,
    Offer,
    RequestType,
    Role,
)
from fengqiao.domain.course import ApplicationKind, ClosingKind, Course, Grade, SuspensionReason
from fengqiao.domain.transitions import allowed_commands
from fengqiao.proto.v1 import case_pb2, limit_pb2
from fengqiao.wire.limit import limit_from_wire, write_limit
from fengqiao.wire.mirrored import Pairings, read_value, write_value
from fengqiao.wire.value import Pairing, instant, uuid_of, write_instant

CASE_KINDS = Pairing(CaseKind, case_pb2.CaseKind, "CASE_KIND")
REQUEST_TYPES = Pairing(RequestType, case_pb2.RequestType, "REQUEST_TYPE")
CHANNELS = Pairing(Channel, case_pb2.Channel, "CHANNEL")
CASE_STATES = Pairing(CaseState, case_pb2.CaseState, "CASE_STATE")
CLOSING_KINDS = Pairing(ClosingKind, case_pb2.ClosingKind, "CLOSING_KIND")
DIRECTIONS = Pairing(Direction, case_pb2.Direction, "DIRECTION")
ROLES = Pairing(Role, case_pb2.Role, "ROLE")
COMMAND_NAMES = Pairing(CommandName, case_pb2.CommandName, "COMMAND_NAME")
GRADES = Pairing(Grade, case_pb2.Grade, "GRADE")
SUSPENSION_REASONS = Pairing(SuspensionReason, limit_pb2.SuspensionReason, "SUSPENSION_REASON")
APPLICATION_KINDS = Pairing(ApplicationKind, case_pb2.ApplicationKind, "APPLICATION_KIND")
COURSE_LISTS: Pairings = MappingProxyType(
    {
        ClosingKind: CLOSING_KINDS,
        Grade: GRADES,
        SuspensionReason: SUSPENSION_REASONS,
        ApplicationKind: APPLICATION_KINDS,
    }
)
"""The closed lists that a course and the commands on it use."""

_NEW = Course()


def write_case(wire: case_pb2.Case, case: Case) -> None:
    """Write the shared state of a case into its place."""
    wire.id = str(case.id)
    wire.number = case.number
    wire.origin = case.origin
    _write_first_receiver(wire.first_receiver, case.first_receiver)
    wire.holder = case.holder
    wire.epoch = case.epoch
    wire.version = case.version
    wire.state = CASE_STATES.number[case.state]
    wire.kind = CASE_KINDS.number[case.kind]
    wire.request_type = REQUEST_TYPES.number[case.request_type]
    wire.channel = CHANNELS.number[case.channel]
    wire.title = case.title
    wire.text = case.text
    wire.place = case.place
    wire.urgent = case.urgent
    wire.unit = case.unit
    if case.offer is not None:
        _write_offer(wire.offer, case.offer)
    if case.closing is not None:
        wire.closing = CLOSING_KINDS.number[case.closing]
    wire.result = case.result
    write_instant(wire.registered_at, case.registered_at)
    write_instant(wire.updated_at, case.updated_at)
    if case.resolved_at is not None:
        write_instant(wire.resolved_at, case.resolved_at)
    wire.reference = case.reference
    if case.course != _NEW:
        write_value(wire.course, case.course, COURSE_LISTS)
    for limit in case.limits:
        write_limit(wire.limits.add(), limit)


def case_from_wire(wire: case_pb2.Case) -> Case:
    """Read the shared state of a case; raises ValueError or NewerValue."""
    first = wire.first_receiver
    # In the order of the fields: naming 23 of them costs a tenth of the whole reading (measured).
    return Case(
        uuid_of(wire.id),
        wire.number,
        wire.origin,
        FirstReceiver(first.centre, first.unit, first.fixed),
        wire.holder,
        wire.epoch,
        wire.version,
        CASE_STATES.value(wire.state),
        CASE_KINDS.value(wire.kind),
        REQUEST_TYPES.value(wire.request_type),
        CHANNELS.value(wire.channel),
        wire.title,
        wire.text,
        wire.place,
        wire.urgent,
        wire.unit,
        _offer(wire.offer) if wire.HasField("offer") else None,
        CLOSING_KINDS.optional(wire.closing),
        wire.result,
        instant(wire.registered_at),
        instant(wire.updated_at),
        instant(wire.resolved_at) if wire.HasField("resolved_at") else None,
        wire.reference,
        read_value(wire.course, Course, COURSE_LISTS) if wire.HasField("course") else _NEW,
        tuple([limit_from_wire(limit) for limit in wire.limits]),
    )


def case_file_to_wire(file: CaseFile) -> case_pb2.CaseFile:
    """Write what one centre knows of a case, with the commands that it may give now."""
    wire = case_pb2.CaseFile(
        role=ROLES.number[file.role],
        audience=sorted(file.audience),
        journal_length=file.journal_length,
        journal_hash=file.journal_hash,
        allowed=[COMMAND_NAMES.number[name] for name in allowed_commands(file)],
    )
    write_case(wire.case, file.case)
    return wire


def case_file_from_wire(wire: case_pb2.CaseFile) -> CaseFile:
    """Read what one centre knows of a case; raises ValueError or NewerValue."""
    return CaseFile(
        case_from_wire(wire.case),
        ROLES.value(wire.role),
        frozenset(wire.audience),
        wire.journal_length,
        wire.journal_hash,
    )


def contact_to_wire(contact: Contact | None) -> case_pb2.Contact | None:
    """Write how the reporter may be reached, if that is known."""
    return case_pb2.Contact(name=contact.name, phone=contact.phone) if contact else None


def contact_from_wire(wire: case_pb2.Contact) -> Contact | None:
    """Read how the reporter may be reached; None when nothing is said."""
    return Contact(wire.name, wire.phone) if wire.name or wire.phone else None


def _write_first_receiver(wire: case_pb2.FirstReceiver, first: FirstReceiver) -> None:
    wire.centre = first.centre
    wire.unit = first.unit
    wire.fixed = first.fixed


def _write_offer(wire: case_pb2.Offer, offer: Offer) -> None:
    wire.id = str(offer.id)
    wire.to = offer.to
    wire.direction = DIRECTIONS.number[offer.direction]
    wire.epoch = offer.epoch
    wire.reason = offer.reason
    write_instant(wire.offered_at, offer.offered_at)
    wire.withdrawing = offer.withdrawing


def _offer(wire: case_pb2.Offer) -> Offer:
    return Offer(
        uuid_of(wire.id),
        wire.to,
        DIRECTIONS.value(wire.direction),
        wire.epoch,
        wire.reason,
        instant(wire.offered_at),
        wire.withdrawing,
    )
