"""What has to hold in every state of the federation, and what has to hold once everything has drained."""

from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from fengqiao.domain.case import Case, CaseFile, CaseState, CommandName, FirstReceiver, Role
from fengqiao.domain.course import ClosingKind
from fengqiao.domain.event import EventKind, first_break
from fengqiao.domain.transitions import FACTS, TRANSITIONS, allowed_commands
from tests.unit.protocol.clocks import ClockWitness
from tests.unit.protocol.network import Network
from tests.unit.samples import HANDBOOK

DECIDING = {name for names in TRANSITIONS.values() for name in names} - FACTS - {CommandName.ARBITRATE}


def check_course(case: Case) -> None:
    """Check what has to hold of the course of a case wherever it is read."""
    course = case.course
    places = [place.partition("/")[0] for place in course.returned]
    assert len(set(places)) == len(places), "returned twice within one centre"
    assert (case.state is CaseState.DISPUTED) == (course.arbitration is not None), "a dispute without a question"
    still = (case.offer, course.application, course.suspension, course.merged_into)
    assert sum(one is not None for one in still) <= 1, "two things hold the case still"
    for first, second in (
        (course.submission and course.submission.by, course.signed_off_by),
        (course.suspension and course.suspension.by, course.suspension and course.suspension.approved_by),
        (course.extension and course.extension.by, course.extension and course.extension.approved_by),
    ):
        assert not first or first != second, "one person decided alone"
    assert case.waiting_since <= case.registered_at, "an earlier reporter was forgotten"
    assert (case.state is CaseState.RESOLVED) == (case.closing is not None), "closed without a kind"
    if course.unreasonable:
        assert case.closing in (None, ClosingKind.EXPLAINED, ClosingKind.WITHDRAWN), "an unreasonable claim was solved"


