"""The figures of a centre from its database, held to what was done."""

from datetime import UTC, datetime, timedelta

from fengqiao.domain.command import AssignCase, ResolveCase
from fengqiao.domain.course import ClosingKind
from fengqiao.domain.figures import Period, Rate
from fengqiao.domain.identity import CITY_ZONE
from fengqiao.handlers import case as handlers
from fengqiao.handlers.context import Actor
from fengqiao.insight.figures import centre_figures
from tests.containers import PostgresServer
from tests.node.rig import COUNTY, TOWNSHIP, Bench, bench
from tests.node.test_handlers_case import a_case


async def done(rig: Bench, registered_at: datetime, days: float | None, *, unit: str, closing: ClosingKind) -> None:
    """A case that was taken in at a time and, when `days` are given, resolved so much later."""
    context, command = rig[TOWNSHIP], a_case()
    await handlers.register(context, command, Actor("王敏", registered_at))
    if unit:
        await handlers.carry_out(context, AssignCase(command.case_id, unit), Actor("王敏", registered_at))
    if days is not None:
        at = registered_at + timedelta(days=days)
        await handlers.carry_out(context, ResolveCase(command.case_id, "已办结。", closing), Actor("王敏", at))


async def test_every_rate_has_the_numerator_and_the_denominator_of_what_was_done(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        now = datetime.now(UTC)
        long_ago, lately = now - timedelta(days=40), now - timedelta(days=1)
        await done(rig, long_ago, 0.1, unit="", closing=ClosingKind.EXPLAINED)
        await done(rig, long_ago, 2.5, unit="police", closing=ClosingKind.SOLVED)
        await done(rig, long_ago, 14.5, unit="police", closing=ClosingKind.SOLVED)
        await done(rig, long_ago, None, unit="police", closing=ClosingKind.SOLVED)
        await done(rig, lately, 0.5, unit="police", closing=ClosingKind.SOLVED)
        period = Period(long_ago.astimezone(CITY_ZONE).date(), now.astimezone(CITY_ZONE).date())
        context = rig[TOWNSHIP]
        calendar, topology = context.limits.calendar, context.topology
        found = await centre_figures(context.database, TOWNSHIP, period, calendar, topology, now)
        assert found.registered == 5
        assert found.closings[ClosingKind.SOLVED] == 3
        assert found.closings[ClosingKind.EXPLAINED] == 1
        assert found.rate("direct") == Rate("direct", 1, 5)
        assert found.rate("within_3_days") == Rate("within_3_days", 2, 4)
        assert found.rate("within_15_days") == Rate("within_15_days", 3, 4)
        assert found.rate("within_60_days") == Rate("within_60_days", 0, 0)
        assert found.rate("on_time", "article-assign") == Rate("on_time", 5, 5, "article-assign")
        # Three calendar days are over at the end of the third; the young case is not due yet, the open one is.
        assert found.rate("met", "article-solve") == Rate("met", 3, 4, "article-solve")
        assert found.rate("on_time", "article-solve") == Rate("on_time", 2, 4, "article-solve")
        county = await centre_figures(rig[COUNTY].database, COUNTY, period, calendar, topology, now)
        assert county.registered == 0
