"""What the audit calls wrong over the copies of one case, and what it allows while a message is under way."""

from dataclasses import replace
from datetime import timedelta

from fengqiao.domain.audit import CaseCopy, Rule, case_findings
from fengqiao.domain.audit_edges import (
    EdgeEnd,
    HeldMessage,
    absent_findings,
    edge_findings,
    missing_findings,
    stuck_findings,
)
from fengqiao.domain.case import CaseFile, CaseState, FirstReceiver, Role
from fengqiao.domain.event import GENESIS, Event, EventKind
from fengqiao.domain.journal import extended
from tests.unit.samples import CITY, EAST, EAST_HILL, NOON, number, offered, registered, seen_by

ALL = frozenset({CITY, EAST, EAST_HILL})
TAKEN_IN = Event(number(100), number(1), EventKind.REGISTERED, EAST_HILL, "王芳", NOON, 1, {"channel": "desk"})
TAKEN_OVER = Event(number(102), number(1), EventKind.OFFER_ACCEPTED, EAST, "李强", NOON, 2, {"offer": str(number(50))})
STORY = (TAKEN_IN, TAKEN_OVER)


def copy(centre: str, file: CaseFile, *events: Event) -> CaseCopy:
    journal = extended(0, GENESIS, events or STORY[: file.case.epoch])
    return CaseCopy(centre, replace(file, journal_length=len(journal), journal_hash=journal[-1].hash), journal)


def rules(*copies: CaseCopy, settled: bool = True, hosted: frozenset[str] = ALL) -> set[tuple[Rule, str]]:
    return {(one.rule, one.centre) for one in case_findings(copies, settled=settled, hosted=hosted)}


def handed_over() -> tuple[CaseFile, CaseFile]:
    """The file of the township, which has not heard yet, and of the county, which has accepted."""
    before = offered(registered(EAST_HILL), EAST)
    case = replace(before.case, holder=EAST, epoch=2, version=before.case.version + 1, offer=None)
    return before, CaseFile(case, Role.HOLDER, frozenset({EAST_HILL}))


def test_one_holder_alone_is_in_order() -> None:
    assert rules(copy(EAST_HILL, registered(EAST_HILL))) == set()


def test_while_the_acceptance_is_under_way_there_may_be_two_holders() -> None:
    before, after = handed_over()
    assert rules(copy(EAST_HILL, before), copy(EAST, after), settled=False) == set()
    assert (Rule.ONE_HOLDER, EAST_HILL) in rules(copy(EAST_HILL, before), copy(EAST, after), settled=True)


def test_an_earlier_holder_without_an_offer_is_never_in_order() -> None:
    before, after = handed_over()
    closed = replace(before, case=replace(before.case, offer=None))
    assert rules(copy(EAST_HILL, closed), copy(EAST, after), settled=False) == {(Rule.ONE_HOLDER, EAST_HILL)}


def test_two_holders_at_one_epoch_are_never_in_order() -> None:
    _, after = handed_over()
    other = replace(after, audience=frozenset[str]())
    assert rules(copy(EAST, after), copy(CITY, other), settled=False) == {(Rule.ONE_HOLDER, CITY)}


def test_a_case_held_where_nobody_looks_is_not_called_unheld() -> None:
    _, after = handed_over()
    follower = seen_by(after.case, Role.FOLLOWER, EAST)
    assert rules(copy(EAST_HILL, follower), hosted=frozenset({EAST_HILL})) == set()
    assert (Rule.ONE_HOLDER, EAST) in rules(copy(EAST_HILL, follower))


def test_what_a_holder_says_of_its_case_its_events_tell_too() -> None:
    _, after = handed_over()
    assigned = replace(TAKEN_OVER, id=number(103), kind=EventKind.ASSIGNED, details={"unit": "roads"})
    resolved = replace(assigned, id=number(104), kind=EventKind.RESOLVED, details={"closing": "solved", "result": "修"})
    told = replace(after, case=replace(after.case, state=CaseState.RESOLVED, unit="roads"), audience=frozenset())
    here = frozenset({EAST})
    assert rules(copy(EAST, told, *STORY, assigned, resolved), hosted=here) == set()
    for wrong in ({"state": CaseState.ASSIGNED}, {"unit": "water"}, {"epoch": 3}):
        forged = replace(told, case=replace(told.case, **wrong))
        found = rules(copy(EAST, forged, *STORY, assigned, resolved), settled=False, hosted=here)
        assert found == {(Rule.STANDING, EAST)}, wrong
    assert rules(copy(EAST, told, TAKEN_IN, assigned, resolved), hosted=here) == {(Rule.STANDING, EAST)}


def test_an_empty_first_receiver_is_never_in_order() -> None:
    file = registered(EAST_HILL)
    empty = replace(file, case=replace(file.case, first_receiver=FirstReceiver(EAST_HILL, " ", fixed=False)))
    assert rules(copy(EAST_HILL, empty), settled=False) == {(Rule.FIRST_RECEIVER, EAST_HILL)}


def test_a_fixed_first_receiver_is_the_same_also_for_bystanders() -> None:
    file = registered(EAST_HILL)
    one, other = (
        replace(file.case, first_receiver=FirstReceiver(EAST_HILL, unit, fixed=True)) for unit in ("police", "justice")
    )
    found = rules(copy(EAST_HILL, replace(file, case=one)), copy(EAST, seen_by(other, Role.BYSTANDER)))
    assert found == {(Rule.FIRST_RECEIVER, EAST)}


