"""One centre as a value in memory: it carries commands out and takes messages in, each in one all-or-nothing step."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from fengqiao.domain import custody, directive, handling, intake, merging
from fengqiao.domain.case import CaseFile, Role
from fengqiao.domain.command import (
    AcceptOffer,
    AddNote,
    AssignCase,
    AttachFile,
    CaseCommand,
    CustodyCommand,
    DirectiveCommand,
    IssueDirective,
    OfferCase,
    RefuseOffer,
    RegisterCase,
    ResolveCase,
    WithdrawOffer,
)
from fengqiao.domain.course_command import MergeCase, UnmergeCase
from fengqiao.domain.course_rules import DecidedAlone, decide_course
from fengqiao.domain.decision import Decision, Facts
from fengqiao.domain.directive import DirectiveFile, DirectiveIssued, DirectiveMessage, DirectiveProgress
from fengqiao.domain.edge import CRASH_LIMIT, Sending, Verdict, after_crash, retry_at
from fengqiao.domain.errors import Refusal
from fengqiao.domain.event import GENESIS, Event, EventKind
from fengqiao.domain.journal import Entry, extended
from fengqiao.domain.limit import Limit
from fengqiao.domain.limit_course import with_limits
from fengqiao.domain.message import CaseProgress, subject_of
from fengqiao.domain.reaction import react
from fengqiao.domain.topology import Centre, Topology
from tests.unit.limits import RULES
from tests.unit.protocol.sequence import Inbox, Message, Outbox, Packet, Waiting
from tests.unit.samples import HANDBOOK, UNITS


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that did not fit."""

    sender: str
    message: Message
    reason: str


