from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.limit_table import NO_TRIGGERS
from fengqiao.domain.points import (
    POINTS_KINDS,
    Standing,
    entries_in,
    entry_id,
    holder_at,
    imposed,
    not_ours,
    taken_back,
    total,
    unit_at,
)
from fengqiao.domain.supervision_command import AppealPoints, DecideAppeal, DeductPoints
from tests.unit.domain.refusals import faults_of, refusal_of
from tests.unit.limits import limit
from tests.unit.samples import CITY, EAST, NOON
from tests.unit.supervision import CASE, DAY, ENTRY, HOUR, SUPERVISION, Supervised, event, followed, fresh_id

DEDUCT = DeductPoints(CASE, ENTRY, "untrue-result", "roads", "回访发现没有办。")
APPEAL = AppealPoints(CASE, ENTRY, "已办，有照片。")
UPHOLD = DecideAppeal(CASE, ENTRY, upheld=True, reason="照片属实。")
REGISTERED = event(EventKind.REGISTERED, NOON, unit="", channel="desk", number="1")
PEOPLE = ("孙督查", "李所长", "赵主任", "王敏")


def test_points_by_hand_are_of_a_unit_of_this_centre_by_a_rule_for_them() -> None:
    case = Supervised(REGISTERED)
    assert case.points(DEDUCT)["points"] == "3"
    for wrong, field in (
        (replace(DEDUCT, rule="overdue"), "rule"),
        (replace(DEDUCT, unit="no-such"), "unit"),
        (replace(DEDUCT, reason=""), "reason"),
    ):
        assert [name for name, _ in faults_of(refusal_of(case.points, wrong))] == [field]


def test_a_red_rung_charges_the_unit_that_had_the_case_at_its_time() -> None:
    story = (
        REGISTERED,
        event(EventKind.ASSIGNED, NOON + 2 * HOUR, unit="roads"),
        event(EventKind.TRANSFERRED, NOON + 9 * HOUR, unit="water"),
        event(EventKind.RETURNED, NOON + 20 * HOUR, reason="不属本单位"),
    )
    for hours, unit in ((1, "window"), (3, "roads"), (10, "water"), (21, "window")):
        assert unit_at(story, NOON + hours * HOUR) == unit
    clock = limit("article-solve")
    case = Supervised(*story)
    made = imposed(case.file, clock, "red", NOON + 3 * HOUR, story, case.facts(NOON, "clock"), SUPERVISION)
    assert made is not None
    assert (made.id, made.details["unit"], made.details["rule"]) == (
        entry_id(clock.id, "red", EAST),
        "roads",
        "overdue",
    )
    again = imposed(case.file, clock, "red", NOON + 3 * HOUR, story, case.facts(NOON, "clock"), SUPERVISION)
    assert again == made
    assert imposed(case.file, clock, "yellow", NOON, story, case.facts(NOON, "clock"), SUPERVISION) is None


def test_a_rung_in_another_holders_time_charges_nobody_here() -> None:
    story = (REGISTERED, event(EventKind.OFFER_ACCEPTED, NOON + 2 * HOUR, CITY, 2, offer="x"))
    assert [holder_at(story, EAST, NOON + hours * HOUR) for hours in (1, 3)] == [EAST, CITY]
    case = Supervised(*story)
    at = NOON + 3 * HOUR
    assert imposed(case.file, limit("article-solve"), "red", at, story, case.facts(at, "clock"), SUPERVISION) is None


def test_an_entry_that_proves_to_be_another_holders_is_reversed_once() -> None:
    story, at = (REGISTERED,), NOON + 3 * HOUR
    case = Supervised(*story)
    made = imposed(case.file, limit("article-solve"), "red", at, story, case.facts(at, "clock"), SUPERVISION)
    assert made is not None
    case.history.append(made)
    (entry,) = entries_in(case.history)
    assert not not_ours(entry, case.history, EAST)
    case.history.append(event(EventKind.OFFER_ACCEPTED, NOON + 2 * HOUR, CITY, 2, offer="x"))
    assert not_ours(entry, case.history, EAST)
    decision = taken_back(case.file, entry, case.facts(at + DAY, "clock"))
    assert decision.events[0].id == taken_back(case.file, entry, case.facts(at + 2 * DAY, "clock")).events[0].id
    case.history.extend(decision.events)
    assert total(entries_in(case.history)) == 0


