"""Steps of cases become figures once, at the centre that took them, with the class of the matter (F36)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from fengqiao.domain.case import Direction
from fengqiao.domain.command import AcceptOffer, AssignCase, OfferCase
from fengqiao.domain.course import ClosingKind
from fengqiao.domain.course_command import (
    AdmitCase,
    ClassifyCase,
    CloseCase,
    EvaluateCase,
    ReopenCase,
    ReplyToCitizen,
    ReturnCase,
    RevisitCitizen,
    SignOffResult,
    SubmitResult,
)
from fengqiao.handlers import case as handlers
from fengqiao.handlers.context import Actor, Context
from fengqiao.insight.limits import refresh_limit_gauges
from tests.containers import PostgresServer
from tests.node.rig import CLERK, COUNTY, TOWNSHIP, Bench, bench, new_id
from tests.node.test_handlers_case import a_case

OFFICER, DEPUTY = Actor("孙丽"), Actor("周伟")


def sample(context: Context, name: str, **labels: str) -> float:
    """The value of a series of a centre; 0 when there is none."""
    found = context.metrics.registry.get_sample_value(name, {"centre": context.centre.code, **labels})
    return found or 0.0


async def settled(rig: Bench, here: Context) -> UUID:
    """A case that is returned once, worked out, replied to, evaluated and closed as solved."""
    case = a_case().case_id
    await handlers.register(here, a_case(case_id=case), CLERK)
    for command, actor in (
        (AdmitCase(case), CLERK),
        (ClassifyCase(case, "0102"), CLERK),
        (AssignCase(case, "police"), CLERK),
        (ReturnCase(case, "不属于派出所"), OFFICER),
        (AssignCase(case, "justice"), CLERK),
        (SubmitResult(case, "已修复。", proof="现场看过"), OFFICER),
        (SignOffResult(case), DEPUTY),
        (ReplyToCitizen(case, "路灯已修好。"), CLERK),
        (RevisitCitizen(case, reached=True, words="好了"), CLERK),
        (EvaluateCase(case, solved=True, satisfied=False, words="慢"), CLERK),
        (CloseCase(case, ClosingKind.SOLVED), CLERK),
    ):
        await handlers.carry_out(here, command, actor)
    return case


async def test_each_step_is_counted_once_with_its_class(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here = rig[TOWNSHIP]
        case = await settled(rig, here)
        await handlers.carry_out(here, ReopenCase(case, "又坏了"), CLERK)
        steps = {
            ("registered", "none"): 1,
            ("admitted", "none"): 1,
            ("assigned", "01"): 2,
            ("returned", "01"): 1,
            ("signed_off", "01"): 1,
            ("closed", "01"): 1,
            ("reopened", "01"): 1,
        }
        for (step, matter_class), times in steps.items():
            labels = {"step": step, "class": matter_class, "level": "township"}
            assert sample(here, "fengqiao_case_steps_total", **labels) == times, step
        closed = {"closing": "solved", "direct": "no", "class": "01", "level": "township"}
        assert sample(here, "fengqiao_cases_closed_total", **closed) == 1
        words = {"solved": "yes", "satisfied": "no", "reasonable": "yes", "class": "01", "level": "township"}
        assert sample(here, "fengqiao_evaluations_total", **words) == 1


async def test_the_time_of_a_step_runs_from_registration_through_all_hands(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case = a_case().case_id
        await handlers.register(rig[TOWNSHIP], a_case(case_id=case), CLERK)
        await handlers.carry_out(rig[TOWNSHIP], OfferCase(case, new_id(), Direction.UP, "超出镇级职权"), CLERK)
        await rig.settle()
        there = rig.at(COUNTY, datetime.now(UTC) + timedelta(hours=5))
        await handlers.carry_out(there, AcceptOffer(case), CLERK)
        await handlers.carry_out(there, AssignCase(case, rig[COUNTY].units.units(rig[COUNTY].centre)[-1].code), CLERK)
        await rig.settle()
        labels = {"step": "assigned", "level": "county"}
        assert sample(rig[COUNTY], "fengqiao_case_step_seconds_count", **labels) == 1
        assert 18_000 <= sample(rig[COUNTY], "fengqiao_case_step_seconds_sum", **labels) < 18_060
        # The township hears of it and does not count it again.
        told = {"step": "assigned", "class": "none"}
        assert sample(rig[TOWNSHIP], "fengqiao_case_steps_total", **told, level="township") == 0
        assert sample(rig[COUNTY], "fengqiao_case_steps_total", **told, level="county") == 1


async def test_what_was_due_in_the_week_is_told_by_what_became_of_it(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here = rig[TOWNSHIP]
        cases = [a_case().case_id for _ in range(4)]
        for case in cases:
            await handlers.register(here, a_case(case_id=case), CLERK)
        await handlers.carry_out(here, AssignCase(cases[0], "justice"), CLERK)
        late = rig.at(TOWNSHIP, datetime.now(UTC) + timedelta(hours=4))
        await handlers.carry_out(late, AssignCase(cases[1], "justice"), CLERK)
        handed = OfferCase(cases[2], new_id(), Direction.UP, "超出镇级职权")
        await handlers.carry_out(here, handed, CLERK)
        await rig.settle()
        await handlers.carry_out(rig[COUNTY], AcceptOffer(cases[2]), CLERK)
        await rig.settle()
        at = datetime.now(UTC) + timedelta(hours=5)
        await refresh_limit_gauges(here.database, here.metrics, "township", here.limits.calendar, at)
        labels = {"code": "article-assign", "class": "none", "level": "township"}
        found = {
            outcome: sample(here, "fengqiao_limits_due_last_week", **labels, outcome=outcome)
            for outcome in ("met", "breached", "open")
        }
        # The one that was handed over is judged where it runs on.
        assert found == {"met": 1, "breached": 1, "open": 1}
        week = at + timedelta(days=8)
        await refresh_limit_gauges(here.database, here.metrics, "township", here.limits.calendar, week)
        assert sample(here, "fengqiao_limits_due_last_week", **labels, outcome="met") == 0
