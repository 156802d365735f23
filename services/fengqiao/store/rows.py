"""Domain values and rows, both ways; rows travel as JSON so that one statement carries any number of them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fengqiao.domain.case import (
    Case,
    CaseFile,
    CaseKind,
    CaseState,
    Channel,
    Direction,
    FirstReceiver,
    Offer,
    RequestType,
    Role,
)
from fengqiao.domain.course import ClosingKind
from fengqiao.domain.directive import Directive, DirectiveFile, DirectiveState
from fengqiao.domain.event import Event, EventKind
from fengqiao.store.course_column import course_column, course_of
from fengqiao.store.limit_rows import limit_json, limit_of, text_time

Row = Mapping[str, Any]


def bytes_text(value: bytes) -> str:
    """Write bytes as PostgreSQL reads them in JSON."""
    return "\\x" + value.hex()


def text_bytes(value: str) -> bytes:
    """Read bytes as PostgreSQL writes them in JSON."""
    return bytes.fromhex(value[2:])


def case_row(file: CaseFile) -> dict[str, Any]:
    """Give the row of a case file."""
    case, offer, first = file.case, file.case.offer, file.case.first_receiver
    return {
        "case_id": case.id,
        "number": case.number,
        "origin": case.origin,
        "first_receiver_centre": first.centre,
        "first_receiver_unit": first.unit,
        "first_receiver_fixed": first.fixed,
        "holder": case.holder,
        "epoch": case.epoch,
        "version": case.version,
        "state": case.state,
        "kind": case.kind,
        "request_type": case.request_type,
        "channel": case.channel,
        "title": case.title,
        "text": case.text,
        "place": case.place,
        "urgent": case.urgent,
        "unit": case.unit,
        "offer_id": offer.id if offer else None,
        "offer_to": offer.to if offer else None,
        "offer_direction": offer.direction if offer else None,
        "offer_epoch": offer.epoch if offer else None,
        "offer_reason": offer.reason if offer else None,
        "offered_at": offer.offered_at if offer else None,
        "offer_withdrawing": offer.withdrawing if offer else None,
        "closing": case.closing,
        "result": case.result,
        "registered_at": case.registered_at,
        "updated_at": case.updated_at,
        "resolved_at": case.resolved_at,
        "reference": case.reference,
        "course": course_column(case.course),
        "role": file.role,
        "audience": sorted(file.audience),
        "journal_length": file.journal_length,
        "journal_hash": bytes_text(file.journal_hash),
        "limits": [limit_json(limit) for limit in case.limits],
    }


def case_file(row: Row) -> CaseFile:
    """Read a case file from its row as JSON."""
    offer = None
    if row["offer_id"] is not None:
        offer = Offer(
            UUID(row["offer_id"]),
            row["offer_to"],
            Direction(row["offer_direction"]),
            row["offer_epoch"],
            row["offer_reason"],
            text_time(row["offered_at"]),
            row["offer_withdrawing"],
        )
    case = Case(
        id=UUID(row["case_id"]),
        number=row["number"],
        origin=row["origin"],
        first_receiver=FirstReceiver(
            row["first_receiver_centre"], row["first_receiver_unit"], row["first_receiver_fixed"]
        ),
        holder=row["holder"],
        epoch=row["epoch"],
        version=row["version"],
        state=CaseState(row["state"]),
        kind=CaseKind(row["kind"]),
        request_type=RequestType(row["request_type"]),
        channel=Channel(row["channel"]),
        title=row["title"],
        text=row["text"],
        place=row["place"],
        urgent=row["urgent"],
        unit=row["unit"],
        offer=offer,
        closing=ClosingKind(row["closing"]) if row["closing"] else None,
        result=row["result"],
        registered_at=text_time(row["registered_at"]),
        updated_at=text_time(row["updated_at"]),
        resolved_at=text_time(row["resolved_at"]) if row["resolved_at"] else None,
        reference=row["reference"],
        course=course_of(row["course"]),
        limits=tuple(limit_of(limit) for limit in row["limits"]),
    )
    return CaseFile(
        case, Role(row["role"]), frozenset(row["audience"]), row["journal_length"], text_bytes(row["journal_hash"])
    )


def directive_row(file: DirectiveFile) -> dict[str, Any]:
    """Give the row of a directive."""
    directive = file.directive
    return {
        "directive_id": directive.id,
        "number": directive.number,
        "issuer": directive.issuer,
        "recipient": directive.recipient,
        "unit": directive.unit,
        "title": directive.title,
        "text": directive.text,
        "cases": directive.cases,
        "urgent": directive.urgent,
        "state": directive.state,
        "version": directive.version,
        "report": directive.report,
        "issued_at": directive.issued_at,
        "due_at": directive.due_at,
        "updated_at": directive.updated_at,
        "journal_length": file.journal_length,
        "journal_hash": bytes_text(file.journal_hash),
    }


def directive_file(row: Row) -> DirectiveFile:
    """Read a directive from its row as JSON."""
    directive = Directive(
        id=UUID(row["directive_id"]),
        number=row["number"],
        issuer=row["issuer"],
        recipient=row["recipient"],
        unit=row["unit"],
        title=row["title"],
        text=row["text"],
        cases=tuple(UUID(case) for case in row["cases"]),
        urgent=row["urgent"],
        state=DirectiveState(row["state"]),
        version=row["version"],
        report=row["report"],
        issued_at=text_time(row["issued_at"]),
        due_at=text_time(row["due_at"]),
        updated_at=text_time(row["updated_at"]),
    )
    return DirectiveFile(directive, row["journal_length"], text_bytes(row["journal_hash"]))


def event_row(event: Event, position: int, hash_: bytes, recorded_at: datetime) -> dict[str, Any]:
    """Give the row of an event at its position in a journal."""
    return {
        "subject": event.subject,
        "position": position,
        "id": event.id,
        "kind": event.kind,
        "centre": event.centre,
        "actor": event.actor,
        "at": event.at,
        "epoch": event.epoch,
        "details": dict(event.details),
        "hash": bytes_text(hash_),
        "recorded_at": recorded_at,
    }


def event_of(row: Row) -> Event:
    """Read an event from its row, as JSON or as psycopg gives it."""
    at = row["at"] if isinstance(row["at"], datetime) else text_time(row["at"])
    identity = row["id"] if isinstance(row["id"], UUID) else UUID(row["id"])
    subject = row["subject"] if isinstance(row["subject"], UUID) else UUID(row["subject"])
    kind = EventKind(row["kind"])
    return Event(identity, subject, kind, row["centre"], row["actor"], at.astimezone(UTC), row["epoch"], row["details"])
