"""What reports span: whole months, weeks from Monday, and the last one that is over."""

from datetime import date

import pytest

from fengqiao.domain.report import Days, ReportSpan, days_of, last_whole

MONTH, WEEK = ReportSpan.MONTH, ReportSpan.WEEK


@pytest.mark.parametrize(
    ("span", "day", "first", "last"),
    [
        (MONTH, date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
        (MONTH, date(2026, 12, 1), date(2026, 12, 1), date(2026, 12, 31)),
        (WEEK, date(2026, 11, 23), date(2026, 11, 23), date(2026, 11, 29)),
        (WEEK, date(2027, 1, 3), date(2026, 12, 28), date(2027, 1, 3)),
    ],
)
def test_a_report_spans_whole_days(span: ReportSpan, day: date, first: date, last: date) -> None:
    assert days_of(span, day) == Days(first, last)


def test_the_last_whole_one_is_over_and_the_one_before_touches_it() -> None:
    assert last_whole(MONTH, date(2026, 11, 23)) == Days(date(2026, 10, 1), date(2026, 10, 31))
    assert last_whole(WEEK, date(2026, 11, 23)) == Days(date(2026, 11, 16), date(2026, 11, 22))
    assert last_whole(WEEK, date(2026, 11, 22)) == Days(date(2026, 11, 9), date(2026, 11, 15))
    assert days_of(MONTH, date(2026, 3, 31)).before(MONTH) == Days(date(2026, 2, 1), date(2026, 2, 28))
