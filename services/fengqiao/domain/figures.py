"""What a centre's work comes to in figures: every rate with its numerator and its denominator (F33, F34, F36).

The denominators are those of the published figures in domain-facts ("Known answers"): a rate of what was on time is
taken of what was dispatched, or of what was due to close in the period, and never of what came in. Closing kinds are
never mixed: a case that was explained, referred or withdrawn is not a solved one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from fengqiao.domain.course import ClosingKind
from fengqiao.domain.errors import Violation, invalid

WITHIN_DAYS = (3, 15, 60)
"""Days within which a city asks how much was resolved: the "three-three", the hotline rule, the petition rule."""


@dataclass(frozen=True, slots=True)
class Period:
    """A period of whole days in the city's zone, the last one included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """Raises INVALID period_backward when it ends before it begins."""
        if self.last < self.first:
            raise invalid(Violation("to", "period_backward", {"from": str(self.first), "to": str(self.last)}))

    def holds(self, day: date | None) -> bool:
        """Tell whether a day lies in the period."""
        return day is not None and self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class LimitOutcome:
    """What became of one limit of a case: the day it was due; in time, late, or (None) not yet known."""

    due_on: date
    in_time: bool | None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the figures have to know of a case, or of `count` cases that are alike.

    `days_to_resolve` are whole and begun days from registration; None while it is open. `age_days` are the days since
    registration, resolved or not: a young case can be neither fast nor slow yet. `satisfied` is None as long as the
    citizen has not said; a claim that two people found unreasonable has a denominator of its own.
    """

    registered_on: date
    direct: bool = False
    resolved_on: date | None = None
    closing: ClosingKind | None = None
    days_to_resolve: int | None = None
    age_days: int = 0
    limits: Mapping[str, LimitOutcome] = field(default_factory=lambda: MappingProxyType({}))
    reasonable: bool = True
    satisfied: bool | None = None
    reopened: bool = False
    extended: bool = False
    returned: bool = False
    contained: bool | None = None
    """Settled at or below the tier that it was graded for; None as long as that cannot be said."""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with what it is made of; `share` is None when there was nothing to be counted."""

    name: str
    numerator: int
    denominator: int
    limit: str = ""

    @property
    def share(self) -> float | None:
        """The rate as a number from 0 to 1."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a period: counts by closing kind, and the rates in a fixed order."""

    period: Period
    registered: int
    closings: Mapping[ClosingKind, int]
    rates: tuple[Rate, ...]

    def rate(self, name: str, limit: str = "") -> Rate:
        """Give the rate of a name; KeyError for none."""
        found = next((rate for rate in self.rates if (rate.name, rate.limit) == (name, limit)), None)
        if found is None:
            raise KeyError(name, limit)
        return found


def figures(cases: Sequence[CaseFacts], period: Period) -> Figures:
    """Work out the figures of a period from all cases that were registered, due or resolved in it."""
    came_in = [case for case in cases if period.holds(case.registered_on)]
    resolved = [case for case in cases if period.holds(case.resolved_on)]
    dispatched = [case for case in came_in if not case.direct]
    closings = {kind: sum(case.count for case in resolved if case.closing is kind) for kind in ClosingKind}
    spoken = [case for case in resolved if case.satisfied is not None]
    rates = [
        _rate("direct", came_in, lambda case: case.direct),
        *_on_time(cases, period),
        *(_within(came_in, days) for days in WITHIN_DAYS),
        _rate("satisfied", [case for case in spoken if case.reasonable], lambda case: case.satisfied is True),
        _rate(
            "satisfied_unreasonable",
            [case for case in spoken if not case.reasonable],
            lambda case: bool(case.satisfied),
        ),
        _rate("rework", resolved, lambda case: case.reopened),
        _rate("extension", came_in, lambda case: case.extended),
        _rate("return", dispatched, lambda case: case.returned),
        _rate(
            "containment", [case for case in resolved if case.contained is not None], lambda case: bool(case.contained)
        ),
    ]
    return Figures(period, sum(case.count for case in came_in), MappingProxyType(closings), tuple(rates))


def summed(several: Iterable[Figures]) -> Figures:
    """Add the figures of several centres for one period; each case is counted at one centre, its origin."""
    parts = list(several)
    names = dict.fromkeys((rate.name, rate.limit) for part in parts for rate in part.rates)
    rates = []
    for name, limit in names:
        found = [rate for part in parts for rate in part.rates if (rate.name, rate.limit) == (name, limit)]
        rates.append(Rate(name, sum(one.numerator for one in found), sum(one.denominator for one in found), limit))
    closings = {kind: sum(part.closings[kind] for part in parts) for kind in ClosingKind}
    return Figures(parts[0].period, sum(part.registered for part in parts), MappingProxyType(closings), tuple(rates))


def _on_time(cases: Sequence[CaseFacts], period: Period) -> list[Rate]:
    """Of the limits that were due in the period: how many were met, and how many in time."""
    codes = sorted({code for case in cases for code in case.limits})
    rates = []
    for code in codes:
        outcomes = [(case.count, case.limits[code]) for case in cases if code in case.limits]
        due = [(count, outcome.in_time) for count, outcome in outcomes if period.holds(outcome.due_on)]
        all_due = sum(count for count, _ in due)
        rates.append(Rate("met", sum(count for count, in_time in due if in_time is not None), all_due, code))
        rates.append(Rate("on_time", sum(count for count, in_time in due if in_time), all_due, code))
    return rates


def _within(came_in: Sequence[CaseFacts], days: int) -> Rate:
    """Of what came in and has had so many days: how much was resolved within them."""
    ripe = [case for case in came_in if case.age_days >= days]
    return _rate(
        f"within_{days}_days", ripe, lambda case: case.days_to_resolve is not None and case.days_to_resolve <= days
    )


def _rate(name: str, cases: Sequence[CaseFacts], counts: Callable[[CaseFacts], bool]) -> Rate:
    return Rate(name, sum(case.count for case in cases if counts(case)), sum(case.count for case in cases))
