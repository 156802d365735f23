"""The figures of a month as everybody may see them: of a city or a county, and of its branches (F33)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from fengqiao.domain.figures import Rate
from fengqiao.domain.performance import DEFINITIONS, Indicator, Months, MonthSum, Part, indicator_rates, total
from fengqiao.domain.publication import PUBLISHED
from fengqiao.domain.topology import Topology
from fengqiao.insight.performance import COUNTS, Asked, MonthLine, branches_of, given, month_line, sums_of, told_until
from fengqiao.insight.wallboard import centres_below
from fengqiao.store.database import Database
from fengqiao.store.performance import By

TREND_MONTHS = 12


@dataclass(frozen=True, slots=True)
class PublishedBranch:
    """A branch: what came in and was closed, and its rates."""

    centre: str
    registered: int
    closed: int
    rates: Mapping[Indicator, Rate]


@dataclass(frozen=True, slots=True)
class Publication:
    """A month of a centre with all below it, in bare numbers: who shows them rounds them (`domain.publication`).

    `as_of` is None while one of the centres has never told.
    """

    centre: str
    month: date
    registered: int
    closed: int
    rates: Mapping[Indicator, Rate]
    branches: tuple[PublishedBranch, ...]
    trend: tuple[MonthLine, ...]
    as_of: datetime | None


async def publication(database: Database, topology: Topology, centre: str, month: date, now: datetime) -> Publication:
    """Gather what is published of a month: five statements, whatever the number of cases."""
    centres = centres_below(topology, centre)
    months, trend_months = Months(month, month), Months.ending(month, TREND_MONTHS)
    asked = Asked(centres, months, None, now)
    measures = frozenset(COUNTS).union(*(DEFINITIONS[one].measures for one in PUBLISHED))
    by_centre = await sums_of(database, By.CENTRE, centres, months, measures, asked)
    on_time = frozenset(COUNTS) | DEFINITIONS[Indicator.ON_TIME].measures
    by_month = await sums_of(database, By.ALL, centres, trend_months, on_time, asked)
    whole = [MonthSum("", one.since, one.measure, one.detail, one.many) for one in by_centre]
    rates = indicator_rates(whole, PUBLISHED, asked.today)
    came_in, closed = (total(whole, Part(measure)).get("", 0) for measure in COUNTS)
    return Publication(
        centre,
        month,
        came_in,
        closed,
        {one: given(rates, one) for one in PUBLISHED},
        _branches(by_centre, branches_of(topology, centre, centres), asked.today),
        tuple(month_line(one, by_month, asked.today) for one in trend_months.days),
        await told_until(database, centres),
    )


def _branches(sums: tuple[MonthSum, ...], branches: Mapping[str, str], today: date) -> tuple[PublishedBranch, ...]:
    grouped = [MonthSum(branches[one.key], one.since, one.measure, one.detail, one.many) for one in sums]
    rates = indicator_rates(grouped, PUBLISHED, today)
    came_in, closed = (total(grouped, Part(measure)) for measure in COUNTS)
    return tuple(
        PublishedBranch(
            name,
            came_in.get(name, 0),
            closed.get(name, 0),
            {one: rates.get((name, one), Rate(one.value, 0, 0)) for one in PUBLISHED},
        )
        for name in dict.fromkeys(branches.values())
    )
