"""Supervision through real databases: reminders travel, orders climb by themselves, suspensions end, faults 6 to 8."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fengqiao.domain.calendar import Budget, Counting
from fengqiao.domain.case import CaseState, Direction
from fengqiao.domain.command import AcceptOffer, AssignCase, AttachFile, OfferCase, ResolveCase
from fengqiao.domain.course import SuspensionReason
from fengqiao.domain.course_command import ApproveApplication, ExtendCase, ResumeCase, SuspendCase
from fengqiao.domain.errors import Kind
from fengqiao.domain.event import EventKind
from fengqiao.domain.limit_course import CLOCK
from fengqiao.domain.supervision_command import (
    ConcludeLevel,
    GrantAccess,
    OpenOrder,
    RaiseOrder,
    RecordCause,
    RemindCase,
)
from fengqiao.domain.supervision_rules import Ground, Outcome, RootCause
from fengqiao.handlers import case as cases
from fengqiao.handlers import supervision
from fengqiao.handlers.attachment import attach
from fengqiao.insight.cases import case_view
from fengqiao.insight.supervision import board, order_view, refresh_supervision_gauges
from fengqiao.store.named_sql import Statement
from fengqiao.timers.overseer import Overseer
from fengqiao.timers.sweeper import Sweeper
from tests.cities import made_topology
from tests.containers import PostgresServer
from tests.node.rig import CLERK, COUNTY, TOWNSHIP, bench, new_id
from tests.node.supervised import (
    COLLEAGUE,
    DAY,
    HOUR,
    SUPERVISOR,
    climbed,
    events_of,
    kinds_of,
    ordered,
    orders_of,
    overdue,
    refused,
)
from tests.node.test_handlers_case import a_case
from tests.node.test_limits import said, swept
from tests.unit.limits import policy, rules


async def test_a_reminder_reaches_all_who_follow_and_is_counted(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await overdue(rig, unit="")
        await cases.carry_out(rig[TOWNSHIP], OfferCase(case_id, new_id(), Direction.UP, "超出镇级职权"), CLERK)
        await rig.settle()
        await cases.carry_out(rig[COUNTY], AcceptOffer(case_id), CLERK)
        await rig.settle()
        before = (await case_view(rig[COUNTY].database, case_id)).file.case.version
        rig.statements.clear()
        await supervision.carry_out(rig[TOWNSHIP], RemindCase(case_id, "群众又来问了"), SUPERVISOR)
        assert rig.statements == {"work.load": 1, "work.save": 1}
        await rig.settle()
        for code in (TOWNSHIP, COUNTY):
            assert (await events_of(rig[code], case_id))[-1].details["text"] == "群众又来问了"
            assert [line.text for line in (await board(rig[code].database, datetime.now(UTC))).reminders] == [
                "群众又来问了"
            ]
        assert (await case_view(rig[COUNTY].database, case_id)).file.case.version == before
        assert b'fengqiao_reminders_total{centre="371401001",level="township"} 1.0' in rig[TOWNSHIP].metrics.text()


async def test_a_cause_and_what_to_improve_reach_all_who_follow_also_when_it_is_resolved(
    postgres: PostgresServer,
) -> None:
    async with bench(postgres) as rig:
        case_id = await overdue(rig, unit="")
        await cases.carry_out(rig[TOWNSHIP], OfferCase(case_id, new_id(), Direction.UP, "超出镇级职权"), CLERK)
        await rig.settle()
        await cases.carry_out(rig[COUNTY], AcceptOffer(case_id), CLERK)
        await cases.carry_out(rig[COUNTY], ResolveCase(case_id, "已修复。"), CLERK)
        await rig.settle()
        rig.statements.clear()
        cause = RecordCause(case_id, RootCause.UPKEEP, "路灯多年无人管护", "纳入城管月检")
        await supervision.carry_out(rig[TOWNSHIP], cause, SUPERVISOR)
        assert rig.statements == {"work.load": 1, "work.save": 1}
        await rig.settle()
        for code in (TOWNSHIP, COUNTY):
            last = (await events_of(rig[code], case_id))[-1]
            assert (last.kind, dict(last.details)) == (
                EventKind.CAUSE_RECORDED,
                {"root_cause": "upkeep", "text": "路灯多年无人管护", "improvement": "纳入城管月检"},
            )
        labels = {"centre": TOWNSHIP, "root_cause": "upkeep", "class": "none", "level": "township"}
        assert rig[TOWNSHIP].metrics.registry.get_sample_value("fengqiao_causes_total", labels) == 1


async def test_an_order_of_a_centre_above_stands_at_all_who_follow(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await overdue(rig, unit="")
        await cases.carry_out(rig[TOWNSHIP], OfferCase(case_id, new_id(), Direction.UP, "请县里协调"), CLERK)
        await rig.settle()
        await cases.carry_out(rig[COUNTY], AcceptOffer(case_id), CLERK)
        down = OfferCase(case_id, new_id(), Direction.DOWN, "由镇里办", TOWNSHIP)
        await cases.carry_out(rig[COUNTY], down, CLERK)
        await rig.settle()
        await cases.carry_out(rig[TOWNSHIP], AcceptOffer(case_id), CLERK)
        await rig.settle()
        order_id = await ordered(rig[COUNTY], case_id)
        await rig.settle()
        for code in (TOWNSHIP, COUNTY):
            (line,) = (await board(rig[code].database, datetime.now(UTC))).orders
            assert (line.order.id, line.order.centre, line.order.level) == (order_id, COUNTY, 1)
            assert line.order.ground is Ground.RED_WARNING
        raised = RaiseOrder(case_id, order_id, "再不办就升级")
        refusal = await refused(supervision.carry_out(rig[TOWNSHIP], raised, SUPERVISOR))
        assert (refusal.kind, refusal.code) == (Kind.FORBIDDEN, "order_not_ours")


async def test_a_follower_below_reminds_but_opens_no_order(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await overdue(rig, unit="")
        await cases.carry_out(rig[TOWNSHIP], OfferCase(case_id, new_id(), Direction.UP, "超出镇级职权"), CLERK)
        await rig.settle()
        await cases.carry_out(rig[COUNTY], AcceptOffer(case_id), CLERK)
        await rig.settle()
        refusal = await refused(ordered(rig[TOWNSHIP], case_id))
        assert refusal.code == "order_not_above"


async def test_a_command_on_an_order_is_three_statements_and_one_commit(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await overdue(rig)
        rig.statements.clear()
        order_id = await ordered(rig[TOWNSHIP], case_id)
        assert rig.statements == {"work.load": 1, "supervision.save": 1, "work.save": 1}
        rig.statements.clear()
        words = ConcludeLevel(case_id, order_id, Outcome.NOT_REMEDIED, "已回访，仍未修复。")
        await supervision.carry_out(rig[TOWNSHIP], words, SUPERVISOR)
        assert sum(rig.statements.values()) == 3
        rig.statements.clear()
        await order_view(rig[TOWNSHIP].database, order_id)
        assert sum(rig.statements.values()) <= 4
        rig.statements.clear()
        await board(rig[TOWNSHIP].database, datetime.now(UTC))
        assert sum(rig.statements.values()) == 3


async def test_an_order_climbs_when_its_level_runs_out_once_and_at_each_level(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await overdue(rig)
        await ordered(rig[TOWNSHIP], case_id)
        now = datetime.now(UTC)
        assert await supervision.raise_due(rig.at(TOWNSHIP, now + 2 * DAY)) == 0
        levels = []
        for _ in range(6):
            (order,) = await orders_of(rig[TOWNSHIP], case_id)
            levels.append(order.level)
            later = rig.at(TOWNSHIP, order.due_at + HOUR)
            # Two processes of the centre look at once; one of them finds it done.
            done = await asyncio.gather(supervision.raise_due(later), supervision.raise_due(later))
            assert sum(done) == (1 if order.level < 5 else 0)
        assert levels == [1, 2, 3, 4, 5, 5]
        raised = [one for one in await events_of(rig[TOWNSHIP], case_id) if one.kind is EventKind.SUPERVISION_RAISED]
        assert {one.actor for one in raised} == {CLOCK}
        await refresh_supervision_gauges(rig[TOWNSHIP].database, rig[TOWNSHIP].metrics, TOWNSHIP)
        text = rig[TOWNSHIP].metrics.text().decode()
        assert f'fengqiao_supervision_orders_open{{centre="{TOWNSHIP}",level="5"}} 1.0' in text


async def test_an_order_that_was_closed_needs_a_new_ground(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await overdue(rig)
        order_id = await ordered(rig[TOWNSHIP], case_id)
        assert (await refused(ordered(rig[TOWNSHIP], case_id))).code == "order_open_already"
        done = ConcludeLevel(case_id, order_id, Outcome.REMEDIED, "已修复，群众确认。")
        await supervision.carry_out(rig[TOWNSHIP], done, SUPERVISOR)
        assert (await refused(ordered(rig[TOWNSHIP], case_id))).code == "order_without_ground"
        assert (await board(rig[TOWNSHIP].database, datetime.now(UTC))).orders == ()


async def test_a_warning_is_on_the_board_until_somebody_takes_it_up(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here, now = rig[TOWNSHIP], datetime.now(UTC)
        first, second = await overdue(rig), await overdue(rig)
        assert {line.case.case_id for line in (await board(here.database, now)).reds} == {first, second}
        await supervision.carry_out(here, RemindCase(first, "请尽快办理"), SUPERVISOR)
        await ordered(here, second)
        assert (await board(here.database, now)).reds == ()


async def test_a_body_is_granted_one_case_only_at_its_own_level(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await overdue(rig)
        order_id = await ordered(rig[TOWNSHIP], case_id)
        until = datetime.now(UTC) + 10 * DAY
        wanted = GrantAccess(case_id, order_id, new_id(), "评议办理结果", until)
        assert (await refused(supervision.carry_out(rig[TOWNSHIP], wanted, SUPERVISOR))).code == "order_body_inside"
        now = await climbed(rig, case_id, 3)
        late = replace(wanted, until=now + 31 * DAY)
        assert (await refused(supervision.carry_out(rig.at(TOWNSHIP, now), late, SUPERVISOR))).kind is Kind.INVALID
        await supervision.carry_out(rig.at(TOWNSHIP, now), replace(wanted, until=now + DAY), SUPERVISOR)
        ((grant, readings),) = (await order_view(rig[TOWNSHIP].database, order_id)).grants
        assert (grant.body, grant.case_id, grant.purpose, readings) == ("delegates", case_id, "评议办理结果", ())


async def test_the_upper_levels_want_a_file_of_the_case(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await overdue(rig)
        order_id = await ordered(rig[TOWNSHIP], case_id)
        there = rig.at(TOWNSHIP, await climbed(rig, case_id, 3))
        found = ConcludeLevel(case_id, order_id, Outcome.REMEDIED, "评议通过。")
        refusal = await refused(supervision.carry_out(there, found, SUPERVISOR))
        assert [fault.code for fault in refusal.violations] == ["order_file_needed"]
        picture = AttachFile(case_id, "", 0, "image/png", "评议表.png")
        sha256 = (await attach(there, picture, b"\x89PNG\r\n sheet", CLERK)).sha256
        await supervision.carry_out(there, replace(found, evidence=(sha256,)), SUPERVISOR)
        assert (await orders_of(rig[TOWNSHIP], case_id))[0].closed


async def test_a_suspension_ends_by_itself_once_also_after_an_outage(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here, command = rig[TOWNSHIP], a_case()
        await cases.register(here, command, CLERK)
        await cases.carry_out(here, AssignCase(command.case_id, "justice"), CLERK)
        asked = SuspendCase(command.case_id, SuspensionReason.APPRAISAL, 3, "等待鉴定")
        await cases.carry_out(here, asked, CLERK)
        await cases.carry_out(here, ApproveApplication(command.case_id), COLLEAGUE)
        stands = (await case_view(here.database, command.case_id)).file.case.course.suspension
        assert stands is not None
        assert await supervision.resume_ended(rig.at(TOWNSHIP, stands.until - HOUR)) == 0
        outage = rig.at(TOWNSHIP, stands.until + 2 * DAY)
        done = await asyncio.gather(*(supervision.resume_ended(outage) for _ in range(3)))
        assert sum(done) == 1
        view = await case_view(here.database, command.case_id)
        assert (view.file.case.course.suspension, view.file.case.state) == (None, CaseState.ASSIGNED)
        resumed = [row.event for row in view.events if row.event.kind is EventKind.RESUMED]
        assert [(one.actor, one.at) for one in resumed] == [(CLOCK, stands.until)]
        assert await supervision.resume_ended(outage) == 0


async def test_a_suspension_that_a_person_ended_is_left_alone(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here, command = rig[TOWNSHIP], a_case()
        await cases.register(here, command, CLERK)
        await cases.carry_out(here, AssignCase(command.case_id, "justice"), CLERK)
        await cases.carry_out(here, SuspendCase(command.case_id, SuspensionReason.HEARING, 3, "听证"), CLERK)
        await cases.carry_out(here, ApproveApplication(command.case_id), COLLEAGUE)
        await cases.carry_out(here, ResumeCase(command.case_id), CLERK)
        assert await supervision.resume_ended(rig.at(TOWNSHIP, datetime.now(UTC) + 9 * DAY)) == 0
        assert (await kinds_of(here, command.case_id)).count(EventKind.RESUMED) == 1


async def test_the_overseer_sleeps_until_the_next_instant_and_looks_with_one_statement(
    postgres: PostgresServer,
) -> None:
    async with bench(postgres) as rig:
        idle = Overseer(rig[TOWNSHIP])
        await idle.turn()
        rig.statements.clear()
        assert await idle.turn() == 20.0
        assert rig.statements == {"supervision.next": 1}
        case_id = await overdue(rig)
        await ordered(rig[TOWNSHIP], case_id)
        (order,) = await orders_of(rig[TOWNSHIP], case_id)
        assert await Overseer(rig.at(TOWNSHIP, order.due_at - timedelta(seconds=5))).turn() == pytest.approx(5.0)
        assert await Overseer(rig.at(TOWNSHIP, order.due_at)).turn() == 0.0
        assert (await orders_of(rig[TOWNSHIP], case_id))[0].level == 2


async def test_fault_6_every_hosted_centre_is_swept(postgres: PostgresServer) -> None:
    topology = made_topology(counties=2, townships=1)
    async with bench(postgres, topology) as rig:
        soon = rules(policy(budget=Budget(Counting.WALL_CLOCK, 1), rungs=policy().rungs[-1:]))
        stopping, loops, waiting = asyncio.Event(), [], {}
        for code in rig.contexts:
            node = replace(rig[code], limits=soon)
            sweeper = Sweeper(node)
            loops.append(asyncio.create_task(sweeper.run(stopping)))
            command = a_case()
            await cases.register(replace(node, clock_set=sweeper.clock_set), command, CLERK)
            waiting[code] = command.case_id
        try:
            async with asyncio.timeout(15):
                while not all([await said(rig[code], case_id) for code, case_id in waiting.items()]):  # noqa: ASYNC110 - nobody tells of it
                    await asyncio.sleep(0.1)
        finally:
            stopping.set()
            await asyncio.gather(*loops)
        assert set(waiting) == set(topology.centres)
        assert {len(await said(rig[code], case_id)) for code, case_id in waiting.items()} == {1}


async def test_fault_7_holidays_suspension_and_extension_count(postgres: PostgresServer) -> None:
    before_the_holiday = datetime(2026, 9, 30, 2, tzinfo=UTC)
    days = Budget(Counting.WORKING_DAYS, 5)
    table = rules(policy(budget=days, extension=Budget(Counting.WORKING_DAYS, 10), rungs=policy().rungs[-1:]))
    async with bench(postgres) as rig:
        node, command = replace(rig.at(TOWNSHIP, before_the_holiday), limits=table), a_case()
        await cases.register(node, command, CLERK)
        await cases.carry_out(node, AssignCase(command.case_id, "justice"), CLERK)

        async def due() -> datetime:
            (limit,) = (await case_view(node.database, command.case_id)).file.case.limits
            return limit.due_at(table.calendar)

        # 1 to 7 October are holidays, 10 October is worked: 8, 9, 10, 12 and 13 October are the five days.
        assert await due() == datetime(2026, 10, 13, 16, tzinfo=UTC)
        asked = SuspendCase(command.case_id, SuspensionReason.APPRAISAL, 30, "等待鉴定")
        await cases.carry_out(node, asked, CLERK)
        await cases.carry_out(node, ApproveApplication(command.case_id), COLLEAGUE)
        resumed = replace(rig.at(TOWNSHIP, datetime(2026, 10, 8, 16, tzinfo=UTC)), limits=table)
        await cases.carry_out(resumed, ResumeCase(command.case_id), CLERK)
        suspended_until = await due()
        assert suspended_until > datetime(2026, 10, 13, 16, tzinfo=UTC)
        await cases.carry_out(resumed, ExtendCase(command.case_id, 3, "案情复杂"), CLERK)
        await cases.carry_out(resumed, ApproveApplication(command.case_id), COLLEAGUE)
        due_at = await due()
        assert due_at > suspended_until
        early = replace(rig.at(TOWNSHIP, due_at - HOUR), limits=table)
        assert await swept(early) == 0
        late = replace(rig.at(TOWNSHIP, due_at + HOUR), limits=table)
        assert await swept(late) == 1


async def test_fault_8_the_supervisor_is_a_body_and_an_empty_chair_changes_nothing(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here, case_id = rig[TOWNSHIP], await overdue(rig)
        assert await here.database.fetch(Statement("people", "SELECT login FROM account")) == []
        order_id = new_id()
        await supervision.carry_out(here, OpenOrder(case_id, order_id, "群众催问三次"), SUPERVISOR)
        bodies = []
        for _ in range(5):
            (order,) = await orders_of(here, case_id)
            bodies.append(here.supervision.level(order.level).body)
            await supervision.raise_due(rig.at(TOWNSHIP, order.due_at))
        assert bodies == ["accepting", "joint-office", "delegates", "media", "discipline"]
