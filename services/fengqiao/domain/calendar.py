"""Days that count and days that do not, in the city's zone (DESIGN section 5).

China's working days need the State Council's yearly notice: holidays, and weekend days worked in exchange (调休).
Beyond the last year with a notice, Monday to Friday count and whatever is computed from them is provisional.

Days are measured, not stepped over: a day that counts is worth 24 hours of budget and a day that does not is worth
none, so that pauses of any length fit in exactly. What is due by days is due at the end of its last day (民法典 201 and
203: the day of the start is not counted, the last one ends at 24:00).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from fengqiao.domain.identity import CITY_ZONE

DAY = timedelta(days=1)
FURTHEST = date(2200, 1, 1)
"""No time limit is looked for beyond this day."""


class Counting(StrEnum):
    """How the time of a limit is counted."""

    WALL_CLOCK = "wall_clock"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"


class DayReason(StrEnum):
    """Why a day counts as it does."""

    WEEKDAY = "weekday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP_DAY = "make_up_day"


@dataclass(frozen=True, slots=True)
class Budget:
    """How much time there is: seconds by the wall clock, or whole days."""

    counting: Counting
    amount: int

    @property
    def time(self) -> timedelta:
        """The budget as counted time; a day is 24 hours of it."""
        return timedelta(seconds=self.amount) if self.counting is Counting.WALL_CLOCK else timedelta(days=self.amount)


@dataclass(frozen=True, slots=True)
class DayVerdict:
    """What the calendar says of one day; `name` is that of the holiday it belongs to, as the notice writes it."""

    day: date
    working: bool
    reason: DayReason
    name: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a span of counted time ends, the days on the way that did not count, and whether that is provisional."""

    at: datetime
    skipped: tuple[DayVerdict, ...]
    provisional: bool


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Holidays and make-up days by their names, and the last day for which there is a notice. A value."""

    holidays: Mapping[date, str]
    make_up_days: Mapping[date, str]
    horizon: date

    def verdict(self, day: date) -> DayVerdict:
        """Say whether a day is worked, and why."""
        provisional = day > self.horizon
        if name := self.holidays.get(day):
            return DayVerdict(day, False, DayReason.HOLIDAY, name, provisional)
        if name := self.make_up_days.get(day):
            return DayVerdict(day, True, DayReason.MAKE_UP_DAY, name, provisional)
        weekend = day.weekday() >= 5
        return DayVerdict(day, not weekend, DayReason.WEEKEND if weekend else DayReason.WEEKDAY, "", provisional)

    def days_to_horizon(self, now: datetime) -> int:
        """Give how many days from today the notices still cover; negative when they have run out."""
        return (self.horizon - city_day(now)).days

    def counted(self, counting: Counting, start: datetime, end: datetime) -> timedelta:
        """Give how much of the time between two instants counts; nothing when the end is not after the start."""
        if end <= start:
            return timedelta(0)
        if counting is not Counting.WORKING_DAYS:
            return end - start
        total, at = timedelta(0), start
        while at < end:
            midnight = _next_midnight(at)
            if self.verdict(city_day(at)).working:
                total += min(midnight, end) - at
            at = midnight
        return total

    def reached(self, counting: Counting, start: datetime, span: timedelta) -> Reached:
        """Give the earliest instant by which so much counted time has passed since the start.

        Raises ValueError when that lies beyond the year 2200.
        """
        if counting is not Counting.WORKING_DAYS:
            return Reached(start + span, (), provisional=False)
        skipped: list[DayVerdict] = []
        provisional, at, left = False, start, span
        while left > timedelta(0):
            verdict = self.verdict(city_day(at))
            if verdict.day > FURTHEST:
                raise ValueError("the time limit ends beyond the year 2200")
            provisional = provisional or verdict.provisional
            midnight = _next_midnight(at)
            if not verdict.working:
                skipped.append(verdict)
            elif left <= midnight - at:
                return Reached(at + left, tuple(skipped), provisional)
            else:
                left -= midnight - at
            at = midnight
        return Reached(at, tuple(skipped), provisional)

    def due(self, budget: Budget, start: datetime, paused: timedelta = timedelta(0)) -> Reached:
        """Give when a budget runs out; `paused` is counted time in which it did not run.

        By days that is the end of the last day: 24:00, which is the instant of the next midnight.
        """
        found = self.reached(budget.counting, start, budget.time + paused)
        if budget.counting is Counting.WALL_CLOCK:
            return found
        return Reached(_end_of_day(found.at), found.skipped, found.provisional)


def city_day(at: datetime) -> date:
    """Give the day of an instant in the city's zone."""
    return at.astimezone(CITY_ZONE).date()


def _next_midnight(at: datetime) -> datetime:
    return datetime.combine(city_day(at) + DAY, time(), CITY_ZONE).astimezone(at.tzinfo)


def _end_of_day(at: datetime) -> datetime:
    local = at.astimezone(CITY_ZONE)
    return at if local.time() == time() else _next_midnight(at)


def weekdays_only(horizon: date) -> WorkingCalendar:
    """Give a calendar without any notice: Monday to Friday, provisional after the horizon."""
    return WorkingCalendar({}, {}, horizon)
