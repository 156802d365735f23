"""Directives: what a centre orders a centre below to do, followed to the end (F39, DESIGN section 3).

issued → received → done (with a report) → approved, or sent back and done again. The two sides take turns, so the
version alone orders the copies.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from fengqiao.domain.command import (
    ApproveDirective,
    DirectiveCommand,
    IssueDirective,
    ReceiveDirective,
    ReportDirective,
    SendBackDirective,
)
from fengqiao.domain.decision import Decision, Facts, Outgoing
from fengqiao.domain.errors import Kind, Refusal, Violation, forbidden, invalid, wrong_state
from fengqiao.domain.event import GENESIS, Event, EventKind
from fengqiao.domain.identity import directive_number
from fengqiao.domain.text import REASON_LENGTH, TEXT_LENGTH, TITLE_LENGTH, clean, text_violations
from fengqiao.domain.topology import Topology


class DirectiveState(StrEnum):
    """Where a directive stands."""

    ISSUED = "issued"
    RECEIVED = "received"
    DONE = "done"
    APPROVED = "approved"
    SENT_BACK = "sent_back"


class DirectiveCommandName(StrEnum):
    """The commands on a directive, as the doors and the sentences name them."""

    ISSUE = "issue"
    RECEIVE = "receive"
    REPORT = "report"
    APPROVE = "approve"
    SEND_BACK = "send_back"


# Which command leads from which state to which; docs/states.md draws this table.
DIRECTIVE_TRANSITIONS: Mapping[DirectiveState, Mapping[DirectiveCommandName, DirectiveState]] = MappingProxyType(
    {
        DirectiveState.ISSUED: {DirectiveCommandName.RECEIVE: DirectiveState.RECEIVED},
        DirectiveState.RECEIVED: {DirectiveCommandName.REPORT: DirectiveState.DONE},
        DirectiveState.DONE: {
            DirectiveCommandName.APPROVE: DirectiveState.APPROVED,
            DirectiveCommandName.SEND_BACK: DirectiveState.SENT_BACK,
        },
        DirectiveState.SENT_BACK: {DirectiveCommandName.REPORT: DirectiveState.DONE},
        DirectiveState.APPROVED: {},
    }
)

ISSUER_COMMANDS = frozenset({DirectiveCommandName.APPROVE, DirectiveCommandName.SEND_BACK})
"""The commands that belong to the issuer; the others belong to the recipient."""

ISSUER_STATES = frozenset({DirectiveState.ISSUED, DirectiveState.APPROVED, DirectiveState.SENT_BACK})
"""The states into which the issuer leads; into the others the recipient does."""

CASES_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Directive:
    """The shared state of a directive."""

    id: UUID
    number: str
    issuer: str
    recipient: str
    unit: str
    title: str
    text: str
    cases: tuple[UUID, ...]
    urgent: bool
    state: DirectiveState
    version: int
    report: str
    issued_at: datetime
    due_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DirectiveFile:
    """What one of the two sides knows of a directive."""

    directive: Directive
    journal_length: int = 0
    journal_hash: bytes = GENESIS


@dataclass(frozen=True, slots=True)
class DirectiveIssued:
    """Message down: here is a directive."""

    directive: Directive
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class DirectiveProgress:
    """Message either way: the other side took its turn."""

    directive: Directive
    events: tuple[Event, ...]


DirectiveMessage = DirectiveIssued | DirectiveProgress
DirectiveDecision = Decision[DirectiveFile, DirectiveMessage]


def check_issue(command: IssueDirective, facts: Facts) -> None:
    """Raise INVALID with every wrong field, or FORBIDDEN; a serial number is drawn only for what passes."""
    faults = [
        *text_violations("title", clean(command.title), TITLE_LENGTH),
        *text_violations("text", clean(command.text), TEXT_LENGTH),
    ]
    if command.due_at <= facts.at:
        faults.append(Violation("due_at", "due_in_past", {"value": command.due_at.isoformat()}))
    if len(command.cases) > CASES_LIMIT:
        length = {"length": str(len(command.cases)), "limit": str(CASES_LIMIT)}
        faults.append(Violation("cases", "too_many", length))
    if faults:
        raise invalid(*faults)
    recipient = facts.topology.centre(command.recipient)
    if recipient.parent != facts.centre.code:
        raise forbidden("directive_not_child", recipient=recipient.name)
    if command.unit:
        facts.units.unit(recipient, command.unit)


def issue(command: IssueDirective, serial: int, facts: Facts) -> DirectiveDecision:
    """Issue a directive to a child centre; raises INVALID or FORBIDDEN."""
    check_issue(command, facts)
    title, text, unit = clean(command.title), clean(command.text), command.unit
    recipient = facts.topology.centre(command.recipient)
    directive = Directive(
        id=command.directive_id,
        number=directive_number(facts.centre.code, facts.at, serial),
        issuer=facts.centre.code,
        recipient=recipient.code,
        unit=unit,
        title=title,
        text=text,
        cases=command.cases,
        urgent=command.urgent,
        state=DirectiveState.ISSUED,
        version=1,
        report="",
        issued_at=facts.at,
        due_at=command.due_at,
        updated_at=facts.at,
    )
    event = _event(directive, EventKind.DIRECTIVE_ISSUED, facts, {"recipient": recipient.code, "unit": unit})
    outgoing = Outgoing(recipient.code, DirectiveIssued(directive, (event,)), directive.urgent)
    return Decision(DirectiveFile(directive), (event,), (outgoing,))


def decide(file: DirectiveFile, command: DirectiveCommand, facts: Facts) -> DirectiveDecision:
    """Carry out a command of either side; raises FORBIDDEN, STATE, STALE or INVALID."""
    directive = file.directive
    name, kind, field, text = _parts(command)
    _check_side(directive, name, facts)
    after = DIRECTIVE_TRANSITIONS[directive.state].get(name)
    if after is None:
        raise _refused(directive, name, facts)
    if command.seen_version is not None and command.seen_version != directive.version:
        params = {"seen": str(command.seen_version), "current": str(directive.version)}
        raise Refusal(Kind.STALE, "directive_stale", params)
    limit = TEXT_LENGTH if field == "report" else REASON_LENGTH
    faults = text_violations(field, text, limit) if field else ()
    if faults:
        raise invalid(*faults)
    changed = replace(
        directive,
        state=after,
        version=directive.version + 1,
        updated_at=facts.at,
        report=text if field == "report" else directive.report,
    )
    event = _event(changed, kind, facts, {field: text} if field else {})
    other = directive.recipient if facts.centre.code == directive.issuer else directive.issuer
    outgoing = Outgoing(other, DirectiveProgress(changed, (event,)), directive.urgent)
    return Decision(replace(file, directive=changed), (event,), (outgoing,))


def take_in(
    file: DirectiveFile | None, message: DirectiveMessage, sender: str, topology: Topology
) -> DirectiveDecision:
    """Take in what the other side did; raises STATE message_misplaced when it does not fit (verdict: never)."""
    directive = message.directive
    author = directive.issuer if directive.state in ISSUER_STATES else directive.recipient
    if sender != author or topology.parent(directive.recipient) != directive.issuer:
        raise wrong_state("message_misplaced", type=type(message).__name__, detail=f"{sender} / {directive.number}")
    if file is None:
        if isinstance(message, DirectiveProgress):
            raise wrong_state("message_misplaced", type=type(message).__name__, detail=directive.number)
        return Decision(DirectiveFile(directive), message.events, ())
    if directive.version <= file.directive.version:
        return Decision(file, (), ())
    return Decision(replace(file, directive=directive), message.events, ())


def allowed_directive_commands(directive: Directive, centre: str) -> tuple[DirectiveCommandName, ...]:
    """Give the commands that a centre may give on the directive now."""
    issuer = centre == directive.issuer
    return tuple(name for name in DIRECTIVE_TRANSITIONS[directive.state] if (name in ISSUER_COMMANDS) == issuer)


def _parts(command: DirectiveCommand) -> tuple[DirectiveCommandName, EventKind, str, str]:
    match command:
        case ReceiveDirective():
            return DirectiveCommandName.RECEIVE, EventKind.DIRECTIVE_RECEIVED, "", ""
        case ReportDirective():
            return DirectiveCommandName.REPORT, EventKind.DIRECTIVE_DONE, "report", clean(command.report)
        case ApproveDirective():
            return DirectiveCommandName.APPROVE, EventKind.DIRECTIVE_APPROVED, "", ""
        case SendBackDirective():
            return DirectiveCommandName.SEND_BACK, EventKind.DIRECTIVE_SENT_BACK, "reason", clean(command.reason)


def _check_side(directive: Directive, name: DirectiveCommandName, facts: Facts) -> None:
    here, word = facts.centre.code, f"word:directive_command.{name}"
    if name in ISSUER_COMMANDS and here != directive.issuer:
        raise forbidden("directive_not_issuer", issuer=facts.topology.centre(directive.issuer).name, command=word)
    if name not in ISSUER_COMMANDS and here != directive.recipient:
        recipient = facts.topology.centre(directive.recipient).name
        raise forbidden("directive_not_recipient", recipient=recipient, command=word)


def _refused(directive: Directive, name: DirectiveCommandName, facts: Facts) -> Refusal:
    mine = allowed_directive_commands(directive, facts.centre.code)
    allowed = [f"word:directive_command.{other}" for other in mine]
    return wrong_state(
        "directive_state",
        state=f"word:directive_state.{directive.state}",
        command=f"word:directive_command.{name}",
        allowed=" ".join(allowed) or "word:nothing",
    )


def _event(directive: Directive, kind: EventKind, facts: Facts, details: Mapping[str, str]) -> Event:
    return Event(facts.event_id, directive.id, kind, facts.centre.code, facts.actor, facts.at, 0, details)
