"""Performance over facts in a real database: every figure is what the facts say when they are counted one by one."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from fengqiao.domain.calendar import city_day
from fengqiao.domain.course import Grade
from fengqiao.domain.errors import Refusal
from fengqiao.domain.fact import Fact, month_of
from fengqiao.domain.league import Band, Peers, peers_of
from fengqiao.domain.performance import Indicator, Months, ripe
from fengqiao.domain.topology import Level
from fengqiao.handlers.context import Context
from fengqiao.handlers.fact import take_in_facts
from fengqiao.insight import performance as insight
from fengqiao.insight.performance import Asked
from fengqiao.insight.wallboard import centres_below
from tests.cities import real_size_topology
from tests.containers import PostgresServer
from tests.facts import DAY, made_facts, told_by
from tests.node.rig import CITY, Bench, bench

NOW = datetime.now(UTC)
TODAY = city_day(NOW)
MONTHS = Months.ending(TODAY, 3)
EACH = 40


def varied(facts: Sequence[Fact], county_of: Callable[[str], str]) -> list[Fact]:
    """Let every seventh case rise, half of those come back, some be graded, reworked and returned."""
    found = []
    for serial, fact in enumerate(facts):
        made = replace(fact, grade=Grade.SMALL if serial % 3 == 0 else Grade.BIG, returned=int(serial % 11 == 0))
        if fact.resolved_at is not None and serial % 13 == 0:
            made = replace(made, reopened=1)
        if serial % 7 == 0 and fact.centre != CITY:
            above = county_of(fact.centre)
            back = serial % 2 == 0
            path = (fact.centre, above, fact.centre) if back else (fact.centre, above)
            made = replace(made, path=path, holder=fact.centre if back else above)
        found.append(made)
    return found


async def city_with_facts(rig: Bench) -> tuple[Context, list[Fact]]:
    topology = real_size_topology()
    context = replace(rig[CITY], topology=topology, centre=topology.centre(CITY))
    made = list(made_facts(tuple(topology.centres), EACH, NOW, days=100))
    facts = varied(made, lambda code: topology.parent(code) or CITY)
    await take_in_facts(context, 1, told_by(facts, NOW), set())
    return context, facts


def asked(context: Context) -> Asked:
    return Asked(centres_below(context.topology, CITY), MONTHS, None, NOW)


def due_month(fact: Fact) -> date:
    return month_of(fact.limits[0].due_at - timedelta(microseconds=1))


def fell_due(facts: Sequence[Fact]) -> list[Fact]:
    """Those whose limit was met, in time or late, and those that miss it now."""
    missed = [fact for fact in facts if fact.resolved_at is None and fact.limits[0].due_at < NOW]
    met = [fact for fact in facts if fact.limits[0].judged]
    return [fact for fact in (*met, *missed) if due_month(fact) in MONTHS.days]


async def test_the_overview_says_what_counting_the_facts_says(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        context, facts = await city_with_facts(rig)
        found = await insight.overview(context.database, asked(context), MONTHS.before())
        here = [fact for fact in facts if fact.month in MONTHS.days]
        closed = [fact for fact in facts if fact.resolved_at and month_of(fact.resolved_at) in MONTHS.days]
        judged = fell_due(facts)
        assert any(not fact.limits[0].judged for fact in judged)
        rates = {one.indicator: (one.now.numerator, one.now.denominator) for one in found.rates}
        assert found.registered[0] == len(here)
        assert found.closed[0] == len(closed)
        assert rates[Indicator.ON_TIME] == (sum(one.limits[0].in_time for one in judged), len(judged))
        assert rates[Indicator.REWORK] == (sum(one.reopened > 0 for one in closed), len(closed))
        assert rates[Indicator.RETURN] == (sum(one.returned > 0 for one in here), len(here))
        spoken = [one for one in closed if one.word]
        assert rates[Indicator.SATISFIED] == (sum(one.word.satisfied for one in spoken if one.word), len(spoken))
        rose = [one for one in here if len(one.path) > 1]
        assert rates[Indicator.ROSE] == (len(rose), len(here))
        assert rates[Indicator.CAME_BACK] == (sum(one.holder == one.centre for one in rose), len(rose))
        old = [one for one in here if ripe(one.month, 15, TODAY)]
        quick = [one for one in old if one.resolved_at and one.resolved_at - one.registered_at <= 15 * DAY]
        assert rates[Indicator.WITHIN_15] == (len(quick), len(old))
        assert sum(one.registered for one in found.classes) == len(here)
        assert [one.registered for one in found.months if one.month in MONTHS.days] == [
            sum(fact.month == month for fact in here) for month in MONTHS.days
        ]


@pytest.mark.parametrize("indicator", Indicator)
async def test_the_cases_behind_a_rate_are_as_many_as_it_says(postgres: PostgresServer, indicator: Indicator) -> None:
    async with bench(postgres) as rig:
        context, _ = await city_with_facts(rig)
        one = asked(context)
        overview = await insight.overview(context.database, one, MONTHS.before())
        rate = next(found.now for found in overview.rates if found.indicator is indicator)
        for missing, many in ((False, rate.numerator), (True, rate.denominator - rate.numerator)):
            numbers, token = list[str](), ""
            for _ in range(1 + many // 500):
                page = await insight.cases_behind(
                    context.database, one, indicator, token, missing=missing, page_size=500
                )
                numbers += [line.number for line in page.lines]
                token = page.next_token
            assert token == ""
            assert len(numbers) == len(set(numbers)) == many


async def test_a_league_holds_peers_only_and_a_county_counts_with_its_townships(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        context, facts = await city_with_facts(rig)
        topology = context.topology
        towns = await insight.league_of(context.database, topology, asked(context), Indicator.ON_TIME, Peers.TOWN, 5)
        assert {peers_of(topology.centre(line.centre)) for line in towns.lines} == {Peers.TOWN}
        counties = await insight.league_of(
            context.database, topology, asked(context), Indicator.ON_TIME, Peers.COUNTY, 5
        )
        assert len(counties.lines) == len(topology.children(CITY))
        line = counties.lines[0]
        within = set(centres_below(topology, line.centre))
        judged = fell_due([fact for fact in facts if fact.centre in within])
        assert (line.rate.numerator, line.rate.denominator) == (
            sum(fact.limits[0].in_time for fact in judged),
            len(judged),
        )
        strict = await insight.league_of(
            context.database, topology, asked(context), Indicator.ON_TIME, Peers.TOWN, 10_000
        )
        assert {line.band for line in strict.lines} == {Band.TOO_FEW}


async def test_flows_and_weeks_add_up_to_what_came_in(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        context, facts = await city_with_facts(rig)
        one = asked(context)
        flows = await insight.flows(context.database, context.topology, one, CITY)
        here = [fact for fact in facts if fact.month in MONTHS.days]
        assert sum(flow.registered for flow in flows) == len(here)
        assert [flow.branch for flow in flows] == [CITY, *context.topology.children(CITY)]
        rose = Counter(context.topology.centre(fact.path[1]).level for fact in here if len(fact.path) > 1)
        for level in (Level.COUNTY, Level.CITY):
            assert sum(flow.rose[level] for flow in flows) == rose[level]
        weeks = await insight.heat(context.database, context.topology, CITY, one.centres, 4, TODAY)
        monday = TODAY - timedelta(days=TODAY.weekday(), weeks=3)
        assert {week.week for week in weeks} == {monday + timedelta(weeks=ahead) for ahead in range(4)}
        assert sum(week.many for week in weeks) == sum(city_day(fact.registered_at) >= monday for fact in facts)


async def test_a_page_token_made_by_hand_is_refused(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        one = asked(replace(rig[CITY]))
        for token in ("nonsense", "WyItcmVnaXN0ZXJlZF9hdCIsICIyMDI2LTExLTIzIiwgIjAwIl0="):
            with pytest.raises(Refusal) as refused:
                await insight.cases_behind(rig[CITY].database, one, Indicator.REWORK, token, missing=False)
            assert refused.value.violations[0].code == "page_token_wrong"
