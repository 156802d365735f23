"""Envelopes: what travels between a centre and its parent (DESIGN section 4).

The body is written with the decision, before the message has a number. The relay puts the number in front of it: two
serialised pieces of one protobuf message, joined, are that message. So numbering never parses a body.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from google.protobuf.message import DecodeError

from fengqiao.domain.directive import DirectiveIssued, DirectiveMessage, DirectiveProgress
from fengqiao.domain.edition import CataloguePublished
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.message import (
    ArbitrationAsked,
    ArbitrationGiven,
    CaseMessage,
    CaseProgress,
    OfferAccepted,
    OfferMade,
    OfferRefused,
    OfferWithdrawn,
    WithdrawalAsked,
)
from fengqiao.proto.v1 import envelope_pb2
from fengqiao.wire.case import case_from_wire, write_case
from fengqiao.wire.directive import directive_from_wire, write_directive
from fengqiao.wire.edition import published_from_wire, write_published
from fengqiao.wire.event import events_from_wire, write_events
from fengqiao.wire.value import BIGINT, NewerValue, instant, stamp, uuid_of

Message = CaseMessage | DirectiveMessage | CataloguePublished
"""Everything that travels between a centre and its parent."""

SCHEMA = 3
"""The schema of envelopes that this release writes; raised when a body or a value of a closed list is added."""

RECEIPT = "receipt"
"""The type of an envelope that only carries a receipt."""

TYPES: Mapping[type[Message], str] = MappingProxyType(
    {
        OfferMade: "offer_made",
        OfferAccepted: "offer_accepted",
        OfferRefused: "offer_refused",
        WithdrawalAsked: "withdrawal_asked",
        OfferWithdrawn: "offer_withdrawn",
        CaseProgress: "case_progress",
        ArbitrationAsked: "arbitration_asked",
        ArbitrationGiven: "arbitration_given",
        DirectiveIssued: "directive_issued",
        DirectiveProgress: "directive_progress",
        CataloguePublished: "catalogue_published",
    }
)
"""The name of each message: that of its field in the envelope, and the last part of its CloudEvents type."""


@dataclass(frozen=True, slots=True)
class WireEnvelope:
    """An envelope as it was read.

    `message` is None for a pure receipt (`seq` 0, `subject` None), and for a body that only a newer release knows:
    `type` names it, and the verdict is later.
    """

    id: UUID
    sender: str
    receiver: str
    seq: int
    receipt: int
    subject: UUID | None
    type: str
    urgent: bool
    sent_at: datetime
    schema: int
    traceparent: str
    message: Message | None

    @property
    def is_receipt(self) -> bool:
        """Tell whether it only carries a receipt."""
        return self.seq == 0


def message_type(message: Message) -> str:
    """Give the name of a message, as it stands in the outbox and in the envelope."""
    return TYPES[type(message)]


def message_subject(message: Message) -> UUID:
    """Give the id of the case or of the directive that a message is about."""
    match message:
        case OfferMade() | OfferAccepted() | CaseProgress() | ArbitrationAsked():
            return message.case.id
        case OfferRefused() | WithdrawalAsked() | OfferWithdrawn() | ArbitrationGiven():
            return message.case_id
        case DirectiveIssued() | DirectiveProgress():
            return message.directive.id
        case CataloguePublished():
            return message.edition.id


def body_bytes(message: Message) -> bytes:
    """Write a message as the part of an envelope that needs no number; this is what the outbox keeps."""
    wire = envelope_pb2.Envelope(subject=str(message_subject(message)), type=message_type(message), schema=SCHEMA)
    _write_body(wire, message)
    return wire.SerializeToString()


def envelope_bytes(
    body: bytes,
    *,
    id: UUID,  # noqa: A002 - the name of the field
    sender: str,
    receiver: str,
    seq: int,
    receipt: int,
    sent_at: datetime,
    urgent: bool = False,
    traceparent: str = "",
) -> bytes:
    """Put the number and the addresses in front of a body that the outbox kept."""
    head = envelope_pb2.Envelope(
        id=str(id),
        sender=sender,
        receiver=receiver,
        seq=seq,
        receipt=receipt,
        sent_at=stamp(sent_at),
        urgent=urgent,
        traceparent=traceparent,
    )
    return head.SerializeToString() + body


def receipt_bytes(
    *,
    id: UUID,  # noqa: A002 - the name of the field
    sender: str,
    receiver: str,
    receipt: int,
    sent_at: datetime,
) -> bytes:
    """Write an envelope that only carries a receipt: it has no number and is not kept."""
    about = envelope_pb2.Envelope(type=RECEIPT, schema=SCHEMA).SerializeToString()
    return envelope_bytes(about, id=id, sender=sender, receiver=receiver, seq=0, receipt=receipt, sent_at=sent_at)


def with_receipt(envelope: bytes, receipt: int) -> bytes:
    """Give a written envelope a newer receipt before it is sent again: of a field written twice, the last counts."""
    return envelope + envelope_pb2.Envelope(receipt=receipt).SerializeToString()


def decode_envelope(envelope: bytes) -> WireEnvelope:
    """Read an envelope; raises INVALID message_unreadable for what is none, so that the verdict is never."""
    return _decoded(envelope, heading_only=False)


def decode_heading(envelope: bytes) -> WireEnvelope:
    """Read an envelope whose body can't be read, so that its number is not lost; `message` is None.

    Raises INVALID message_unreadable when not even the heading can be read.
    """
    return _decoded(envelope, heading_only=True)


def _decoded(envelope: bytes, *, heading_only: bool) -> WireEnvelope:
    try:
        return _read(envelope_pb2.Envelope.FromString(envelope), heading_only=heading_only)
    except (DecodeError, ValueError) as error:
        raise Refusal(Kind.INVALID, "message_unreadable", {"detail": str(error) or type(error).__name__}) from error


def _read(wire: envelope_pb2.Envelope, *, heading_only: bool) -> WireEnvelope:
    seq, receipt, kind, subject_text = wire.seq, wire.receipt, wire.type, wire.subject
    if not (wire.sender and wire.receiver and kind):
        raise ValueError("sender, receiver or type is missing")
    if seq >= BIGINT or receipt >= BIGINT:
        raise ValueError("seq or receipt out of range")
    if (seq == 0) != (kind == RECEIPT):
        raise ValueError(f"{kind} with seq {seq}")
    subject = uuid_of(subject_text) if seq else None
    return WireEnvelope(
        uuid_of(wire.id),
        wire.sender,
        wire.receiver,
        seq,
        receipt,
        subject,
        kind,
        wire.urgent,
        instant(wire.sent_at),
        wire.schema,
        wire.traceparent,
        _message(wire, kind, subject) if subject and not heading_only else None,
    )


def _message(wire: envelope_pb2.Envelope, kind: str, subject: UUID) -> Message | None:
    reader = _READERS.get(kind)
    if reader is None:
        return None
    if wire.WhichOneof("body") != kind:
        raise ValueError(f"{kind} without its body")
    try:
        message = reader(wire)
    except NewerValue:
        return None
    if message_subject(message) != subject:
        raise ValueError(f"{kind} about another subject")
    return message


def _write_body(wire: envelope_pb2.Envelope, message: Message) -> None:
    match message:
        case CaseProgress():
            _write_told(wire.case_progress, message)
        case OfferMade():
            _write_told(wire.offer_made, message)
        case OfferAccepted():
            write_case(wire.offer_accepted.case, message.case)
            wire.offer_accepted.offer_id = str(message.offer_id)
            write_events(wire.offer_accepted.events, message.events)
        case OfferRefused():
            _write_answer(wire.offer_refused, message)
        case WithdrawalAsked():
            _write_answer(wire.withdrawal_asked, message)
        case OfferWithdrawn():
            _write_answer(wire.offer_withdrawn, message)
        case ArbitrationAsked():
            _write_told(wire.arbitration_asked, message)
        case ArbitrationGiven():
            wire.arbitration_given.case_id = str(message.case_id)
            wire.arbitration_given.arbitration_id = str(message.arbitration_id)
            wire.arbitration_given.unit = message.unit
            write_events(wire.arbitration_given.events, message.events)
        case DirectiveIssued() | DirectiveProgress() | CataloguePublished():
            _write_turn(wire, message)


def _write_turn(wire: envelope_pb2.Envelope, message: DirectiveMessage | CataloguePublished) -> None:
    if isinstance(message, CataloguePublished):
        write_published(wire.catalogue_published, message)
        return
    body = wire.directive_issued if isinstance(message, DirectiveIssued) else wire.directive_progress
    write_directive(body.directive, message.directive)
    write_events(body.events, message.events)


def _write_told(
    wire: envelope_pb2.CaseProgress | envelope_pb2.OfferMade | envelope_pb2.ArbitrationAsked,
    message: CaseProgress | OfferMade | ArbitrationAsked,
) -> None:
    write_case(wire.case, message.case)
    write_events(wire.events, message.events)


def _write_answer(
    wire: envelope_pb2.OfferRefused | envelope_pb2.WithdrawalAsked | envelope_pb2.OfferWithdrawn,
    message: OfferRefused | WithdrawalAsked | OfferWithdrawn,
) -> None:
    wire.case_id = str(message.case_id)
    wire.offer_id = str(message.offer_id)
    write_events(wire.events, message.events)


def _offer_made(wire: envelope_pb2.Envelope) -> CaseMessage:
    body = wire.offer_made
    return OfferMade(case_from_wire(body.case), events_from_wire(body.events))


def _offer_accepted(wire: envelope_pb2.Envelope) -> CaseMessage:
    body = wire.offer_accepted
    return OfferAccepted(case_from_wire(body.case), uuid_of(body.offer_id), events_from_wire(body.events))


def _offer_refused(wire: envelope_pb2.Envelope) -> CaseMessage:
    body = wire.offer_refused
    return OfferRefused(uuid_of(body.case_id), uuid_of(body.offer_id), events_from_wire(body.events))


def _withdrawal_asked(wire: envelope_pb2.Envelope) -> CaseMessage:
    body = wire.withdrawal_asked
    return WithdrawalAsked(uuid_of(body.case_id), uuid_of(body.offer_id), events_from_wire(body.events))


def _offer_withdrawn(wire: envelope_pb2.Envelope) -> CaseMessage:
    body = wire.offer_withdrawn
    return OfferWithdrawn(uuid_of(body.case_id), uuid_of(body.offer_id), events_from_wire(body.events))


def _case_progress(wire: envelope_pb2.Envelope) -> CaseMessage:
    body = wire.case_progress
    return CaseProgress(case_from_wire(body.case), events_from_wire(body.events))


def _arbitration_asked(wire: envelope_pb2.Envelope) -> CaseMessage:
    body = wire.arbitration_asked
    return ArbitrationAsked(case_from_wire(body.case), events_from_wire(body.events))


def _arbitration_given(wire: envelope_pb2.Envelope) -> CaseMessage:
    body = wire.arbitration_given
    return ArbitrationGiven(
        uuid_of(body.case_id), uuid_of(body.arbitration_id), body.unit, events_from_wire(body.events)
    )


def _directive_issued(wire: envelope_pb2.Envelope) -> DirectiveMessage:
    body = wire.directive_issued
    return DirectiveIssued(directive_from_wire(body.directive), events_from_wire(body.events))


def _directive_progress(wire: envelope_pb2.Envelope) -> DirectiveMessage:
    body = wire.directive_progress
    return DirectiveProgress(directive_from_wire(body.directive), events_from_wire(body.events))


_READERS: Mapping[str, Callable[[envelope_pb2.Envelope], Message]] = MappingProxyType(
    {
        "offer_made": _offer_made,
        "offer_accepted": _offer_accepted,
        "offer_refused": _offer_refused,
        "withdrawal_asked": _withdrawal_asked,
        "offer_withdrawn": _offer_withdrawn,
        "case_progress": _case_progress,
        "arbitration_asked": _arbitration_asked,
        "arbitration_given": _arbitration_given,
        "directive_issued": _directive_issued,
        "directive_progress": _directive_progress,
        "catalogue_published": published_from_wire,
    }
)
