"""What a fact adds to the sums, and that the sums come out right whatever comes twice, late or out of order (F31)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.domain.case import CaseKind, CaseState, Channel, RequestType
from fengqiao.domain.course import ClosingKind, Grade
from fengqiao.domain.fact import CitizensWord, Fact, FactLimit
from fengqiao.domain.tally import Measure, Tally, moved, tallies
from tests.unit.samples import CITY, EAST, EAST_HILL, THREE_LEVELS

MARCH = date(2026, 3, 1)
APRIL = date(2026, 4, 1)
NOON = datetime(2026, 3, 30, 4, 0, tzinfo=UTC)


def fact(**changes: object) -> Fact:
    plain = Fact(
        case_id=UUID(int=7),
        number=f"{EAST_HILL}-20260330-00007",
        centre=EAST_HILL,
        epoch=1,
        version=1,
        journal_length=1,
        holder=EAST_HILL,
        unit="",
        state=CaseState.REGISTERED,
        kind=CaseKind.REQUEST,
        request_type=RequestType.HELP,
        channel=Channel.DESK,
        urgent=False,
        item="0102",
        grade=None,
        path=(EAST_HILL,),
        registered_at=NOON,
        updated_at=NOON,
        resolved_at=None,
        closing=None,
        direct=False,
        offered=False,
        suspended=False,
        returned=0,
        reopened=0,
        extended=False,
        unreasonable=False,
        word=None,
        limits=(),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # values of the fields, as a test names them


def measured(one: Fact) -> set[tuple[date, Measure, str]]:
    found = tallies(one, THREE_LEVELS)
    return {(tally.since, tally.measure, tally.detail) for tally in found if not tally.measure.startswith("day_")}


def by_day(one: Fact) -> list[tuple[date, Measure]]:
    return [(tally.since, tally.measure) for tally in tallies(one, THREE_LEVELS) if tally.measure.startswith("day_")]


def test_a_case_that_came_in_counts_once_in_its_month_and_class() -> None:
    monthly = Tally(MARCH, Measure.REGISTERED, "", "01")
    assert tallies(fact(), THREE_LEVELS) == (monthly, Tally(date(2026, 3, 30), Measure.DAY_REGISTERED, "", ""))


def test_the_month_is_that_of_the_city_and_not_of_greenwich() -> None:
    assert fact(registered_at=datetime(2026, 3, 31, 17, 0, tzinfo=UTC)).month == APRIL


def test_what_is_closed_counts_in_the_month_of_the_closing_and_what_came_in_in_its_own() -> None:
    closed = fact(resolved_at=NOON + timedelta(days=3), closing=ClosingKind.SOLVED, state=CaseState.RESOLVED)
    assert measured(closed) == {
        (MARCH, Measure.REGISTERED, ""),
        (MARCH, Measure.WITHIN, "3"),
        (MARCH, Measure.WITHIN, "15"),
        (MARCH, Measure.WITHIN, "60"),
        (APRIL, Measure.CLOSED, "solved"),
    }
    late = replace(closed, resolved_at=NOON + timedelta(days=3, seconds=1))
    assert (MARCH, Measure.WITHIN, "3") not in measured(late)


def test_a_limit_counts_when_it_was_met_and_in_the_month_of_the_day_that_it_was_due() -> None:
    end_of_march = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)  # 24:00 of the last day, in the city.
    kept = FactLimit("solve", end_of_march, NOON, NOON)
    late = FactLimit("answer", NOON, end_of_march, end_of_march)
    running = FactLimit("visit", NOON, None, None)
    found = measured(fact(limits=(kept, late, running)))
    assert found - {(MARCH, Measure.REGISTERED, "")} == {
        (MARCH, Measure.DUE, "solve"),
        (MARCH, Measure.ON_TIME, "solve"),
        (MARCH, Measure.DUE, "answer"),
    }


def test_the_wallboard_counts_by_the_day_and_two_limits_of_one_day_are_two() -> None:
    kept = FactLimit("solve", NOON + timedelta(days=1), NOON, NOON)
    late = FactLimit("answer", NOON + timedelta(days=1), NOON + timedelta(days=2), NOON + timedelta(days=2))
    closed = fact(resolved_at=NOON + timedelta(days=2), closing=ClosingKind.SOLVED, limits=(kept, late))
    last = date(2026, 3, 31)
    assert by_day(closed) == [
        (date(2026, 3, 30), Measure.DAY_REGISTERED),
        (last, Measure.DAY_DUE),
        (last, Measure.DAY_DUE),
        (last, Measure.DAY_ON_TIME),
        (date(2026, 4, 1), Measure.DAY_CLOSED),
    ]


@pytest.mark.parametrize(
    ("path", "rose"),
    [
        ((EAST_HILL,), None),
        ((EAST_HILL, EAST), ("county", False)),
        ((EAST_HILL, EAST, EAST_HILL), ("county", True)),
        ((EAST_HILL, EAST, CITY), ("city", False)),
        ((EAST_HILL, EAST, CITY, EAST), ("city", True)),
    ],
)
def test_a_case_rose_to_the_highest_tier_that_held_it(path: tuple[str, ...], rose: tuple[str, bool] | None) -> None:
    found = measured(fact(path=path, holder=path[-1]))
    back = (MARCH, Measure.CAME_BACK, "") in found
    risen = [(detail, back) for _, measure, detail in found if measure is Measure.ROSE]
    assert risen == ([rose] if rose else [])


@pytest.mark.parametrize(("holder", "grade", "contained"), [
    (EAST_HILL, Grade.SMALL, True), (EAST, Grade.MIDDLE, False), (EAST, Grade.BIG, True), (CITY, Grade.BIG, False),
])  # fmt: skip
def test_a_case_is_contained_where_its_grade_belongs(holder: str, grade: Grade, contained: bool) -> None:
    found = measured(fact(holder=holder, grade=grade, resolved_at=NOON, closing=ClosingKind.SOLVED))
    assert (MARCH, Measure.GRADED, "") in found
    assert ((MARCH, Measure.CONTAINED, "") in found) is contained


def test_an_unreasonable_claim_has_a_denominator_of_its_own() -> None:
    content = fact(resolved_at=NOON, closing=ClosingKind.SOLVED, word=CitizensWord(solved=True, satisfied=True))
    assert {(MARCH, Measure.SPOKEN, ""), (MARCH, Measure.SATISFIED, "")} <= measured(content)
    spoken = {measure for _, measure, _ in measured(replace(content, unreasonable=True))}
    assert {Measure.SPOKEN_UNREASONABLE, Measure.SATISFIED_UNREASONABLE} <= spoken
    assert not {Measure.SPOKEN, Measure.SATISFIED} & spoken


items = st.sampled_from(["", "0102", "0301"])
stories = st.lists(
    st.builds(
        lambda item, days, extended, reopened: fact(
            item=item,
            resolved_at=NOON + timedelta(days=days) if days is not None else None,
            closing=ClosingKind.SOLVED if days is not None else None,
            extended=extended,
            reopened=reopened,
        ),
        items, st.none() | st.integers(0, 90), st.booleans(), st.integers(0, 2),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


@given(stories)
def test_the_sums_are_those_of_the_newest_fact_whatever_came_before(story: Sequence[Fact]) -> None:
    sums: Counter[Tally] = Counter()
    before: tuple[Tally, ...] = ()
    for one in story:
        after = tallies(one, THREE_LEVELS)
        sums.update(moved(before, after))
        before = after
    assert {tally: many for tally, many in sums.items() if many} == Counter(tallies(story[-1], THREE_LEVELS))


@given(stories)
def test_the_same_fact_again_moves_nothing(story: Sequence[Fact]) -> None:
    for one in story:
        assert moved(tallies(one, THREE_LEVELS), tallies(one, THREE_LEVELS)) == {}
