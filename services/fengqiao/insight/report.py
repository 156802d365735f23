"""Reports of a month or a week, gathered from what the centres have told (F31, F34, F36)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fengqiao.domain.catalogue import Catalogue
from fengqiao.domain.figures import Rate
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.domain.league import LEAST, Band, Peers, change_of, peers_of
from fengqiao.domain.performance import DEFINITIONS, Indicator, Months
from fengqiao.domain.report import Cell, Days, Report, ReportSpan, Table
from fengqiao.domain.tally import Measure
from fengqiao.domain.topology import Level, Topology
from fengqiao.domain.words import Language, word
from fengqiao.insight.performance import (
    CLASS_INDICATORS,
    Asked,
    Compared,
    branches_of,
    flows,
    heat,
    league_of,
    overview,
    told_until,
)
from fengqiao.insight.report_texts import report_text
from fengqiao.insight.wallboard import Standing, centres_below, wallboard
from fengqiao.store import facts as store
from fengqiao.store.database import Database

PERCENT = 100
GROWING_MOST = 20
LEAGUES = (Indicator.ON_TIME, Indicator.CONTAINED)
DAY_MEASURES = (Measure.DAY_REGISTERED, Measure.DAY_CLOSED, Measure.DAY_DUE, Measure.DAY_ON_TIME)


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose report it is, and with which names: the centre, all centres, the classes, the language."""

    centre: str
    topology: Topology
    catalogue: Catalogue
    language: Language

    def text(self, key: str, **params: str) -> str:
        """Give a text in the language of the report."""
        return report_text(key, self.language, **params)

    def name(self, code: str) -> str:
        """Give the name of a centre."""
        return self.topology.centre(code).name

    def class_name(self, code: str) -> str:
        """Give the name of a class."""
        if not code:
            return self.text("unclassified")
        found = self.catalogue.known_class(code)
        if found is None:
            return code
        return f"{code} {found.name if self.language is Language.ZH else found.name_en}"


async def report(database: Database, desk: Desk, span: ReportSpan, days: Days, now: datetime) -> Report:
    """Gather a report; what it says of now (open, overdue) is of the time of making."""
    centres = centres_below(desk.topology, desk.centre)
    tables = (
        await _month_tables(database, desk, centres, days, now)
        if span is ReportSpan.MONTH
        else await _week_tables(database, desk, centres, days, now)
    )
    return Report(
        title=desk.text(f"title_{span}"),
        centre=desk.name(desk.centre),
        days=days,
        as_of=await told_until(database, centres),
        made_at=now,
        tables=tuple(tables),
    )


async def _month_tables(
    database: Database, desk: Desk, centres: Sequence[str], days: Days, now: datetime
) -> Sequence[Table]:
    months = Months(days.first, days.last)
    asked = Asked(tuple(centres), months, None, now)
    found = await overview(database, asked, months.before())
    counts = (("registered", found.registered), ("closed", found.closed))
    rows: list[tuple[Cell, ...]] = [(desk.text(name), now_, then, _growth(now_, then)) for name, (now_, then) in counts]
    rows += [_compared(desk, one) for one in found.rates]
    heads = tuple(desk.text(name) for name in ("figure", "now", "then", "change"))
    tables = [Table(desk.text("summary"), desk.text("summary_note"), heads, tuple(rows))]
    class_heads = (desk.text("class"), desk.text("registered"), *(_word(desk, one) for one in CLASS_INDICATORS))
    class_rows: tuple[tuple[Cell, ...], ...] = tuple(
        (desk.class_name(one.matter_class), one.registered, *(one.rates[which] for which in CLASS_INDICATORS))
        for one in found.classes
    )
    tables.append(Table(desk.text("classes"), desk.text("classes_note"), class_heads, class_rows))
    tables.append(await _branches(database, desk, centres, days, now))
    tables += [await _league(database, desk, asked, peers, one) for one in LEAGUES for peers in _peers(desk, centres)]
    tables.append(await _flows(database, desk, asked))
    return tables


async def _week_tables(
    database: Database, desk: Desk, centres: Sequence[str], days: Days, now: datetime
) -> Sequence[Table]:
    by_day = await _by_day(database, centres, days, now)
    before = await _by_day(database, centres, days.before(ReportSpan.WEEK), now)
    on_time = [_on_time(one) for one in (_summed(by_day), _summed(before))]
    rows: list[tuple[Cell, ...]] = []
    for name, measure in (("registered", Measure.DAY_REGISTERED), ("closed", Measure.DAY_CLOSED)):
        this, that = _summed(by_day)[measure], _summed(before)[measure]
        rows.append((desk.text(name), this, that, _growth(this, that)))
    rows.append(_compared(desk, Compared(Indicator.ON_TIME, *on_time)))
    heads = tuple(desk.text(name) for name in ("figure", "now", "then", "change"))
    day_heads = (desk.text("day"), desk.text("registered"), desk.text("closed"), _word(desk, Indicator.ON_TIME))
    day_rows = tuple(
        (f"{day:%Y-%m-%d}", counts[Measure.DAY_REGISTERED], counts[Measure.DAY_CLOSED], _on_time(counts))
        for day, counts in by_day.items()
    )
    return [
        Table(desk.text("summary"), desk.text("summary_note"), heads, tuple(rows)),
        Table(desk.text("days"), desk.text("days_note"), day_heads, day_rows),
        await _branches(database, desk, centres, days, now),
        await _growing(database, desk, centres, days),
    ]


