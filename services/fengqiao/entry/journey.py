"""The way of one case as a list of steps, written down before it is gone: for replays and stories.

Every step names the event by which its centre's journal shows that it was carried out, so that a step whose answer was
lost is never carried out twice.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fengqiao.domain.case import Direction
from fengqiao.domain.command import (
    AcceptOffer,
    AddNote,
    ApproveDirective,
    AssignCase,
    DirectiveCommand,
    IssueDirective,
    OfferCase,
    ReceiveDirective,
    RefuseOffer,
    ReportDirective,
    ResolveCase,
    SendBackDirective,
    WithdrawOffer,
)
from fengqiao.domain.course import ClosingKind
from fengqiao.domain.event import EventKind
from fengqiao.wire.case_command import PlainCommand

Command = PlainCommand | IssueDirective | DirectiveCommand


@dataclass(frozen=True, slots=True)
class Step:
    """One command at one centre, its recorded time (None: now), and the event that shows that it was carried out."""

    centre: str
    actor: str
    at: datetime | None
    command: Command
    kind: EventKind
    details: Mapping[str, str]

    @property
    def subject(self) -> UUID:
        """The id of the case or directive."""
        if isinstance(self.command, IssueDirective | DirectiveCommand):
            return self.command.directive_id
        return self.command.case_id


class Journey:
    """Gathers the steps of one case; ids that its commands need follow from the id of the case."""

    def __init__(self, case_id: UUID) -> None:
        self.case_id = case_id
        self.steps: list[Step] = []

    def assign(self, centre: str, actor: str, unit: str, at: datetime | None = None) -> None:
        """Give the case to a unit of the centre that holds it."""
        self._add(centre, actor, at, AssignCase(self.case_id, unit), EventKind.ASSIGNED, {"unit": unit})

    def note(self, centre: str, actor: str, text: str, at: datetime | None = None) -> None:
        """Add what a unit or a follower has to say."""
        self._add(centre, actor, at, AddNote(self.case_id, text), EventKind.NOTED, {"text": text})

    def offer(
        self, centre: str, actor: str, to: str, direction: Direction, reason: str, at: datetime | None = None
    ) -> UUID:
        """Offer the case to a neighbour; gives the id of the offer."""
        offer_id = self.derived_id("offer")
        below = to if direction is Direction.DOWN else ""
        command = OfferCase(self.case_id, offer_id, direction, reason, below)
        self._add(centre, actor, at, command, EventKind.OFFERED, {"offer": str(offer_id)})
        return offer_id

    def withdraw(self, centre: str, actor: str, offer_id: UUID, at: datetime | None = None) -> None:
        """Ask the offer back; the other side is not to have accepted it."""
        details = {"offer": str(offer_id)}
        self._add(centre, actor, at, WithdrawOffer(self.case_id), EventKind.WITHDRAWAL_ASKED, details)

    def accept(self, centre: str, actor: str, offer_id: UUID, at: datetime | None = None) -> None:
        """Accept the offer at the centre to which it was made."""
        self._add(centre, actor, at, AcceptOffer(self.case_id), EventKind.OFFER_ACCEPTED, {"offer": str(offer_id)})

    def refuse(self, centre: str, actor: str, offer_id: UUID, reason: str, at: datetime | None = None) -> None:
        """Refuse the offer with a reason."""
        command = RefuseOffer(self.case_id, reason)
        self._add(centre, actor, at, command, EventKind.OFFER_REFUSED, {"offer": str(offer_id)})

    def resolve(
        self,
        centre: str,
        actor: str,
        result: str,
        closing: ClosingKind = ClosingKind.SOLVED,
        at: datetime | None = None,
    ) -> None:
        """Close the case at the centre that holds it."""
        command = ResolveCase(self.case_id, result, closing)
        self._add(centre, actor, at, command, EventKind.RESOLVED, {"closing": closing.value})

    def direct(self, centre: str, actor: str, command: IssueDirective, at: datetime | None = None) -> None:
        """Issue a directive to a child."""
        self._add(centre, actor, at, command, EventKind.DIRECTIVE_ISSUED, {})

    def answer(self, centre: str, actor: str, command: DirectiveCommand, at: datetime | None = None) -> None:
        """Take a turn with a directive."""
        kind, details = _turn(command)
        self._add(centre, actor, at, command, kind, details)

    def derived_id(self, purpose: str) -> UUID:
        """Give an id that is the same whenever the same journey is written down."""
        seed = f"{self.case_id}\0{purpose}\0{len(self.steps)}".encode()
        return UUID(bytes=hashlib.sha256(seed).digest()[:16], version=4)

    def _add(
        self,
        centre: str,
        actor: str,
        at: datetime | None,
        command: Command,
        kind: EventKind,
        details: Mapping[str, str],
    ) -> None:
        self.steps.append(Step(centre, actor, at, command, kind, details))


def _turn(command: DirectiveCommand) -> tuple[EventKind, Mapping[str, str]]:
    match command:
        case ReceiveDirective():
            return EventKind.DIRECTIVE_RECEIVED, {}
        case ReportDirective():
            return EventKind.DIRECTIVE_DONE, {"report": command.report}
        case ApproveDirective():
            return EventKind.DIRECTIVE_APPROVED, {}
        case SendBackDirective():
            return EventKind.DIRECTIVE_SENT_BACK, {"reason": command.reason}
