"""The rates and their denominators, held to published figures (domain-facts, Known answers)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.domain.course import ClosingKind
from fengqiao.domain.errors import Refusal
from fengqiao.domain.figures import CaseFacts, LimitOutcome, Period, Rate, figures, summed

JULY = Period(date(2025, 7, 1), date(2025, 7, 31))
MID_JULY = date(2025, 7, 15)
IN_TIME, LATE, OPEN = LimitOutcome(MID_JULY, True), LimitOutcome(MID_JULY, False), LimitOutcome(MID_JULY, None)


def percent(rate: Rate) -> float:
    assert rate.share is not None
    return round(rate.share * 100, 2)


def test_dezhou_counts_what_was_on_time_of_what_was_dispatched() -> None:
    found = figures(
        [
            CaseFacts(MID_JULY, direct=True, count=36_516),
            CaseFacts(MID_JULY, limits={"reply": IN_TIME}, count=17_529),
            CaseFacts(MID_JULY, limits={"reply": LATE}, count=18_190 - 17_529),
        ],
        JULY,
    )
    assert found.registered == 54_706
    assert percent(found.rate("direct")) == 66.75
    on_time = found.rate("on_time", "reply")
    assert (on_time.numerator, on_time.denominator, percent(on_time)) == (17_529, 18_190, 96.37)


def test_tianmen_divides_by_what_was_due_to_close_and_not_by_what_came_in() -> None:
    december = Period(date(2016, 12, 1), date(2016, 12, 31))
    day, later = date(2016, 12, 20), date(2017, 1, 4)
    found = figures(
        [
            CaseFacts(day, limits={"close": LimitOutcome(day, True)}, count=737),
            CaseFacts(day, limits={"close": LimitOutcome(day, False)}, count=911 - 737),
            CaseFacts(day, limits={"close": LimitOutcome(day, None)}, count=972 - 911),
            CaseFacts(day, limits={"close": LimitOutcome(later, True)}, count=996 - 972),
        ],
        december,
    )
    assert found.registered == 996
    assert percent(found.rate("met", "close")) == 93.72
    assert percent(found.rate("on_time", "close")) == 75.82


def test_lianyungang_has_a_denominator_for_each_of_its_three_rates() -> None:
    signed, answered, satisfied = 41_579, 40_173, 39_801
    found = figures(
        [
            CaseFacts(MID_JULY, direct=True, count=41_489),
            CaseFacts(MID_JULY, limits={"sign": IN_TIME, "reply": IN_TIME}, count=answered),
            CaseFacts(MID_JULY, limits={"sign": IN_TIME, "reply": LATE}, count=signed - answered),
            CaseFacts(MID_JULY, limits={"sign": LATE, "reply": LATE}, count=41_729 - signed),
            # Asked whether they were satisfied were not those who came in, but those whose case was closed.
            CaseFacts(date(2025, 6, 1), resolved_on=MID_JULY, satisfied=True, count=satisfied),
            CaseFacts(date(2025, 6, 1), resolved_on=MID_JULY, satisfied=False, count=41_729 - satisfied),
        ],
        JULY,
    )
    assert found.registered == 83_218
    assert percent(found.rate("on_time", "sign")) == 99.64
    assert percent(found.rate("on_time", "reply")) == 96.27
    assert percent(found.rate("satisfied")) == 95.38


def test_fuzhou_rework_and_extension() -> None:
    quarter = Period(date(2022, 4, 1), date(2022, 6, 30))
    day = date(2022, 5, 5)
    reworked, extended = 306, 556
    found = figures(
        [
            CaseFacts(day, resolved_on=day, reopened=True, count=reworked),
            CaseFacts(day, resolved_on=day, extended=True, count=extended),
            CaseFacts(day, resolved_on=day, count=277_924 - reworked - extended),
        ],
        quarter,
    )
    assert (percent(found.rate("rework")), percent(found.rate("extension"))) == (0.11, 0.20)


def test_satisfaction_has_the_denominator_of_those_who_spoke_and_reasonable_demands_their_own() -> None:
    found = figures(
        [
            CaseFacts(MID_JULY, resolved_on=MID_JULY, satisfied=True, count=217),
            CaseFacts(MID_JULY, resolved_on=MID_JULY, satisfied=False, reasonable=False, count=5),
            CaseFacts(MID_JULY, resolved_on=MID_JULY, count=1000),
        ],
        JULY,
    )
    assert found.rate("satisfied") == Rate("satisfied", 217, 217)
    assert found.rate("satisfied_unreasonable") == Rate("satisfied_unreasonable", 0, 5)


def test_a_young_case_is_neither_fast_nor_slow_yet() -> None:
    found = figures(
        [
            CaseFacts(MID_JULY, age_days=2, days_to_resolve=1, resolved_on=MID_JULY, count=10),
            CaseFacts(MID_JULY, age_days=3, days_to_resolve=3, resolved_on=MID_JULY, count=4),
            CaseFacts(MID_JULY, age_days=30, count=6),
        ],
        JULY,
    )
    assert found.rate("within_3_days") == Rate("within_3_days", 4, 10)
    assert found.rate("within_15_days") == Rate("within_15_days", 0, 6)
    assert found.rate("within_60_days").share is None


def test_explained_referred_and_withdrawn_are_not_solved() -> None:
    cases = [
        CaseFacts(MID_JULY, resolved_on=MID_JULY, closing=kind, count=number)
        for number, kind in enumerate(ClosingKind, start=1)
    ]
    found = figures(cases, JULY)
    assert [found.closings[kind] for kind in ClosingKind] == [1, 2, 3, 4]


def test_what_lies_outside_the_period_is_not_counted() -> None:
    june, august = MID_JULY - timedelta(days=30), MID_JULY + timedelta(days=30)
    found = figures(
        [
            CaseFacts(june, resolved_on=MID_JULY, closing=ClosingKind.SOLVED, limits={"reply": IN_TIME}, reopened=True),
            CaseFacts(
                MID_JULY, resolved_on=august, closing=ClosingKind.SOLVED, limits={"reply": LimitOutcome(august, False)}
            ),
        ],
        JULY,
    )
    assert found.registered == 1
    assert found.closings[ClosingKind.SOLVED] == 1
    assert found.rate("on_time", "reply") == Rate("on_time", 1, 1, "reply")
    assert found.rate("rework") == Rate("rework", 1, 1)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        Period(date(2025, 7, 2), date(2025, 7, 1))
    assert [violation.code for violation in caught.value.violations] == ["period_backward"]


FACTS = st.builds(
    CaseFacts,
    registered_on=st.dates(date(2025, 6, 1), date(2025, 8, 31)),
    direct=st.booleans(),
    resolved_on=st.none() | st.dates(date(2025, 6, 1), date(2025, 8, 31)),
    closing=st.sampled_from([*ClosingKind]),
    days_to_resolve=st.none() | st.integers(0, 90),
    age_days=st.integers(0, 90),
    limits=st.dictionaries(st.sampled_from(["reply", "assign"]), st.sampled_from([IN_TIME, LATE, OPEN])),
    reasonable=st.booleans(),
    satisfied=st.none() | st.booleans(),
    reopened=st.booleans(),
    contained=st.none() | st.booleans(),
    count=st.integers(1, 5),
)


@given(st.lists(FACTS), st.lists(FACTS))
def test_the_sum_of_two_centres_is_the_figure_of_both_together(one: list[CaseFacts], other: list[CaseFacts]) -> None:
    together = figures([*one, *other], JULY)
    added = summed([figures(one, JULY), figures(other, JULY)])
    assert (added.registered, added.closings) == (together.registered, together.closings)
    assert {(rate.name, rate.limit): rate for rate in added.rates} == {
        (rate.name, rate.limit): rate for rate in together.rates
    }
    for rate in together.rates:
        assert 0 <= rate.numerator <= rate.denominator
