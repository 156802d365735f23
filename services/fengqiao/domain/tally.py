"""Tallies: what a fact adds to the sums above, so that a figure over a year is read and not worked out (F31, F33, F34).

A tally belongs to a month, in the city's zone: that of the registration for what came in, of the closing for what was
closed, of the due day for a time limit; four of them are counted by the day as well, over all classes. The denominators
are those of `domain/figures.py`. What depends on the present instant (what is open, overdue, offered) is no tally: that
is counted among the open cases when it is asked for.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from fengqiao.domain.calendar import city_day
from fengqiao.domain.course import Grade
from fengqiao.domain.fact import Fact, FactLimit, month_of
from fengqiao.domain.figures import WITHIN_DAYS
from fengqiao.domain.topology import Level, Topology

DAY = timedelta(days=1)

SETTLED_WITHIN = {
    Grade.SMALL: frozenset({Level.TOWNSHIP}),
    Grade.MIDDLE: frozenset({Level.TOWNSHIP}),
    Grade.BIG: frozenset({Level.TOWNSHIP, Level.COUNTY}),
}
"""The tiers at or below which a case of each grade ought to be settled; villages are rooms of the township's node."""


class Measure(StrEnum):
    """What is counted. `detail` of a tally says which, where a measure has several."""

    REGISTERED = "registered"
    DIRECT = "direct"
    EXTENDED = "extended"
    RETURNED = "returned"
    WITHIN = "within"  # detail: the days
    ROSE = "rose"  # detail: the highest tier that it reached, above its origin
    CAME_BACK = "came_back"
    CLOSED = "closed"  # detail: the kind of closing
    REWORKED = "reworked"
    GRADED = "graded"
    CONTAINED = "contained"
    SPOKEN = "spoken"
    SATISFIED = "satisfied"
    SPOKEN_UNREASONABLE = "spoken_unreasonable"
    SATISFIED_UNREASONABLE = "satisfied_unreasonable"
    DUE = "due"  # detail: the code of the limit; those that were met
    ON_TIME = "on_time"  # detail: the code of the limit
    DAY_REGISTERED = "day_registered"
    DAY_CLOSED = "day_closed"
    DAY_DUE = "day_due"
    DAY_ON_TIME = "day_on_time"


@dataclass(frozen=True, slots=True, order=True)
class Tally:
    """One more of a measure, of a class, in the month (or for the measures of a day, on the day) that begins then.

    A case may add several of one kind, such as two limits that were due on one day.
    """

    since: date
    measure: Measure
    detail: str
    matter_class: str


def tallies(fact: Fact, topology: Topology) -> tuple[Tally, ...]:
    """Give what a fact adds; a newer fact of the same case takes all of it back and adds its own."""
    cls = fact.matter_class
    by_month = [Tally(month, measure, detail, cls) for month, measure, detail in _by_month(fact, topology)]
    by_day = [Tally(day, measure, "", "") for day, measure in _by_day(fact)]
    return tuple(sorted((*by_month, *by_day)))


def moved(before: Iterable[Tally], after: Iterable[Tally]) -> Mapping[Tally, int]:
    """Give by how much each sum moves when a newer fact takes the place of an older one; nothing where none does."""
    difference = Counter(after)
    difference.subtract(Counter(before))
    return {tally: by for tally, by in difference.items() if by}


def _by_day(fact: Fact) -> Iterator[tuple[date, Measure]]:
    yield city_day(fact.registered_at), Measure.DAY_REGISTERED
    if fact.resolved_at is not None:
        yield city_day(fact.resolved_at), Measure.DAY_CLOSED
    for limit in fact.limits:
        if limit.judged:
            yield _due_day(limit), Measure.DAY_DUE
            if limit.in_time:
                yield _due_day(limit), Measure.DAY_ON_TIME


def _due_day(limit: FactLimit) -> date:
    # 24:00 of a day is the next midnight, and belongs to the day that it ends.
    return city_day(limit.due_at - timedelta(microseconds=1))


def _by_month(fact: Fact, topology: Topology) -> Iterator[tuple[date, Measure, str]]:
    for measure, detail in _of_registration(fact, topology):
        yield fact.month, measure, detail
    if fact.resolved_at is not None:
        closed_in = month_of(fact.resolved_at)
        for measure, detail in _of_closing(fact, topology):
            yield closed_in, measure, detail
    for limit in fact.limits:
        if limit.judged:
            due_in = _due_day(limit).replace(day=1)
            yield due_in, Measure.DUE, limit.code
            if limit.in_time:
                yield due_in, Measure.ON_TIME, limit.code


def _of_registration(fact: Fact, topology: Topology) -> Iterator[tuple[Measure, str]]:
    yield Measure.REGISTERED, ""
    if fact.direct:
        yield Measure.DIRECT, ""
    if fact.extended:
        yield Measure.EXTENDED, ""
    if fact.returned and not fact.direct:
        yield Measure.RETURNED, ""
    if fact.resolved_at is not None:
        taken = -(-(fact.resolved_at - fact.registered_at) // DAY)
        yield from ((Measure.WITHIN, str(days)) for days in WITHIN_DAYS if taken <= days)
    if (highest := _highest(fact, topology)) is not None:
        yield Measure.ROSE, highest.value
        if topology.centre(fact.holder).level is not highest:
            yield Measure.CAME_BACK, ""


def _of_closing(fact: Fact, topology: Topology) -> Iterator[tuple[Measure, str]]:
    if fact.closing is not None:
        yield Measure.CLOSED, fact.closing.value
    if fact.reopened:
        yield Measure.REWORKED, ""
    if fact.grade is not None:
        yield Measure.GRADED, ""
        if topology.centre(fact.holder).level in SETTLED_WITHIN[fact.grade]:
            yield Measure.CONTAINED, ""
    if fact.word is not None:
        spoken, satisfied = (
            (Measure.SPOKEN_UNREASONABLE, Measure.SATISFIED_UNREASONABLE)
            if fact.unreasonable
            else (Measure.SPOKEN, Measure.SATISFIED)
        )
        yield spoken, ""
        if fact.word.satisfied:
            yield satisfied, ""


def _highest(fact: Fact, topology: Topology) -> Level | None:
    """Give the highest tier above its origin that has held the case; None when it never rose."""
    order = (Level.TOWNSHIP, Level.COUNTY, Level.CITY)
    reached = max(order.index(topology.centre(code).level) for code in fact.path)
    return order[reached] if reached > order.index(topology.centre(fact.centre).level) else None
