"""What a city or a county asks its facts: rates beside those before, by class, by centre, flows, weeks (F31 to F34).

Nothing is asked of the townships: what they have told is here, and each answer says up to when.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from fengqiao.domain.calendar import city_day
from fengqiao.domain.errors import Violation, invalid
from fengqiao.domain.figures import Rate
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.domain.league import LEAST, League, Peers, league, peers_of
from fengqiao.domain.performance import (
    DEFINITIONS,
    Indicator,
    Months,
    MonthSum,
    Part,
    indicator_rates,
    ripe,
    total,
)
from fengqiao.domain.tally import Measure
from fengqiao.domain.topology import Level, Topology
from fengqiao.insight.page_token import page_token, read_page_token
from fengqiao.insight.wallboard import centres_below
from fengqiao.store import performance as store
from fengqiao.store.database import Database
from fengqiao.store.facts import sources
from fengqiao.store.performance import By, FactLine

PAGE_SIZE = 50
COUNTS = (Measure.REGISTERED, Measure.CLOSED)
_ORDER = "-registered_at"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: the centres, the months, one class (an empty one: unclassified) or (None) all."""

    centres: tuple[str, ...]
    months: Months
    matter_class: str | None
    now: datetime

    @property
    def today(self) -> date:
        """The day of the city."""
        return city_day(self.now)


@dataclass(frozen=True, slots=True)
class Compared:
    """A rate now and in the time that it is set beside."""

    indicator: Indicator
    now: Rate
    then: Rate

    @property
    def points(self) -> float | None:
        """By how many hundredths it moved; None when one has no rate."""
        now, then = self.now.share, self.then.share
        return (now - then) * 100 if now is not None and then is not None else None


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One month: what came in, what was closed, and the rate on time."""

    month: date
    registered: int
    closed: int
    on_time: Rate


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One class: what came in, and some of its rates."""

    matter_class: str
    registered: int
    rates: Mapping[Indicator, Rate]


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page: counts now and then, all rates, months, classes."""

    registered: tuple[int, int]
    closed: tuple[int, int]
    rates: tuple[Compared, ...]
    months: tuple[MonthLine, ...]
    classes: tuple[ClassLine, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """What came in at the centres of a branch, how far it rose, and what came back down."""

    branch: str
    registered: int
    rose: Mapping[Level, int]
    came_back: int


@dataclass(frozen=True, slots=True)
class Behind:
    """A page of the cases behind a rate."""

    lines: tuple[FactLine, ...]
    next_token: str


CLASS_INDICATORS = (Indicator.ON_TIME, Indicator.WITHIN_15, Indicator.SATISFIED, Indicator.CONTAINED)
TREND_MONTHS = 12


async def overview(database: Database, asked: Asked, beside: Months) -> Overview:
    """Work out the first page: eight statements, whatever the number of cases."""
    measures = frozenset(COUNTS).union(*(definition.measures for definition in DEFINITIONS.values()))
    trend_months = Months.ending(asked.months.last, max(TREND_MONTHS, len(asked.months)))

    async def of(by: By, months: Months, wanted: frozenset[Measure]) -> tuple[MonthSum, ...]:
        return await sums_of(database, by, asked.centres, months, wanted, asked)

    now, then = await of(By.ALL, asked.months, measures), await of(By.ALL, beside, measures)
    trend = await of(By.ALL, trend_months, frozenset(COUNTS) | DEFINITIONS[Indicator.ON_TIME].measures)
    of_classes = frozenset(COUNTS).union(*(DEFINITIONS[one].measures for one in CLASS_INDICATORS))
    by_class = await of(By.CLASS, asked.months, of_classes)
    rates_now = indicator_rates(now, Indicator, asked.today)
    rates_then = indicator_rates(then, Indicator, asked.today)
    return Overview(
        registered=(all_of(now, Measure.REGISTERED), all_of(then, Measure.REGISTERED)),
        closed=(all_of(now, Measure.CLOSED), all_of(then, Measure.CLOSED)),
        rates=tuple(Compared(one, given(rates_now, one), given(rates_then, one)) for one in Indicator),
        months=tuple(month_line(month, trend, asked.today) for month in trend_months.days),
        classes=_classes(by_class, asked.today),
    )


async def league_of(
    database: Database, topology: Topology, asked: Asked, indicator: Indicator, peers: Peers, least: int = LEAST
) -> League:
    """Set the centres of one class beside each other; a county counts with the townships below it, and so the city."""
    heads = [code for code in asked.centres if peers_of(topology.centre(code)) is peers]
    within = {code: head for head in heads for code in centres_below(topology, head)}
    measures = DEFINITIONS[indicator].measures
    found = await sums_of(database, By.CENTRE, tuple(within), asked.months, measures, asked)
    grouped = [MonthSum(within[one.key], one.since, one.measure, one.detail, one.many) for one in found]
    rates = indicator_rates(grouped, [indicator], asked.today)
    given = {head: rates.get((head, indicator), Rate(indicator.value, 0, 0)) for head in heads}
    return league(given, DEFINITIONS[indicator].better, least)


async def flows(database: Database, topology: Topology, asked: Asked, here: str) -> tuple[Flow, ...]:
    """Give what rose from each branch below, and what came back; a county's branches are its townships."""
    branches = branches_of(topology, here, asked.centres)
    measures = (Measure.REGISTERED, Measure.ROSE, Measure.CAME_BACK)
    found = await store.month_sums(database, By.CENTRE, asked.centres, asked.months, measures, asked.matter_class)
    grouped = [MonthSum(branches[one.key], one.since, one.measure, one.detail, one.many) for one in found]
    came_in, back = total(grouped, Part(Measure.REGISTERED)), total(grouped, Part(Measure.CAME_BACK))
    rose = {level: total(grouped, Part(Measure.ROSE, level.value)) for level in (Level.COUNTY, Level.CITY)}
    return tuple(
        Flow(
            branch,
            came_in.get(branch, 0),
            {level: counts.get(branch, 0) for level, counts in rose.items()},
            back.get(branch, 0),
        )
        for branch in dict.fromkeys(branches.values())
    )


