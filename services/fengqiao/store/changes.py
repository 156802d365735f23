"""What one transaction saves: files with their new journal entries, messages, and what was taken in."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from fengqiao.domain.case import CaseFile, Contact
from fengqiao.domain.directive import DirectiveFile
from fengqiao.domain.edition import Edition
from fengqiao.domain.event import Event
from fengqiao.domain.journal import extended
from fengqiao.domain.step import Step
from fengqiao.store.limit_rows import ClockRow, clock_row, rung_rows
from fengqiao.store.rows import bytes_text, case_row, directive_row, event_row
from fengqiao.store.supervision_rows import SupervisionRows

NEVER = "infinity"
"""How PostgreSQL writes the time that never comes."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message that leaves with the decision: to whom, its type and subject, its body in wire form."""

    neighbour: str
    message_id: UUID
    type: str
    subject: UUID
    urgent: bool
    body: bytes
    traceparent: str


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A number that was taken in, and what became of it: done, ahead, waiting or parked."""

    neighbour: str
    seq: int
    message_id: UUID
    type: str
    subject: UUID | None
    state: str
    attempts: int = 0
    next_try_at: datetime | None = None
    reason: str = ""
    envelope: bytes | None = None


@dataclass(frozen=True, slots=True)
class DeadLetterRow:
    """A message that can't be handled: where it came from, why, and its bytes."""

    neighbour: str
    seq: int | None
    carrier: str
    topic: str
    partition: int
    offset: int
    type: str
    subject: UUID | None
    code: str
    params: dict[str, str]
    payload: bytes