class Witness:
    """Watches a federation over time: some rules are about what may never change again."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._first_receivers: dict[UUID, FirstReceiver] = {}
        self._reopened: set[tuple[UUID, int]] = set()
        self._closings: dict[tuple[UUID, int], tuple[ClosingKind, datetime]] = {}
        self._clocks = ClockWitness()

    def check(self) -> None:
        """Check all that has to hold at every step."""
        for case_id in {case_id for node in self.network.nodes.values() for case_id in node.files}:
            files = self._files(case_id)
            self._check_one_holder(files)
            self._check_candidates(files)
            self._check_first_receiver(case_id, files)
            self._check_arbiters(files)
            for file in files.values():
                check_course(file.case)
                if file.role is Role.HOLDER:
                    self._check_closing(file.case)
            self._clocks.check(files)
        self._check_sequences()
        self._check_nothing_misplaced()

    def check_drained(self) -> None:
        """Check all that has to hold when every edge is empty."""
        for case_id in {case_id for node in self.network.nodes.values() for case_id in node.files}:
            self._check_mirrors(case_id)
        self._check_directives()
        self._check_journals()

    def _files(self, case_id: UUID) -> dict[str, CaseFile]:
        nodes = self.network.nodes
        return {code: node.files[case_id] for code, node in nodes.items() if case_id in node.files}

    def _check_one_holder(self, files: dict[str, CaseFile]) -> None:
        holders = sorted(
            ((code, file) for code, file in files.items() if file.role is Role.HOLDER),
            key=lambda one: -one[1].case.epoch,
        )
        assert holders, "nobody holds the case"
        epochs = [file.case.epoch for _, file in holders]
        assert len(set(epochs)) == len(epochs), f"two holders at one epoch: {[code for code, _ in holders]}"
        assert epochs[0] == max(file.case.epoch for file in files.values()), "somebody knows of a higher epoch"
        for code, file in holders:
            assert file.case.holder == code, "a holder that names another"
        for (_, above), (_, file) in pairwise(holders):
            offer = file.case.offer
            assert offer is not None, "a holder of an old epoch without an open offer"
            assert file.case.epoch < offer.epoch <= above.case.epoch, "an offer that does not lead to the next holder"
        able = [code for code, file in files.items() if DECIDING & set(allowed_commands(file))]
        assert len(able) <= 1, f"more than one centre can decide: {able}"

    def _check_candidates(self, files: dict[str, CaseFile]) -> None:
        candidates = [(code, file) for code, file in files.items() if file.role is Role.CANDIDATE]
        assert len(candidates) <= 1, f"more than one centre can accept: {[code for code, _ in candidates]}"
        for code, file in candidates:
            mine = file.case.offer
            assert mine is not None, "a candidate without an offer"
            assert mine.to == code, "a candidate for an offer to another"
            holder = files[file.case.holder]
            theirs = holder.case.offer
            assert holder.role is Role.HOLDER, "an offer that nobody waits for"
            assert theirs is not None, "an offer that its holder has closed"
            assert theirs.id == mine.id, "an offer that its holder has replaced"

    def _check_arbiters(self, files: dict[str, CaseFile]) -> None:
        arbiters = [(code, file) for code, file in files.items() if file.role is Role.ARBITER]
        assert len(arbiters) <= 1, f"more than one centre can arbitrate: {[code for code, _ in arbiters]}"
        for code, file in arbiters:
            mine, theirs = file.case.course.arbitration, files[file.case.holder].case.course.arbitration
            assert mine is not None, "an arbiter without a question"
            assert mine.to == code, "an arbiter for a question to another"
            assert theirs is not None, "a question that its holder has closed"
            assert theirs.id == mine.id, "a question that its holder has replaced"

    def _check_closing(self, case: Case) -> None:
        key = (case.id, case.course.reopened)
        if case.closing is not None and case.resolved_at is not None:
            kind, _ = self._closings.setdefault(key, (case.closing, case.resolved_at))
            assert kind is case.closing, "the kind of closing changed"
        earlier = self._closings.get((case.id, case.course.reopened - 1))
        if earlier is not None and key not in self._reopened:
            self._reopened.add(key)
            last = earlier[1] + timedelta(days=HANDBOOK.reopen_days)
            journal = self.network.nodes[case.holder].journal(case.id)
            times = sorted(entry.event.at for entry in journal if entry.event.kind is EventKind.REOPENED)
            assert times[case.course.reopened - 1] <= last, "a closed case was reopened after its window"

    def _check_first_receiver(self, case_id: UUID, files: dict[str, CaseFile]) -> None:
        for file in files.values():
            first = file.case.first_receiver
            assert first.centre, "a first receiver without a centre"
            assert first.unit, "a first receiver without a unit"
            if first.fixed:
                assert self._first_receivers.setdefault(case_id, first) == first, "the first receiver changed"
            elif file.role is Role.HOLDER and file.case.offer is None:
                assert case_id not in self._first_receivers, "the first receiver was forgotten"

    def _check_sequences(self) -> None:
        for here, there in self.network.ways:
            outbox, inbox = self.network.nodes[here].outboxes[there], self.network.nodes[there].inboxes[here]
            sending = outbox.sending
            assert sending.acked_seq <= inbox.received_seq <= sending.sent_seq, (
                f"{here}->{there} is acknowledged too far"
            )
            assert sorted(outbox.unacknowledged) == list(range(sending.acked_seq + 1, sending.sent_seq + 1)), (
                f"{here}->{there} has a gap"
            )
            assert all(inbox.received_seq < seq - 1 < sending.sent_seq for seq in inbox.held), (
                f"{here}->{there} holds wrongly"
            )

    def _check_nothing_misplaced(self) -> None:
        letters = [(code, letter) for code, node in self.network.nodes.items() for letter in node.dead]
        assert not letters, f"misplaced without a fault in a message: {letters[0]}"

    def _check_mirrors(self, case_id: UUID) -> None:
        files = self._files(case_id)
        (holder,) = (code for code, file in files.items() if file.role is Role.HOLDER)
        held: Case = files[holder].case
        story = set[UUID]().union(*(node.applied.get(case_id, ()) for node in self.network.nodes.values()))
        for code, file in files.items():
            if file.role is Role.BYSTANDER:
                continue
            assert file.case == held, f"{code} ({file.role}) sees another state than {holder}"
            known = self.network.nodes[code].applied[case_id]
            assert known == story, f"{code} ({file.role}) lacks {len(story - known)} events"
        assert files[held.origin].role is not Role.BYSTANDER, "the origin does not follow"
        if held.offer is not None:
            assert files[held.offer.to].role is Role.CANDIDATE, "an open offer that nobody can answer"
        self._check_authors(case_id)

    def _check_authors(self, case_id: UUID) -> None:
        # What one centre wrote stands in the order of its writing wherever it is read.
        for node in self.network.nodes.values():
            last: dict[str, int] = {}
            for event in (entry.event for entry in node.journal(case_id)):
                assert last.get(event.centre, 0) < event.id.int, (
                    f"{node.centre.code} has events out of their author's order"
                )
                last[event.centre] = event.id.int

    def _check_directives(self) -> None:
        for node in self.network.nodes.values():
            for key, file in node.directives.items():
                other = self.network.nodes[
                    file.directive.recipient if node.centre.code == file.directive.issuer else file.directive.issuer
                ]
                assert other.directives[key].directive == file.directive, "two sides see different directives"
                assert node.journal(key) == other.journal(key), "two sides tell different stories"

    def _check_journals(self) -> None:
        for node in self.network.nodes.values():
            for key, journal in node.journals.items():
                assert first_break((one.position, one.event, one.hash) for one in journal) is None, (
                    "a journal is not whole"
                )
                file = node.files.get(key) or node.directives[key]
                digest = journal[-1].hash
                assert (file.journal_length, file.journal_hash) == (len(journal), digest), "the file forgot its journal"
