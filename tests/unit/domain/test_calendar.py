from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengqiao.domain.calendar import Budget, Counting, DayReason, WorkingCalendar, weekdays_only
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.entry.limits import load_calendar

CALENDAR = load_calendar()
COUNTINGS = st.sampled_from(Counting)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given its zone
SPANS = st.timedeltas(timedelta(0), timedelta(days=40))


def at(month: int, day: int, hour: int = 10, minute: int = 0, *, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=CITY_ZONE)


def working_days(amount: int) -> Budget:
    return Budget(Counting.WORKING_DAYS, amount)


@pytest.mark.parametrize(
    ("day", "working", "reason", "name"),
    [
        (date(2026, 2, 13), True, DayReason.WEEKDAY, ""),
        (date(2026, 2, 14), True, DayReason.MAKE_UP_DAY, "春节"),
        (date(2026, 2, 17), False, DayReason.HOLIDAY, "春节"),
        (date(2026, 2, 28), True, DayReason.MAKE_UP_DAY, "春节"),
        (date(2026, 3, 7), False, DayReason.WEEKEND, ""),
        (date(2026, 9, 20), True, DayReason.MAKE_UP_DAY, "国庆节"),
        (date(2026, 10, 1), False, DayReason.HOLIDAY, "国庆节"),
        (date(2026, 10, 10), True, DayReason.MAKE_UP_DAY, "国庆节"),
    ],
)
def test_a_day_counts_as_the_notice_of_its_year_says(day: date, working: bool, reason: DayReason, name: str) -> None:
    verdict = CALENDAR.verdict(day)
    assert (verdict.working, verdict.reason, verdict.name, verdict.provisional) == (working, reason, name, False)


def test_a_day_beyond_the_last_notice_is_provisional() -> None:
    assert CALENDAR.horizon == date(2026, 12, 31)
    assert not CALENDAR.verdict(date(2026, 12, 31)).provisional
    monday = CALENDAR.verdict(date(2027, 2, 8))
    assert (monday.working, monday.provisional) == (True, True)
    assert not CALENDAR.verdict(date(2027, 2, 7)).working


@pytest.mark.parametrize(
    ("start", "days", "due", "skipped"),
    [
        # Over the Spring Festival with the make-up Saturday before it.
        (at(2, 12), 5, at(2, 27, 0), [date(2026, 2, day) for day in range(15, 24)]),
        # Over the National Day with the make-up Saturday after it.
        (at(9, 28), 5, at(10, 11, 0), [date(2026, 10, day) for day in range(1, 8)]),
        # A plain week: the day of the start is not counted, the last one ends at 24:00.
        (at(3, 2), 5, at(3, 10, 0), [date(2026, 3, 7), date(2026, 3, 8)]),
        # What begins on a day off begins with the next working day.
        (at(3, 7), 1, at(3, 10, 0), [date(2026, 3, 7), date(2026, 3, 8)]),
        # A minute before midnight is still that day, a minute later the next one.
        (at(3, 2, 23, 59), 1, at(3, 4, 0), []),
        (at(3, 3, 0, 1), 1, at(3, 5, 0), []),
    ],
)
def test_working_days_end_with_their_last_day(start: datetime, days: int, due: datetime, skipped: list[date]) -> None:
    found = CALENDAR.due(working_days(days), start)
    assert found.at == due
    assert [verdict.day for verdict in found.skipped] == skipped
    assert not found.provisional


def test_a_due_time_beyond_the_last_notice_is_provisional() -> None:
    found = CALENDAR.due(working_days(5), at(12, 30, 9))
    assert found.at == at(1, 7, 0, year=2027)
    assert found.provisional


def test_calendar_days_do_not_care_for_notices() -> None:
    found = CALENDAR.due(Budget(Counting.CALENDAR_DAYS, 3), at(12, 30, 9))
    assert (found.at, found.skipped, found.provisional) == (at(1, 3, 0, year=2027), (), False)


def test_the_wall_clock_counts_to_the_second() -> None:
    found = CALENDAR.due(Budget(Counting.WALL_CLOCK, 10_800), at(2, 17, 23, 30))
    assert found.at == at(2, 18, 2, 30)


def test_the_days_of_the_city_are_counted_and_not_those_of_utc() -> None:
    late_on_friday_utc = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)  # Saturday 01:00 in the city
    assert CALENDAR.due(working_days(1), late_on_friday_utc).at == at(3, 10, 0)


def test_how_far_the_notices_reach_is_told_in_days() -> None:
    assert CALENDAR.days_to_horizon(at(10, 2)) == 90
    assert CALENDAR.days_to_horizon(at(1, 2, year=2027)) == -2


def test_a_span_without_end_is_refused() -> None:
    never = WorkingCalendar({}, {}, date(2026, 12, 31))
    with pytest.raises(ValueError, match="2200"):
        never.reached(Counting.WORKING_DAYS, at(1, 1), timedelta(days=60_000))


@given(COUNTINGS, MOMENTS, SPANS)
def test_so_much_time_counts_up_to_where_it_reaches(counting: Counting, start: datetime, span: timedelta) -> None:
    assert CALENDAR.counted(counting, start, CALENDAR.reached(counting, start, span).at) == span


@given(COUNTINGS, MOMENTS, SPANS, SPANS)
def test_counting_in_two_steps_is_counting_in_one(
    counting: Counting, start: datetime, first: timedelta, second: timedelta
) -> None:
    middle, end = start + first, start + first + second
    parts = CALENDAR.counted(counting, start, middle) + CALENDAR.counted(counting, middle, end)
    assert parts == CALENDAR.counted(counting, start, end)


@given(MOMENTS, st.integers(1, 30), st.integers(1, 30))
def test_a_larger_budget_is_never_due_earlier(start: datetime, days: int, more: int) -> None:
    assert CALENDAR.due(working_days(days), start).at < CALENDAR.due(working_days(days + more), start).at


@given(MOMENTS, st.integers(1, 30))
def test_a_due_time_by_days_lies_at_midnight(start: datetime, days: int) -> None:
    due = weekdays_only(date(2026, 12, 31)).due(working_days(days), start).at.astimezone(CITY_ZONE)
    assert (due.hour, due.minute, due.second, due.microsecond) == (0, 0, 0, 0)
