"""Indicators over whole months: their two numbers, months that are not ripe, periods to compare with (F33, F34)."""

from datetime import date

import pytest

from fengqiao.domain.errors import Refusal
from fengqiao.domain.performance import DEFINITIONS, Indicator, Months, MonthSum, indicator_rates, moved_by, ripe
from fengqiao.domain.tally import Measure

JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)
LATER = date(2027, 1, 1)


def one(measure: Measure, many: int, detail: str = "", since: date = JULY, key: str = "") -> MonthSum:
    return MonthSum(key, since, measure, detail, many)


def test_months_run_over_the_turn_of_a_year() -> None:
    assert moved_by(date(2026, 1, 1), -1) == date(2025, 12, 1)
    assert moved_by(date(2025, 11, 1), 14) == date(2027, 1, 1)
    assert Months.ending(date(2026, 2, 17), 4).days == (
        date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1),
    )  # fmt: skip


def test_what_to_compare_with_is_as_long() -> None:
    months = Months(date(2026, 9, 1), date(2026, 11, 1))
    assert months.before() == Months(date(2026, 6, 1), date(2026, 8, 1))
    assert months.year_earlier() == Months(date(2025, 9, 1), date(2025, 11, 1))


def test_months_that_end_before_they_begin_are_refused() -> None:
    with pytest.raises(Refusal) as refused:
        Months(AUGUST, JULY)
    assert refused.value.violations[0].code == "period_backward"


def test_every_indicator_has_a_definition() -> None:
    assert set(DEFINITIONS) == set(Indicator)


def test_a_rate_of_all_limits_adds_their_codes_up() -> None:
    sums = [
        one(Measure.DUE, 10, "accept"), one(Measure.DUE, 8, "solve"), one(Measure.ON_TIME, 9, "accept"),
        one(Measure.ON_TIME, 4, "solve"), one(Measure.ON_TIME, 1, "solve", AUGUST),
        one(Measure.DUE, 2, "solve", AUGUST),
    ]  # fmt: skip
    found = indicator_rates(sums, [Indicator.ON_TIME], LATER)["", Indicator.ON_TIME]
    assert (found.numerator, found.denominator) == (14, 20)


def test_returns_are_taken_of_what_was_dispatched() -> None:
    sums = [one(Measure.REGISTERED, 100), one(Measure.DIRECT, 40), one(Measure.RETURNED, 6)]
    found = indicator_rates(sums, [Indicator.RETURN], LATER)["", Indicator.RETURN]
    assert (found.numerator, found.denominator) == (6, 60)


def test_a_month_whose_last_case_has_not_had_its_days_counts_on_neither_side() -> None:
    sums = [
        one(Measure.REGISTERED, 50), one(Measure.REGISTERED, 70, since=AUGUST),
        one(Measure.WITHIN, 45, "15"), one(Measure.WITHIN, 20, "15", since=AUGUST), one(Measure.WITHIN, 30, "3"),
    ]  # fmt: skip
    # A case of the last evening of August has had 15 days in the evening of 15 September.
    assert ripe(AUGUST, 15, date(2026, 9, 16))
    assert not ripe(AUGUST, 15, date(2026, 9, 15))
    early = indicator_rates(sums, [Indicator.WITHIN_15], date(2026, 9, 15))["", Indicator.WITHIN_15]
    late = indicator_rates(sums, [Indicator.WITHIN_15], date(2026, 9, 16))["", Indicator.WITHIN_15]
    assert (early.numerator, early.denominator) == (45, 50)
    assert (late.numerator, late.denominator) == (65, 120)


def test_keys_are_kept_apart() -> None:
    sums = [one(Measure.GRADED, 4, key="a"), one(Measure.CONTAINED, 3, key="a"), one(Measure.GRADED, 2, key="b")]
    found = indicator_rates(sums, [Indicator.CONTAINED], LATER)
    assert {key: (rate.numerator, rate.denominator) for (key, _), rate in found.items()} == {"a": (3, 4), "b": (0, 2)}