async def _by_day(
    database: Database, centres: Sequence[str], days: Days, now: datetime
) -> dict[date, defaultdict[Measure, int]]:
    """Sum by the day; what is overdue now counts as due on the day on which it was."""
    found: dict[date, defaultdict[Measure, int]] = {}
    day = days.first
    while day <= days.last:
        found[day] = defaultdict(int)
        for one in await store.sums(database, centres, day, day, DAY_MEASURES):
            found[day][one.measure] += one.many
        day += timedelta(days=1)
    for (_, due), many in (await store.overdue_days(database, centres, days.first, days.last, now)).items():
        found[due][Measure.DAY_DUE] += many
    return found


def _summed(by_day: dict[date, defaultdict[Measure, int]]) -> defaultdict[Measure, int]:
    found = defaultdict[Measure, int](int)
    for counts in by_day.values():
        for measure, many in counts.items():
            found[measure] += many
    return found


def _on_time(counts: defaultdict[Measure, int]) -> Rate:
    return Rate("on_time", counts[Measure.DAY_ON_TIME], counts[Measure.DAY_DUE])


async def _branches(database: Database, desk: Desk, centres: Sequence[str], days: Days, now: datetime) -> Table:
    within = branches_of(desk.topology, desk.centre, centres)
    found = defaultdict[str, list[Standing]](list)
    for one in await wallboard(database, centres, days.first, days.last, now):
        found[within[one.centre]].append(one)
    heads = ("branch", "registered", "closed", "open", "overdue")
    rows = tuple(
        (
            desk.name(branch),
            sum(one.registered for one in several),
            sum(one.closed for one in several),
            sum(one.open for one in several),
            sum(one.overdue for one in several),
            Rate(
                "on_time",
                sum(one.on_time.numerator for one in several),
                sum(one.on_time.denominator for one in several),
            ),
        )
        for branch, several in found.items()
    )
    names = (*(desk.text(name) for name in heads), _word(desk, Indicator.ON_TIME))
    return Table(desk.text("branches"), desk.text("branches_note"), names, rows)


async def _league(database: Database, desk: Desk, asked: Asked, peers: Peers, indicator: Indicator) -> Table:
    found = await league_of(database, desk.topology, asked, indicator, peers)
    median = f"{found.median * PERCENT:.2f} %" if found.median is not None else "–"
    rows = tuple(
        (
            line.place,
            desk.name(line.centre),
            line.rate,
            f"{line.interval.low * PERCENT:.1f} – {line.interval.high * PERCENT:.1f} %" if line.interval else "",
            word(f"band.{line.band}", desk.language) if line.band is not Band.TOO_FEW else "",
        )
        for line in found.lines
    )
    title = desk.text("league", peers=word(f"peers.{peers}", desk.language), indicator=_word(desk, indicator))
    note = desk.text("league_note", least=str(LEAST), median=median)
    heads = (desk.text("place"), desk.text("centre"), _word(desk, indicator), desk.text("interval"), desk.text("band"))
    return Table(title, note, heads, rows)


async def _flows(database: Database, desk: Desk, asked: Asked) -> Table:
    found = await flows(database, desk.topology, asked, desk.centre)
    names = ("branch", "registered", "rose_county", "rose_city", "came_back")
    rows = tuple(
        (
            desk.name(flow.branch),
            flow.registered,
            Rate("rose", flow.rose[Level.COUNTY], flow.registered),
            Rate("rose", flow.rose[Level.CITY], flow.registered),
            Rate("came_back", flow.came_back, sum(flow.rose.values())),
        )
        for flow in found
    )
    return Table(desk.text("flows"), desk.text("flows_note"), tuple(desk.text(name) for name in names), rows)


async def _growing(database: Database, desk: Desk, centres: Sequence[str], days: Days) -> Table:
    counts = defaultdict[tuple[str, str], dict[date, int]](dict)
    for one in await heat(database, desk.topology, desk.centre, centres, 2, days.last):
        counts[one.branch, one.matter_class][one.week] = one.many
    before = days.before(ReportSpan.WEEK).first
    lines = [
        (by_week.get(days.first, 0) - by_week.get(before, 0), by_week.get(days.first, 0), branch, matter_class)
        for (branch, matter_class), by_week in counts.items()
    ]
    rows = tuple(
        (desk.name(branch), desk.class_name(matter_class), many, many - grown, grown)
        for grown, many, branch, matter_class in sorted(lines, key=lambda line: (-line[0], -line[1], line[2:]))
        if grown > 0
    )
    heads = tuple(desk.text(name) for name in ("branch", "class", "this_week", "week_before", "grown"))
    return Table(desk.text("growing"), desk.text("growing_note"), heads, rows[:GROWING_MOST])


def _peers(desk: Desk, centres: Sequence[str]) -> Sequence[Peers]:
    found = {peers_of(desk.topology.centre(code)) for code in centres if code != desk.centre}
    return [one for one in Peers if one in found]


def _compared(desk: Desk, one: Compared) -> tuple[Cell, ...]:
    return _word(desk, one.indicator), one.now, one.then, _change(desk, one)


def _change(desk: Desk, one: Compared) -> str:
    change = change_of(one.now, one.then, DEFINITIONS[one.indicator].better)
    if change is None or one.points is None:
        return ""
    return f"{one.points:+.2f} {desk.text(change)}"


def _growth(now: int, then: int) -> str:
    return f"{(now - then) / then * PERCENT:+.1f} %" if then else ""


def _word(desk: Desk, indicator: Indicator) -> str:
    return word(f"indicator.{indicator}", desk.language)


def city_time(at: datetime) -> str:
    """Give an instant as a report writes it."""
    return f"{at.astimezone(CITY_ZONE):%Y-%m-%d %H:%M}"