async def heat(
    database: Database, topology: Topology, here: str, centres: Sequence[str], weeks: int, today: date
) -> tuple[store.WeekCount, ...]:
    """Count what came in by branch, class and week, over the last weeks; the running one is the last."""
    monday = today - timedelta(days=today.weekday())
    first = datetime.combine(monday - timedelta(weeks=weeks - 1), time(), CITY_ZONE)
    until = datetime.combine(monday + timedelta(weeks=1), time(), CITY_ZONE)
    return await store.weeks(database, branches_of(topology, here, centres), first, until)


async def cases_behind(
    database: Database, asked: Asked, indicator: Indicator, token: str, *, missing: bool, page_size: int = PAGE_SIZE
) -> Behind:
    """List the cases behind a rate; raises INVALID for a token that was made by hand."""
    definition = DEFINITIONS[indicator]
    ripe_days = definition.ripe_days
    months = [day for day in asked.months.days if ripe_days == 0 or ripe(day, ripe_days, asked.today)]
    if not months:
        return Behind((), "")
    key, last = read_page_token(token, _ORDER, datetime.fromisoformat)
    after = _after(key, last)
    found = await store.cases_behind(
        database,
        definition,
        asked.centres,
        months,
        asked.matter_class,
        page_size + 1,
        asked.now,
        missing=missing,
        after=after,
    )
    lines = found[:page_size]
    more = len(found) > page_size
    return Behind(lines, page_token(_ORDER, lines[-1].registered_at.isoformat(), lines[-1].case_id) if more else "")


async def told_until(database: Database, centres: Sequence[str]) -> datetime | None:
    """Give up to when every one of some centres has told; None while one never has."""
    until = {source.centre: source.told_until for source in await sources(database)}
    return min(until[code] for code in centres) if until.keys() >= set(centres) else None


def branches_of(topology: Topology, here: str, centres: Sequence[str]) -> Mapping[str, str]:
    """Say in which branch each centre is: the one that asks is its own, others stand below a child or are one."""
    found = {here: here} if here in centres else {}
    for child in topology.children(here):
        found |= {code: child for code in centres_below(topology, child) if code in centres}
    return found


async def sums_of(
    database: Database,
    by: By,
    centres: Sequence[str],
    months: Months,
    measures: frozenset[Measure],
    asked: Asked,
) -> tuple[MonthSum, ...]:
    """Give the sums of measures; what is due counts what is overdue now as well."""
    found = await store.month_sums(database, by, centres, months, measures, asked.matter_class)
    if Measure.DUE not in measures:
        return found
    return (*found, *await store.overdue(database, by, centres, months, asked.matter_class, asked.now))


def _after(key: str | None, last: UUID | None) -> tuple[datetime, UUID] | None:
    if key is None or last is None:
        return None
    at = datetime.fromisoformat(key)
    if at.tzinfo is None:
        raise invalid(Violation("page_token", "page_token_wrong"))
    return at, last


def given(rates: Mapping[tuple[str, Indicator], Rate], indicator: Indicator) -> Rate:
    """Give a rate of all together; one of nothing when nothing was counted."""
    return rates.get(("", indicator), Rate(indicator.value, 0, 0))


def all_of(sums: Sequence[MonthSum], measure: Measure) -> int:
    """Add a measure up."""
    return sum(one.many for one in sums if one.measure is measure)


def month_line(month: date, sums: Sequence[MonthSum], today: date) -> MonthLine:
    """Give one month of some sums."""
    here = [one for one in sums if one.since == month]
    on_time = given(indicator_rates(here, [Indicator.ON_TIME], today), Indicator.ON_TIME)
    return MonthLine(month, all_of(here, Measure.REGISTERED), all_of(here, Measure.CLOSED), on_time)


def _classes(sums: Sequence[MonthSum], today: date) -> tuple[ClassLine, ...]:
    came_in, rates = total(sums, Part(Measure.REGISTERED)), indicator_rates(sums, CLASS_INDICATORS, today)
    keys = sorted({one.key for one in sums}, key=lambda key: (-came_in.get(key, 0), key))
    return tuple(
        ClassLine(key, came_in.get(key, 0), {one: rates[key, one] for one in CLASS_INDICATORS}) for key in keys
    )
