"""The two ends of one direction of an edge, as a node keeps them: outbox and inbox over the rules of `domain.edge`."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from fengqiao.domain.directive import DirectiveIssued, DirectiveMessage, DirectiveProgress
from fengqiao.domain.edge import Arrival, Sending, acknowledged, arrival, closed_up, resend_due
from fengqiao.domain.message import CaseMessage, subject_of

Message = CaseMessage | DirectiveMessage


def subject(message: Message) -> UUID:
    """Give the id of the case or directive that a message is about."""
    if isinstance(message, DirectiveIssued | DirectiveProgress):
        return message.directive.id
    return subject_of(message)


@dataclass(frozen=True, slots=True)
class Packet:
    """What travels: a numbered message, or none (number 0), and always the receipt for the other direction."""

    seq: int
    message: Message | None
    receipt: int


@dataclass(slots=True)
class Outbox:
    """The sender's end. Everything but the time of the last resend is durable."""

    sending: Sending
    unnumbered: list[Message] = field(default_factory=list)
    unacknowledged: dict[int, Message] = field(default_factory=dict)

    def number(self, rotation: int, now: datetime) -> list[int]:
        """Number what is waiting: in order within a case, the cases in any order."""
        if not self.unnumbered:
            return []
        if not self.unacknowledged:
            self.sending = replace(self.sending, moved_at=now, resends=0)
        numbers = []
        for message in self._in_some_order(rotation):
            seq = self.sending.sent_seq + 1
            self.sending = replace(self.sending, sent_seq=seq)
            self.unacknowledged[seq] = message
            numbers.append(seq)
        self.unnumbered.clear()
        return numbers

    def _in_some_order(self, rotation: int) -> list[Message]:
        subjects = list(dict.fromkeys(subject(message) for message in self.unnumbered))
        turn = rotation % len(subjects)
        rank = {key: place for place, key in enumerate((*subjects[turn:], *subjects[:turn]))}
        return sorted(self.unnumbered, key=lambda message: rank[subject(message)])

    def take_receipt(self, receipt: int, now: datetime) -> None:
        """Delete what the other side has durably."""
        self.sending = acknowledged(self.sending, receipt, now)
        for seq in [seq for seq in self.unacknowledged if seq <= self.sending.acked_seq]:
            del self.unacknowledged[seq]

    def due_again(self, now: datetime) -> list[int]:
        """Give the numbers to send again now."""
        due = resend_due(self.sending)
        if due is None or due > now:
            return []
        self.sending = replace(self.sending, resends=self.sending.resends + 1)
        return sorted(self.unacknowledged)

    def forget(self, now: datetime) -> None:
        """Lose what is only in memory."""
        self.sending = replace(self.sending, moved_at=now, resends=0)


@dataclass(slots=True)
class Waiting:
    """A message that was taken in and is not handled yet, with its whole matter behind it."""

    message: Message
    attempts: int
    retry_at: datetime


@dataclass(slots=True)
class Inbox:
    """The receiver's end. `held` lies beyond a gap and may be lost: the sender still has it."""

    received_seq: int = 0
    held: dict[int, Message] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)

    def take(self, packet: Packet) -> Arrival | None:
        """Keep an arriving message if it is new and near enough."""
        if packet.message is None:
            return None
        kind = arrival(self.received_seq, packet.seq)
        if kind in (Arrival.NEXT, Arrival.AHEAD):
            self.held[packet.seq] = packet.message
        return kind

    def ready(self) -> Iterator[Message]:
        """Give what stands without a gap, counting each as received."""
        last = closed_up(self.received_seq, self.held)
        while self.received_seq < last:
            self.received_seq += 1
            yield self.held.pop(self.received_seq)

    def is_blocked(self, message: Message) -> bool:
        """Tell whether an earlier message about the same matter waits."""
        return any(subject(earlier.message) == subject(message) for earlier in self.waiting)
