"""Reports of a month or a week: what they span, what they consist of (F31, F36). A report is tables and nothing else.

The tables are made once and written twice, as a sheet and as a document, so that the two never disagree.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from fengqiao.domain.figures import Rate
from fengqiao.domain.performance import moved_by

WEEK = timedelta(days=7)
Cell = str | int | Rate | None
"""A word, a count, a rate with its two numbers, or nothing."""


class ReportSpan(StrEnum):
    """What a report is about."""

    MONTH = "month"
    WEEK = "week"


class ReportState(StrEnum):
    """How far it is."""

    WAITING = "waiting"
    MAKING = "making"
    MADE = "made"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days of the city, the last one included."""

    first: date
    last: date

    def before(self, span: ReportSpan) -> "Days":
        """Give the month or the week before."""
        return days_of(span, self.first - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Table:
    """A part of a report: its title, what it means in a sentence, the heads, and rows with a cell for each head."""

    title: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A report in one language: who makes it, about which days, up to when all had told (or None)."""

    title: str
    centre: str
    days: Days
    as_of: datetime | None
    made_at: datetime
    tables: tuple[Table, ...]


def days_of(span: ReportSpan, day: date) -> Days:
    """Give the month, or the week from Monday, that a day lies in."""
    if span is ReportSpan.MONTH:
        first = day.replace(day=1)
        return Days(first, moved_by(first, 1) - timedelta(days=1))
    monday = day - timedelta(days=day.weekday())
    return Days(monday, monday + WEEK - timedelta(days=1))


def last_whole(span: ReportSpan, today: date) -> Days:
    """Give the last month or week that is over."""
    return days_of(span, days_of(span, today).first - timedelta(days=1))