def test_an_appeal_comes_in_time_once_and_is_decided_by_a_third_person() -> None:
    case = Supervised(REGISTERED)
    case.points(DEDUCT, actor="孙督查")
    late = refusal_of(case.points, APPEAL, NOON + 10 * DAY + timedelta(seconds=1), "李所长")
    assert late.code == "points_appeal_late"
    assert refusal_of(case.points, UPHOLD, NOON, "赵主任").code == "points_not_appealed"
    case.points(APPEAL, NOON + 10 * DAY, "李所长")
    assert refusal_of(case.points, APPEAL, NOON, "李所长").code == "points_not_standing"
    for person in ("孙督查", "李所长"):
        refusal = refusal_of(case.points, UPHOLD, NOON, person)
        assert (refusal.kind, refusal.code) == (Kind.FORBIDDEN, "points_second_person")
    assert faults_of(refusal_of(case.points, replace(UPHOLD, reason=""), NOON, "赵主任")) == [("reason", "text_empty")]
    case.points(UPHOLD, NOON, "赵主任")
    assert [entry.standing for entry in entries_in(case.history)] == [Standing.REVERSED]


def test_the_days_of_an_appeal_begin_when_the_entry_is_made() -> None:
    case, entered = Supervised(REGISTERED), NOON + 30 * DAY
    made = imposed(
        case.file, limit("article-solve"), "red", NOON, case.history, case.facts(entered, "clock"), SUPERVISION
    )
    assert made is not None
    assert made.at == NOON
    case.history.append(made)
    asked = replace(APPEAL, entry_id=made.id)
    assert refusal_of(case.points, asked, entered + 11 * DAY, "李所长").code == "points_appeal_late"
    assert case.points(asked, entered + 9 * DAY, "李所长")["unit"] == "window"


def test_a_ledger_is_its_own_centres() -> None:
    case = Supervised(REGISTERED)
    case.points(DEDUCT)
    above = Supervised(*case.history, file=followed(holder=EAST), centre=CITY)
    assert refusal_of(above.points, APPEAL).code == "points_not_ours"
    unknown = refusal_of(case.points, replace(APPEAL, entry_id=fresh_id()))
    assert unknown.kind is Kind.NOT_FOUND


steps = st.lists(
    st.tuples(
        st.sampled_from(["deduct", "appeal", "uphold", "dismiss", "repeat"]),
        st.integers(0, 5),
        st.sampled_from(PEOPLE),
    ),
    max_size=40,
)


def played(moves: list[tuple[str, int, str]]) -> Supervised:
    """Play commands on a few entries; what is refused changes nothing."""
    case = Supervised(REGISTERED)
    ids = [fresh_id() for _ in range(6)]
    for name, which, person in moves:
        identity, before = ids[which], list(case.history)
        try:
            match name:
                case "deduct" if all(entry.id != identity for entry in entries_in(before)):
                    case.points(replace(DEDUCT, entry_id=identity), NOON, person)
                case "appeal":
                    case.points(replace(APPEAL, entry_id=identity), NOON, person)
                case "uphold" | "dismiss":
                    case.points(replace(UPHOLD, entry_id=identity, upheld=name == "uphold"), NOON, person)
                case _:
                    assert before == case.history
        except Refusal:
            assert case.history == before
    return case


@given(steps)
def test_the_sum_is_entries_less_reversals_and_none_is_reversed_twice(moves: list[tuple[str, int, str]]) -> None:
    history = played(moves).history
    made = sum(int(one.details["points"]) for one in history if one.kind is EventKind.POINTS_DEDUCTED)
    back = [one for one in history if one.kind is EventKind.POINTS_REVERSED]
    assert total(entries_in(history)) == made - sum(int(one.details["points"]) for one in back)
    assert len({one.details["entry"] for one in back}) == len(back)


@given(steps)
def test_nobody_decides_about_what_they_entered_or_appealed(moves: list[tuple[str, int, str]]) -> None:
    who: dict[tuple[str, EventKind], str] = {}
    for one in played(moves).history:
        if one.kind not in POINTS_KINDS:
            continue
        entry = one.details["entry"]
        if one.kind in (EventKind.POINTS_REVERSED, EventKind.APPEAL_DISMISSED):
            involved = {who[entry, EventKind.POINTS_DEDUCTED], who[entry, EventKind.POINTS_APPEALED]}
            assert one.actor not in involved
        who[entry, one.kind] = one.actor


@given(steps)
def test_what_the_ledger_says_does_not_hang_on_other_events(moves: list[tuple[str, int, str]]) -> None:
    history = played(moves).history
    noise: list[Event] = []
    for one in history:
        noise += [event(EventKind.NOTED, text="补充"), one]
    assert entries_in(noise) == entries_in(history)


@pytest.mark.parametrize("kind", sorted(POINTS_KINDS))
def test_the_facts_of_the_ledger_may_move_no_clock(kind: EventKind) -> None:
    assert kind in NO_TRIGGERS