def test_an_offer_that_was_delivered_has_a_candidate() -> None:
    before = offered(registered(EAST_HILL), EAST)
    assert rules(copy(EAST_HILL, before), copy(EAST, seen_by(before.case, Role.CANDIDATE))) == set()
    assert rules(copy(EAST_HILL, before)) == {(Rule.FOLLOWER, EAST)}
    assert rules(copy(EAST_HILL, before), settled=False) == set()


def test_whoever_is_told_of_changes_has_the_case_and_tells_back() -> None:
    before, after = handed_over()
    follower = replace(before, case=after.case, role=Role.FOLLOWER, audience=frozenset({EAST}))
    assert rules(copy(EAST_HILL, follower), copy(EAST, after)) == set()
    deaf = replace(follower, audience=frozenset[str]())
    assert rules(copy(EAST_HILL, deaf), copy(EAST, after)) == {(Rule.FOLLOWER, EAST_HILL)}


def test_an_event_that_only_a_bystander_has_is_missing_elsewhere() -> None:
    note = replace(TAKEN_IN, id=number(101), kind=EventKind.NOTED, details={"text": "补充"})
    file = registered(EAST_HILL)
    bystander = copy(EAST, seen_by(file.case, Role.BYSTANDER), TAKEN_IN, note)
    assert rules(copy(EAST_HILL, file), bystander) == {(Rule.EVENT_MISSING, EAST_HILL)}
    assert rules(copy(EAST_HILL, file), bystander, settled=False) == set()


def test_an_event_belongs_to_its_author() -> None:
    before, after = handed_over()
    follower = replace(before, case=after.case, role=Role.FOLLOWER, audience=frozenset({EAST}))
    forged = replace(TAKEN_IN, actor="别人")
    assert rules(copy(EAST, after, forged, TAKEN_OVER), copy(EAST_HILL, follower)) == {(Rule.EVENT_ALIKE, EAST)}


def test_ends_of_an_edge_that_fit() -> None:
    sender = EdgeEnd(
        EAST_HILL, EAST, sent_seq=5, acked_seq=3, received_seq=0, numbered=2, first_numbered=4, last_numbered=5
    )
    receiver = EdgeEnd(EAST, EAST_HILL, sent_seq=0, acked_seq=0, received_seq=4)
    assert edge_findings(sender, receiver) == ()
    assert edge_findings(receiver, sender) == ()
    assert {one.rule for one in edge_findings(replace(sender, sent_seq=3), receiver)} == {
        Rule.OUTBOX,
        Rule.ACKNOWLEDGED,
    }
    assert {one.rule for one in edge_findings(sender, replace(receiver, received_seq=2))} == {Rule.ACKNOWLEDGED}
    assert {one.rule for one in edge_findings(replace(sender, first_numbered=3), receiver)} == {Rule.OUTBOX}
    assert {one.rule for one in edge_findings(replace(receiver, gaps=((1, 3),)), None)} == {Rule.INBOX}


def test_a_message_beyond_a_gap_that_is_closed_was_forgotten() -> None:
    ahead = HeldMessage(4, "ahead", "offer_made", number(1), "", NOON)
    end = EdgeEnd(EAST, EAST_HILL, sent_seq=0, acked_seq=0, received_seq=4, held=(ahead,))
    assert [(one.rule, one.subject) for one in edge_findings(end, None)] == [(Rule.INBOX, number(1))]
    assert edge_findings(replace(end, received_seq=2), None) == ()


def test_only_what_was_under_way_before_counts_as_stuck() -> None:
    waiting = HeldMessage(4, "waiting", "newer", number(1), "message_unknown_type", NOON)
    parked = replace(waiting, seq=5, state="parked")
    end = EdgeEnd(
        EAST, EAST_HILL, sent_seq=1, acked_seq=0, received_seq=5, numbered=1, oldest_at=NOON, held=(waiting, parked)
    )
    assert stuck_findings(end, NOON) == ()
    found = stuck_findings(end, NOON + timedelta(seconds=1))
    assert [one.rule for one in found] == [Rule.UNDELIVERED, Rule.HELD]


def test_a_neighbour_that_was_heard_of_had_a_database() -> None:
    end = EdgeEnd(EAST_HILL, EAST, sent_seq=4, acked_seq=0, received_seq=0)
    assert absent_findings(end) == (), "what was only sent may wait for a centre that was never made"
    for heard in (replace(end, acked_seq=1), replace(end, received_seq=1)):
        assert [(one.rule, one.centre) for one in absent_findings(heard)] == [(Rule.DATABASE, EAST)]


def test_a_missing_row_of_an_edge_is_wrong_once_the_centre_has_worked() -> None:
    silent = EdgeEnd(EAST, EAST_HILL, sent_seq=4, acked_seq=0, received_seq=0)
    assert missing_findings(EAST_HILL, EAST, silent, others_here=False) == (), "its node never started"
    assert missing_findings(EAST_HILL, EAST, None, others_here=False) == ()
    for other, others_here in ((silent, True), (None, True), (replace(silent, received_seq=2), False)):
        found = missing_findings(EAST_HILL, EAST, other, others_here=others_here)
        assert [(one.rule, one.centre) for one in found] == [(Rule.EDGE, EAST_HILL)]


def test_a_parked_message_without_a_letter_is_held_for_ever() -> None:
    parked = HeldMessage(3, "parked", "case_progress", number(1), "message_misplaced", NOON, has_letter=False)
    end = EdgeEnd(EAST, EAST_HILL, sent_seq=0, acked_seq=0, received_seq=3, held=(parked,))
    assert [(one.rule, one.subject) for one in edge_findings(end, None)] == [(Rule.HELD, number(1))]
    assert edge_findings(replace(end, held=(replace(parked, has_letter=True),)), None) == ()
