"""Indicators: what a year of facts is asked for, each a rate with its two numbers, over whole months (F31, F33, F34).

What is counted lies in the sums of `domain/tally.py`. The denominators are those of `domain/figures.py`: no rate is
taken of what came in when the published one is taken of what was due, dispatched or said. What is due is what was met,
which tallies tell, and what is overdue now, which is counted when it is asked for.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from fengqiao.domain.errors import Violation, invalid
from fengqiao.domain.figures import Rate
from fengqiao.domain.tally import Measure

MONTHS_IN_YEAR = 12


class Indicator(StrEnum):
    """What is asked for."""

    ON_TIME = "on_time"
    WITHIN_3 = "within_3_days"
    WITHIN_15 = "within_15_days"
    WITHIN_60 = "within_60_days"
    SATISFIED = "satisfied"
    CONTAINED = "containment"
    ROSE = "rose"
    CAME_BACK = "came_back"
    REWORK = "rework"
    RETURN = "return"
    EXTENSION = "extension"
    DIRECT = "direct"


class Better(StrEnum):
    """Which way an indicator is better; some are neither, and nobody is placed by them."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Part:
    """What is summed: a measure, of one detail or (without) of all."""

    measure: Measure
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """How an indicator is made: `counted` of `among`, of which `apart` is taken away.

    `ripe_days` are the days that a case must have had before it can be said to have missed them: a month counts when
    its last case has had them.
    """

    counted: Part
    among: Part
    better: Better
    apart: Part | None = None
    ripe_days: int = 0

    @property
    def measures(self) -> frozenset[Measure]:
        """The measures that it needs."""
        return frozenset(part.measure for part in (self.counted, self.among, self.apart) if part is not None)


def _within(days: int) -> Definition:
    return Definition(Part(Measure.WITHIN, str(days)), Part(Measure.REGISTERED), Better.HIGHER, ripe_days=days)


DEFINITIONS: Mapping[Indicator, Definition] = MappingProxyType(
    {
        Indicator.ON_TIME: Definition(Part(Measure.ON_TIME), Part(Measure.DUE), Better.HIGHER),
        Indicator.WITHIN_3: _within(3),
        Indicator.WITHIN_15: _within(15),
        Indicator.WITHIN_60: _within(60),
        Indicator.SATISFIED: Definition(Part(Measure.SATISFIED), Part(Measure.SPOKEN), Better.HIGHER),
        Indicator.CONTAINED: Definition(Part(Measure.CONTAINED), Part(Measure.GRADED), Better.HIGHER),
        Indicator.ROSE: Definition(Part(Measure.ROSE), Part(Measure.REGISTERED), Better.NEITHER),
        Indicator.CAME_BACK: Definition(Part(Measure.CAME_BACK), Part(Measure.ROSE), Better.NEITHER),
        Indicator.REWORK: Definition(Part(Measure.REWORKED), Part(Measure.CLOSED), Better.LOWER),
        Indicator.RETURN: Definition(
            Part(Measure.RETURNED), Part(Measure.REGISTERED), Better.LOWER, apart=Part(Measure.DIRECT)
        ),
        Indicator.EXTENSION: Definition(Part(Measure.EXTENDED), Part(Measure.REGISTERED), Better.LOWER),
        Indicator.DIRECT: Definition(Part(Measure.DIRECT), Part(Measure.REGISTERED), Better.NEITHER),
    }
)


@dataclass(frozen=True, slots=True)
class Months:
    """Whole months, the last one included; both are given by their first days.

    Raises INVALID period_backward when it ends before it begins.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        """Hold to whole months in order."""
        object.__setattr__(self, "first", self.first.replace(day=1))
        object.__setattr__(self, "last", self.last.replace(day=1))
        if self.last < self.first:
            raise invalid(Violation("to", "period_backward", {"from": str(self.first), "to": str(self.last)}))

    @classmethod
    def ending(cls, last: date, many: int) -> "Months":
        """Give so many months of which one is the last."""
        return cls(moved_by(last, 1 - many), last)

    @property
    def days(self) -> tuple[date, ...]:
        """The first day of each."""
        return tuple(moved_by(self.first, ahead) for ahead in range(len(self)))

    def __len__(self) -> int:
        """Count them."""
        return (self.last.year - self.first.year) * MONTHS_IN_YEAR + self.last.month - self.first.month + 1

    def before(self) -> "Months":
        """Give as many months that end where these begin."""
        return Months.ending(moved_by(self.first, -1), len(self))

    def year_earlier(self) -> "Months":
        """Give the same months of the year before."""
        return Months(moved_by(self.first, -MONTHS_IN_YEAR), moved_by(self.last, -MONTHS_IN_YEAR))


@dataclass(frozen=True, slots=True)
class MonthSum:
    """A sum over one month, of a centre, of a class, or (with an empty key) of all that was asked for."""

    key: str
    since: date
    measure: Measure
    detail: str
    many: int


def moved_by(month: date, months: int) -> date:
    """Give the first day of the month so many months later, or (less than nought) earlier."""
    years, index = divmod(month.year * MONTHS_IN_YEAR + month.month - 1 + months, MONTHS_IN_YEAR)
    return date(years, index + 1, 1)


def ripe(month: date, days: int, today: date) -> bool:
    """Tell whether every case of a month has had so many days."""
    return moved_by(month, 1) + timedelta(days=days) <= today


def indicator_rates(
    sums: Iterable[MonthSum], indicators: Iterable[Indicator], today: date
) -> Mapping[tuple[str, Indicator], Rate]:
    """Give the rates of each key that occurs; an unripe month is left out of both numbers."""
    found = tuple(sums)
    keys = sorted({one.key for one in found})
    rates = {}
    for indicator in indicators:
        definition = DEFINITIONS[indicator]
        usable = [one for one in found if definition.ripe_days == 0 or ripe(one.since, definition.ripe_days, today)]
        counted, among = _summed(usable, definition.counted), _summed(usable, definition.among)
        apart = _summed(usable, definition.apart) if definition.apart else Counter[str]()
        for key in keys:
            rates[key, indicator] = Rate(indicator.value, counted[key], among[key] - apart[key])
    return rates


def total(sums: Iterable[MonthSum], part: Part) -> Mapping[str, int]:
    """Add a part up, by key."""
    return _summed(tuple(sums), part)


def _summed(sums: Iterable[MonthSum], part: Part) -> Counter[str]:
    found = Counter[str]()
    for one in sums:
        if one.measure is part.measure and part.detail in ("", one.detail):
            found[one.key] += one.many
    return found