@dataclass(slots=True)
class Changes:
    """Filled by the handlers, saved by `store.work`. `now` is when this centre records them."""

    now: datetime
    new_cases: dict[UUID, CaseFile] = field(default_factory=dict)
    changed_cases: dict[UUID, CaseFile] = field(default_factory=dict)
    new_directives: dict[UUID, DirectiveFile] = field(default_factory=dict)
    changed_directives: dict[UUID, DirectiveFile] = field(default_factory=dict)
    contacts: dict[UUID, Contact] = field(default_factory=dict)
    outgoing: list[OutboxRow] = field(default_factory=list)
    taken: dict[tuple[str, int], InboxRow] = field(default_factory=dict)
    parked: list[DeadLetterRow] = field(default_factory=list)
    received_seqs: dict[str, int] = field(default_factory=dict)
    clocks: dict[UUID, ClockRow] = field(default_factory=dict)
    """The clocks that are new or have moved, by limit."""
    steps: list[Step] = field(default_factory=list)
    """What is counted once it is saved."""
    due: dict[UUID, datetime | None] = field(default_factory=dict)
    """When the nearest running clock of a case is due, where that has changed; None when none runs."""
    told: list[tuple[UUID, str]] = field(default_factory=list)
    """The firings, by limit and rung, whose consequences are saved."""
    event_rows: list[dict[str, Any]] = field(default_factory=list)
    supervision: SupervisionRows = field(default_factory=SupervisionRows)
    """What the facts of supervision among the events come to."""
    editions: list[tuple[Edition, tuple[str, ...]]] = field(default_factory=list)
    """Editions, each with the children that are told of it; one that is in force already stays as it is."""

    @classmethod
    def joined(cls, several: "Sequence[Changes]") -> "Changes":
        """Give new files of several commands as one; what changes files that are there already must not be joined."""
        return cls(
            now=max(changes.now for changes in several),
            new_cases={key: file for changes in several for key, file in changes.new_cases.items()},
            new_directives={key: file for changes in several for key, file in changes.new_directives.items()},
            contacts={key: contact for changes in several for key, contact in changes.contacts.items()},
            outgoing=[row for changes in several for row in changes.outgoing],
            clocks={key: row for changes in several for key, row in changes.clocks.items()},
            due={key: at for changes in several for key, at in changes.due.items()},
            event_rows=[row for changes in several for row in changes.event_rows],
        )

    def put_case(self, file: CaseFile, events: Sequence[Event], *, new: bool) -> CaseFile:
        """Put a case file with the events it journals now; gives it with its longer journal."""
        length, last_hash = self._journal(file.journal_length, file.journal_hash, events)
        file = replace(file, journal_length=length, journal_hash=last_hash)
        target = self.new_cases if new or file.case.id in self.new_cases else self.changed_cases
        target[file.case.id] = file
        return file

    def put_directive(self, file: DirectiveFile, events: Sequence[Event], *, new: bool) -> DirectiveFile:
        """Put a directive with the events it journals now; gives it with its longer journal."""
        length, last_hash = self._journal(file.journal_length, file.journal_hash, events)
        file = replace(file, journal_length=length, journal_hash=last_hash)
        target = self.new_directives if new or file.directive.id in self.new_directives else self.changed_directives
        target[file.directive.id] = file
        return file

    def subjects(self) -> tuple[UUID, ...]:
        """Give the ids of the cases and directives that change."""
        return (*self.new_cases, *self.changed_cases, *self.new_directives, *self.changed_directives)

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Give the rows of each table by the parameter that the statement `save` reads them from."""
        return {
            "new_cases": [case_row(file) | self._due(file) for file in self.new_cases.values()],
            "changed_cases": [case_row(file) | self._due(file) for file in self.changed_cases.values()],
            "new_directives": [directive_row(file) for file in self.new_directives.values()],
            "changed_directives": [directive_row(file) for file in self.changed_directives.values()],
            "events": self.event_rows,
            "contacts": [
                {"case_id": case, "name": contact.name, "phone": contact.phone}
                for case, contact in self.contacts.items()
            ],
            "clocks": [clock_row(row) for row in self.clocks.values()],
            "rungs": [rung for row in self.clocks.values() if not row.times.moved for rung in rung_rows(row)],
            "moved_rungs": [rung for row in self.clocks.values() if row.times.moved for rung in rung_rows(row)],
            "told": [{"limit_id": limit, "rung": rung, "told_at": self.now} for limit, rung in self.told],
            "outgoing": [self._outbox_row(row) for row in self.outgoing],
            "taken": [self._inbox_row(row) for row in self.taken.values()],
            "parked": [self._dead_letter_row(row) for row in self.parked],
            "edges": [
                {"neighbour": neighbour, "received_seq": seq, "received_at": self.now}
                for neighbour, seq in self.received_seqs.items()
            ],
        }

    def _due(self, file: CaseFile) -> dict[str, Any]:
        if file.case.id not in self.due:
            return {}
        return {"due_at": self.due[file.case.id] or NEVER}

    def _journal(self, length: int, last_hash: bytes, events: Sequence[Event]) -> tuple[int, bytes]:
        for entry in extended(length, last_hash, events):
            self.event_rows.append(event_row(entry.event, entry.position, entry.hash, self.now))
            length, last_hash = entry.position, entry.hash
        return length, last_hash

    def _outbox_row(self, row: OutboxRow) -> dict[str, Any]:
        return {
            "neighbour": row.neighbour,
            "message_id": row.message_id,
            "type": row.type,
            "subject": row.subject,
            "urgent": row.urgent,
            "body": bytes_text(row.body),
            "created_at": self.now,
            "traceparent": row.traceparent,
        }

    def _inbox_row(self, row: InboxRow) -> dict[str, Any]:
        return {
            "neighbour": row.neighbour,
            "seq": row.seq,
            "message_id": row.message_id,
            "type": row.type,
            "subject": row.subject,
            "state": row.state,
            "attempts": row.attempts,
            "next_try_at": row.next_try_at,
            "reason": row.reason,
            "envelope": bytes_text(row.envelope) if row.envelope is not None else None,
            "taken_at": self.now,
        }

    def _dead_letter_row(self, row: DeadLetterRow) -> dict[str, Any]:
        return {
            "neighbour": row.neighbour,
            "seq": row.seq,
            "carrier": row.carrier,
            "topic": row.topic,
            "partition": row.partition,
            "record_offset": row.offset,
            "type": row.type,
            "subject": row.subject,
            "code": row.code,
            "params": row.params,
            "payload": bytes_text(row.payload),
            "parked_at": self.now,
            "state": "parked",
        }
