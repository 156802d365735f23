"""The clocks through real databases: what fires, when, once, and what it says; the faults of the field, each a test."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from fengqiao.domain.calendar import WorkingCalendar
from fengqiao.domain.case import Channel, Direction
from fengqiao.domain.command import AcceptOffer, AddNote, AssignCase, OfferCase, ResolveCase
from fengqiao.domain.event import EventKind
from fengqiao.domain.limit_policy import LimitRules
from fengqiao.entry.counters import begin_counters
from fengqiao.handlers import case as handlers
from fengqiao.handlers import limits
from fengqiao.handlers.context import Actor, Context
from fengqiao.insight.cases import case_view
from fengqiao.insight.limits import limit_stories, refresh_limit_gauges
from fengqiao.store.limits import next_firing, running_limits
from fengqiao.store.named_sql import Statement
from tests.containers import PostgresServer
from tests.node.rig import CITY, CLERK, COUNTY, TOWNSHIP, Bench, bench, new_id
from tests.node.test_handlers_case import a_case

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ENDED = (
    'fengqiao_limits_ended_total{{centre="371401001",class="none",code="{code}",level="township",outcome="{outcome}"}}'
)


async def registered(context: Context, **values: object) -> UUID:
    command = a_case(**values)
    await handlers.register(context, command, CLERK)
    return command.case_id


async def said(context: Context, case_id: UUID) -> list[tuple[str, str]]:
    """What the clocks have said of a case: the limit and the rung, in the order of the journal."""
    view = await case_view(context.database, case_id)
    kinds = (EventKind.LIMIT_WARNED, EventKind.LIMIT_BREACHED)
    return [(row.event.details["limit"], row.event.details["rung"]) for row in view.events if row.event.kind in kinds]


async def swept(context: Context, batch: int = 5_000) -> int:
    """Fire and tell everything that is due; gives how many clocks moved."""
    fired = 0
    while moved := await limits.fire(context, batch):
        fired += moved
    while await limits.tell(context):
        pass
    return fired


def later(rig: Bench, code: str, by: timedelta) -> Context:
    return rig.at(code, datetime.now(UTC) + by)


async def test_a_rung_fires_at_its_time_once_and_stands_in_the_journal(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await registered(rig[TOWNSHIP])
        assert await swept(later(rig, TOWNSHIP, 2 * HOUR)) == 0
        assert await swept(later(rig, TOWNSHIP, 2.6 * HOUR)) == 1
        assert await said(rig[TOWNSHIP], case_id) == [("article-assign", "yellow")]
        assert await swept(later(rig, TOWNSHIP, 3.1 * HOUR)) == 1
        assert await swept(later(rig, TOWNSHIP, 3.1 * HOUR)) == 0
        assert await said(rig[TOWNSHIP], case_id) == [("article-assign", "yellow"), ("article-assign", "red")]


async def test_fault_1_an_edit_restarts_no_clock(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here = rig[TOWNSHIP]
        case_id = await registered(here)
        before = [(one.limit_id, one.due_at) for one in await running_limits(here.database)]
        for number in range(3):
            await handlers.carry_out(here, AddNote(case_id, f"第 {number} 次催促"), CLERK)
        assert [(one.limit_id, one.due_at) for one in await running_limits(here.database)] == before
        await handlers.carry_out(here, AssignCase(case_id, "justice"), CLERK)
        assert [(one.limit_id, one.due_at) for one in await running_limits(here.database)] == before[1:]
        assert await swept(later(rig, TOWNSHIP, 9 * DAY)) == 4
        assert ("article-solve", "red") in await said(here, case_id)


async def test_fault_2_the_oldest_of_many_cases_is_fired_first_and_all_are(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here, start = rig[TOWNSHIP], datetime.now(UTC) - 10 * DAY
        at_once = [a_case() for _ in range(101)]
        times = {one.case_id: start + number * timedelta(seconds=1) for number, one in enumerate(at_once)}
        for one in at_once:
            await handlers.register(rig.at(TOWNSHIP, times[one.case_id]), one, CLERK)
        now = rig.at(TOWNSHIP, start + 4 * HOUR)
        assert await limits.fire(now, 50) == 50
        fired = Statement("fired", "SELECT DISTINCT case_id FROM limit_rung WHERE fired_at IS NOT NULL")
        first = await here.database.fetch(fired)
        assert {row["case_id"] for row in first} == {one.case_id for one in at_once[:50]}
        await swept(now, 50)
        warned = [await said(here, one.case_id) for one in at_once]
        assert all(found == [("article-assign", "yellow"), ("article-assign", "red")] for found in warned)


async def test_fault_3_a_case_that_nobody_is_assigned_to_is_fired(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await registered(rig[TOWNSHIP])
        file = (await case_view(rig[TOWNSHIP].database, case_id)).file
        assert file.case.unit == ""
        await swept(later(rig, TOWNSHIP, 4 * HOUR))
        assert ("article-assign", "red") in await said(rig[TOWNSHIP], case_id)


async def test_fault_4_every_rung_of_the_ladder_is_reached(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await registered(rig[TOWNSHIP])
        await swept(later(rig, TOWNSHIP, 30 * DAY))
        rungs = [rung for limit, rung in await said(rig[TOWNSHIP], case_id) if limit == "article-solve"]
        assert rungs == ["yellow", "red", "reminder", "supervision"]


async def test_fault_5_a_case_on_offer_is_fired_at_its_offerer(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here, case_id = rig[TOWNSHIP], await registered(rig[TOWNSHIP])
        await handlers.carry_out(here, OfferCase(case_id, new_id(), Direction.UP, "超出镇级职权"), CLERK)
        await rig.settle()
        await swept(later(rig, TOWNSHIP, 4 * HOUR))
        await swept(later(rig, COUNTY, 4 * HOUR))
        await rig.settle()
        expected = [("article-assign", "yellow"), ("article-assign", "red")]
        assert await said(here, case_id) == expected
        assert await said(rig[COUNTY], case_id) == expected


async def test_the_next_holder_goes_on_with_the_clocks_and_nothing_fires_twice(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await registered(rig[TOWNSHIP])
        await handlers.carry_out(rig[TOWNSHIP], OfferCase(case_id, new_id(), Direction.UP, "超出镇级职权"), CLERK)
        await rig.settle()
        await swept(later(rig, TOWNSHIP, 2.6 * HOUR))
        taken_at = datetime.now(UTC) + 2.8 * HOUR
        await handlers.carry_out(rig.at(COUNTY, taken_at), AcceptOffer(case_id), CLERK)
        # The township has not heard of it yet and fires what was the county's: both say one thing.
        await swept(later(rig, TOWNSHIP, 3.2 * HOUR))
        await swept(later(rig, COUNTY, 3.2 * HOUR))
        await rig.settle()
        expected = [("article-assign", "yellow"), ("article-assign", "red")]
        assert sorted(await said(rig[COUNTY], case_id)) == sorted(expected)
        assert sorted(await said(rig[TOWNSHIP], case_id)) == sorted(expected)
        assert await running_limits(rig[TOWNSHIP].database) == ()
        codes = {one.code for one in await running_limits(rig[COUNTY].database)}
        assert codes == {"article-assign", "article-solve", "holder-assign"}
        view = await case_view(rig[COUNTY].database, case_id)
        limit = next(one for one in view.file.case.limits if one.code == "article-solve")
        assert limit.starts_at == view.file.case.registered_at
        assert await swept(later(rig, TOWNSHIP, 30 * DAY)) == 0


async def test_two_sweepers_of_one_centre_fire_each_rung_once(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here = rig[TOWNSHIP]
        cases = [await registered(here) for _ in range(40)]
        now = later(rig, TOWNSHIP, 4 * HOUR)
        fired = await asyncio.gather(*(swept(now, 7) for _ in range(4)))
        while await limits.tell(now):
            pass
        assert sum(fired) == 80
        told = Counter([one for case_id in cases for one in await said(here, case_id)])
        assert told == {("article-assign", "yellow"): 40, ("article-assign", "red"): 40}


async def test_a_clock_that_was_met_in_time_warns_nobody(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here, case_id = rig[TOWNSHIP], await registered(rig[TOWNSHIP])
        await handlers.carry_out(here, ResolveCase(case_id, "已修复"), CLERK)
        assert await swept(later(rig, TOWNSHIP, 30 * DAY)) == 0
        ended = ENDED.format(code="article-solve", outcome="met")
        assert f"{ended} 1.0" in here.metrics.text().decode()
        assert await running_limits(here.database) == ()


async def test_what_was_due_before_it_was_met_is_still_said(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await registered(rig[TOWNSHIP])
        late = later(rig, TOWNSHIP, 4 * HOUR)
        await handlers.carry_out(late, AssignCase(case_id, "justice"), CLERK)
        await swept(late)
        assert await said(late, case_id) == [("article-assign", "yellow"), ("article-assign", "red")]
        ended = ENDED.format(code="article-assign", outcome="breached")
        assert f"{ended} 1.0" in late.metrics.text().decode()


async def test_an_outage_is_caught_up_with_and_counted(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await registered(rig[TOWNSHIP])
        after = later(rig, TOWNSHIP, 3 * DAY)
        await swept(after)
        assert ("article-assign", "reminder") in await said(after, case_id)
        assert 'fengqiao_limit_firings_late_total{centre="371401001"} 4.0' in after.metrics.text().decode()


async def test_a_clock_that_is_set_back_fires_nothing_twice_and_loses_nothing(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await registered(rig[TOWNSHIP])
        assert await swept(later(rig, TOWNSHIP, 2.6 * HOUR)) == 1
        assert await swept(rig[TOWNSHIP]) == 0
        assert await swept(later(rig, TOWNSHIP, 2.7 * HOUR)) == 0
        assert await swept(later(rig, TOWNSHIP, 3.1 * HOUR)) == 1
        assert await said(rig[TOWNSHIP], case_id) == [("article-assign", "yellow"), ("article-assign", "red")]


async def test_what_is_recorded_long_after_the_act_is_judged_when_its_story_is_in(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here, then = rig[TOWNSHIP], datetime.now(UTC) - 20 * DAY
        command = a_case()
        await handlers.register(here, command, Actor("导入", then))
        assert await swept(here) == 0
        await handlers.carry_out(here, ResolveCase(command.case_id, "已修复"), Actor("导入", then + HOUR))
        assert await swept(later(rig, TOWNSHIP, 30 * DAY)) == 0
        stale = a_case()
        await handlers.register(here, stale, Actor("导入", then))
        assert await swept(later(rig, TOWNSHIP, 0.9 * HOUR)) == 0
        await swept(later(rig, TOWNSHIP, 1.1 * HOUR))
        assert ("article-assign", "red") in await said(here, stale.case_id)


async def test_a_notice_that_comes_moves_provisional_due_times_with_an_entry(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        rules = rig[TOWNSHIP].limits
        at = datetime(2026, 12, 30, 1, tzinfo=UTC)
        here = rig.at(TOWNSHIP, at)
        case_id = await registered(here, channel=Channel.HOTLINE)
        (row,) = [one for one in await running_limits(here.database) if one.code == "hotline-handle"]
        assert row.provisional
        assert await limits.reproject(here) == 0
        known = rules.calendar
        holidays = {**known.holidays, date(2027, 1, 1): "元旦", date(2027, 1, 4): "元旦"}
        noticed = WorkingCalendar(holidays, {**known.make_up_days, date(2027, 1, 9): "元旦"}, date(2027, 12, 31))
        there = replace(here, limits=LimitRules(rules.policies, noticed))
        assert await limits.reproject(there) == 1
        assert await limits.reproject(there) == 0
        (moved,) = [one for one in await running_limits(here.database) if one.code == "hotline-handle"]
        assert moved.due_at - row.due_at == 2 * DAY
        assert not moved.provisional
        view = await case_view(here.database, case_id)
        assert view.events[-1].event.kind is EventKind.LIMIT_REPROJECTED
        story = next(
            one for one in limit_stories(view.file.case, there.limits, at) if one.limit.code == "hotline-handle"
        )
        assert [verdict.name for verdict in story.skipped if verdict.name] == ["元旦", "元旦"]


async def test_figures_of_limits_are_bounded_and_true(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here = rig[TOWNSHIP]
        for _ in range(3):
            await registered(here)
        now = datetime.now(UTC) + 4 * HOUR
        await refresh_limit_gauges(here.database, here.metrics, "township", here.limits.calendar, now)

        def told(name: str, code: str) -> float | None:
            labels = {"centre": TOWNSHIP, "code": code, "class": "none", "level": "township"}
            return here.metrics.registry.get_sample_value(name, labels)

        assert told("fengqiao_limits_running", "article-assign") == 3
        assert told("fengqiao_limits_overdue", "article-assign") == 3
        assert told("fengqiao_limits_overdue", "article-solve") == 0
        assert told("fengqiao_limits_provisional", "article-solve") == 0
        assert b"fengqiao_calendar_horizon_days" in here.metrics.text()


async def test_a_clock_is_judged_once_when_it_is_kept_and_at_the_moment_it_is_missed(
    postgres: PostgresServer,
) -> None:
    async with bench(postgres) as rig:
        here = rig[TOWNSHIP]

        def judged(verdict: str) -> float | None:
            labels = {"centre": TOWNSHIP, "code": "article-assign", "level": "township", "verdict": verdict}
            return here.metrics.registry.get_sample_value("fengqiao_limits_judged_total", labels)

        begin_counters(here)
        assert (judged("kept"), judged("missed")) == (0, 0)
        kept, missed = await registered(here), await registered(here)
        await handlers.carry_out(here, AssignCase(kept, "justice"), CLERK)
        late = later(rig, TOWNSHIP, 4 * HOUR)
        await swept(late)
        assert (judged("kept"), judged("missed")) == (1, 1)
        # It was judged when it ran out: that it is met late changes nothing.
        await handlers.carry_out(late, AssignCase(missed, "justice"), CLERK)
        assert (judged("kept"), judged("missed")) == (1, 1)


async def test_clocks_beyond_the_last_notice_are_told_as_provisional(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        at = datetime(2026, 12, 30, 1, tzinfo=UTC)
        here = rig.at(TOWNSHIP, at)
        await registered(here, channel=Channel.HOTLINE)
        await refresh_limit_gauges(here.database, here.metrics, "township", here.limits.calendar, at)
        labels = {"centre": TOWNSHIP, "code": "hotline-handle", "class": "none", "level": "township"}
        assert here.metrics.registry.get_sample_value("fengqiao_limits_provisional", labels) == 1


async def test_every_centre_of_the_federation_is_swept_by_its_own_node(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        cases = {code: await registered(rig[code]) for code in (CITY, COUNTY, TOWNSHIP)}
        for code, case_id in cases.items():
            await swept(later(rig, code, 4 * HOUR))
            assert ("article-assign", "red") in await said(rig[code], case_id)


async def test_a_firing_of_a_case_that_is_not_here_keeps_nothing_back(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here = rig[TOWNSHIP]
        text = (
            "INSERT INTO limit_rung (limit_id, rung, case_id, code, fire_at, due_at, fired_at) "
            "SELECT gen_random_uuid(), 'red', gen_random_uuid(), 'gone', now(), now(), now()"
        )
        await here.database.fetch(Statement("stray", text))
        assert await limits.tell(here) == 1
        assert not (await next_firing(here.database)).untold