class Node:
    """A centre with its files, journals and edges."""

    def __init__(self, centre: Centre, topology: Topology, new_id: Callable[[], UUID], now: datetime) -> None:
        self.centre = centre
        self.topology = topology
        self.new_id = new_id
        self.files: dict[UUID, CaseFile] = {}
        self.directives: dict[UUID, DirectiveFile] = {}
        self.journals: dict[UUID, list[Entry]] = {}
        self.applied: dict[UUID, set[UUID]] = {}
        neighbours = topology.neighbours(centre.code)
        self.outboxes = {code: Outbox(Sending(0, 0, now)) for code in neighbours}
        self.inboxes = {code: Inbox() for code in neighbours}
        self.dead: list[DeadLetter] = []
        self.crashes_to_come = 0
        self.seen: Counter[str] = Counter()

    # What people do.

    def register(self, command: RegisterCase, now: datetime) -> None:
        self._commit_case(intake.register(command, len(self.files) + 1, self.facts(now)), None)

    def carry_out(self, command: CaseCommand, now: datetime, actor: str = "") -> None:
        """Carry a command out, with what it means for merged cases; raises Refusal and changes nothing."""
        file, facts = self.files[command.case_id], self.facts(now, actor)
        for decision in self._decisions(file, command, facts):
            self._commit_case(decision, self.files[decision.file.case.id])

    def _decisions(self, file: CaseFile, command: CaseCommand, facts: Facts) -> list[custody.CaseDecision]:
        other = replace(facts, event_id=self.new_id())
        match command:
            case MergeCase():
                lead = self.files[command.lead]
                merged = merging.merge(file, lead, command, facts)
                return [merged, merging.joined(lead, merged.file.case, other)]
            case UnmergeCase():
                unmerged = merging.unmerge(file, command, facts)
                into = file.case.course.merged_into
                assert into is not None
                return [unmerged, merging.parted(self.files[into], unmerged.file.case, other)]
            case _:
                decision = self._decide(file, command, facts)
        followers = [one for one in self.files.values() if one.case.course.merged_into == file.case.id]
        held = [one for one in followers if one.role is Role.HOLDER]
        told = [merging.told(one, decision.file.case, decision.events[0], other) for one in held]
        return [decision, *(one for one in told if one is not None)]

    def move_clocks(self, case_id: UUID, limits: tuple[Limit, ...], now: datetime) -> None:
        """Let the holder suspend, resume or extend, as its commands will."""
        file = self.files[case_id]
        event = custody.own_event(file, EventKind.NOTED, self.facts(now), {"text": "时限"})
        decision = custody.state_changed(file, replace(file.case, limits=limits), event, self.facts(now))
        self._commit_case(decision, file)

    def issue(self, command: IssueDirective, now: datetime) -> None:
        self._commit_directive(directive.issue(command, len(self.directives) + 1, self.facts(now)))

    def direct(self, command: DirectiveCommand, now: datetime) -> None:
        file = self.directives[command.directive_id]
        self._commit_directive(directive.decide(file, command, self.facts(now)))

    def facts(self, now: datetime, actor: str = "") -> Facts:
        actor = actor or f"clerk of {self.centre.code}"
        return Facts(now, self.centre, self.topology, UNITS, actor, self.new_id(), HANDBOOK)

    def _decide(self, file: CaseFile, command: CustodyCommand | DecidedAlone, facts: Facts) -> custody.CaseDecision:
        history = [entry.event for entry in self.journal(command.case_id)]
        if isinstance(command, DecidedAlone):
            return decide_course(file, command, history, facts)
        match command:
            case AssignCase():
                return handling.assign(file, command, facts)
            case AddNote():
                return handling.note(file, command, facts)
            case AttachFile():
                return handling.attach(file, command, facts)
            case ResolveCase():
                return handling.resolve(file, command, facts)
            case OfferCase():
                return custody.offer(file, command, history, facts)
            case _:
                return self._answer(file, command, facts)

    def _answer(
        self, file: CaseFile, command: WithdrawOffer | AcceptOffer | RefuseOffer, facts: Facts
    ) -> custody.CaseDecision:
        match command:
            case WithdrawOffer():
                return custody.withdraw(file, command, facts)
            case AcceptOffer():
                return custody.accept(file, command, facts)
            case RefuseOffer():
                return custody.refuse(file, command, facts)

    # What neighbours send.

    def take_in(self, sender: str, packet: Packet, now: datetime) -> None:
        """Take a packet in: receipt, then whatever has become next without a gap."""
        self.outboxes[sender].take_receipt(packet.receipt, now)
        inbox = self.inboxes[sender]
        kind = inbox.take(packet)
        if kind is not None:
            self.seen[f"arrival {kind}"] += 1
        for message in inbox.ready():
            if inbox.is_blocked(message):
                inbox.waiting.append(Waiting(message, 0, now))
            else:
                self._try(sender, message, 0, now)

    def retry(self, now: datetime) -> None:
        """Try again what waits and is due; a matter goes on only in its own order."""
        for sender, inbox in self.inboxes.items():
            waiting, inbox.waiting = inbox.waiting, []
            for one in waiting:
                if inbox.is_blocked(one.message) or one.retry_at > now:
                    inbox.waiting.append(one)
                else:
                    self._try(sender, one.message, one.attempts, now)

    def _try(self, sender: str, message: Message, attempts: int, now: datetime) -> None:
        if self.crashes_to_come and attempts < CRASH_LIMIT - 1:
            # The transaction rolls back; the message stays taken in and waits.
            self.crashes_to_come -= 1
            assert after_crash(attempts + 1) is Verdict.LATER
            self.seen["crash"] += 1
            self.inboxes[sender].waiting.append(Waiting(message, attempts + 1, retry_at(attempts + 1, now)))
            return
        self.seen[f"message {type(message).__name__}"] += 1
        try:
            self._react(sender, message, now)
        except Refusal as refusal:
            self.dead.append(DeadLetter(sender, message, str(refusal)))

    def _react(self, sender: str, message: Message, now: datetime) -> None:
        if isinstance(message, DirectiveIssued | DirectiveProgress):
            known_directive = self.directives.get(message.directive.id)
            self._commit_directive(directive.take_in(known_directive, message, sender, self.topology))
            return
        case_id = subject_of(message)
        known = self.applied.get(case_id, set()) & {event.id for event in message.events}
        file = self.files.get(case_id)
        if file is not None and isinstance(message, CaseProgress):
            # The audiences form a tree, so every change comes to a centre by one way only.
            news = len(known) < len(message.events) or message.case.is_newer_than(file.case)
            assert news, f"{self.centre.code} is told by {sender} what it knows"
        self._commit_case(react(file, message, sender, known, self.facts(now)), file)

    # What both come to.

    def journal(self, key: UUID) -> list[Entry]:
        return self.journals.get(key, [])

    def _commit_case(self, decision: custody.CaseDecision, before: CaseFile | None) -> None:
        decision = with_limits(decision, before, RULES, self.topology)
        file = decision.file
        length, digest = self._append(file.case.id, decision.events)
        self.files[file.case.id] = replace(file, journal_length=length, journal_hash=digest)
        for outgoing in decision.outgoing:
            self.outboxes[outgoing.to].unnumbered.append(outgoing.message)

    def _commit_directive(self, decision: Decision[DirectiveFile, DirectiveMessage]) -> None:
        file = decision.file
        length, digest = self._append(file.directive.id, decision.events)
        self.directives[file.directive.id] = replace(file, journal_length=length, journal_hash=digest)
        for outgoing in decision.outgoing:
            self.outboxes[outgoing.to].unnumbered.append(outgoing.message)

    def _append(self, key: UUID, events: tuple[Event, ...]) -> tuple[int, bytes]:
        journal = self.journals.setdefault(key, [])
        applied = self.applied.setdefault(key, set())
        for event in events:
            assert event.id not in applied, f"{self.centre.code} applies an event twice"
            applied.add(event.id)
        journal.extend(extended(len(journal), journal[-1].hash if journal else GENESIS, events))
        return len(journal), journal[-1].hash

    def durable(self) -> tuple[object, ...]:
        """Give what a refusal has to leave as it was."""
        journals = {key: tuple(entries) for key, entries in self.journals.items()}
        waiting = {to: tuple(outbox.unnumbered) for to, outbox in self.outboxes.items()}
        return dict(self.files), dict(self.directives), journals, waiting

    # What the relay does, and what a kill leaves.

    def send(self, to: str, rotation: int, now: datetime) -> list[Packet]:
        """Number what is in the outbox and give it as packets."""
        return [self._packet(to, seq) for seq in self.outboxes[to].number(rotation, now)]

    def send_again(self, to: str, now: datetime) -> list[Packet]:
        """Give what is not acknowledged and due to be sent again."""
        packets = [self._packet(to, seq) for seq in self.outboxes[to].due_again(now)]
        self.seen["resend"] += bool(packets)
        return packets

    def receipt(self, to: str) -> Packet:
        """Give the receipt alone."""
        return Packet(0, None, self.inboxes[to].received_seq)

    def restart(self, now: datetime) -> None:
        """Lose what is only in memory: held gaps, the pending crash, the clock of resends."""
        self.crashes_to_come = 0
        for inbox in self.inboxes.values():
            inbox.held.clear()
        for outbox in self.outboxes.values():
            outbox.forget(now)

    def _packet(self, to: str, seq: int) -> Packet:
        return Packet(seq, self.outboxes[to].unacknowledged[seq], self.inboxes[to].received_seq)
