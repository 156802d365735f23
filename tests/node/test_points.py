"""The ledger of points through real databases: made with the telling, once, appealed, reversed, never changed."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from fengqiao.domain.case import Direction
from fengqiao.domain.command import AcceptOffer, AssignCase, OfferCase
from fengqiao.domain.course_command import TransferCase
from fengqiao.domain.errors import Kind
from fengqiao.domain.event import EventKind
from fengqiao.domain.limit_course import CLOCK
from fengqiao.domain.points import Standing, total
from fengqiao.domain.supervision_command import AppealPoints, DecideAppeal, DeductPoints
from fengqiao.handlers import case as cases
from fengqiao.handlers import limits, supervision
from fengqiao.handlers.context import Actor
from fengqiao.insight.supervision import entry_view, ledger, refresh_supervision_gauges
from fengqiao.store.points import ledger_lines, unit_sums
from tests.containers import PostgresServer
from tests.node.rig import CLERK, COUNTY, TOWNSHIP, bench, new_id
from tests.node.supervised import (
    COLLEAGUE,
    DAY,
    HOUR,
    SUPERVISOR,
    entries_of,
    kinds_of,
    overdue,
    refused,
)
from tests.node.test_handlers_case import a_case
from tests.node.test_limits import swept

UNIT_HEAD = Actor("司法所李所长")


async def test_a_red_rung_costs_points_in_the_commit_of_its_telling_and_once(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here, began = rig[TOWNSHIP], datetime.now(UTC) - 10 * DAY
        command = a_case()
        await cases.register(rig.at(TOWNSHIP, began), command, CLERK)
        await cases.carry_out(rig.at(TOWNSHIP, began + HOUR), AssignCase(command.case_id, "justice"), CLERK)
        while await limits.fire(here):
            pass
        rig.statements.clear()
        # Two processes of the centre tell at once.
        await asyncio.gather(limits.tell(here), limits.tell(here))
        assert rig.statements["work.save"] == rig.statements["supervision.save"] == 1
        await swept(here)
        entries = await entries_of(here, command.case_id)
        assert {(one.unit, one.by, one.standing) for one in entries} == {("justice", CLOCK, Standing.STANDING)}
        assert len({(one.limit, one.rung) for one in entries}) == len(entries) >= 2
        lines = await ledger_lines(here.database, 50)
        assert {(one.entry_id, one.points, one.rule) for one in lines} == {(e.id, e.points, e.rule) for e in entries}
        (justice,) = await unit_sums(here.database, began)
        assert (justice.unit, justice.points, justice.entries, justice.cases) == (
            "justice", total(entries), len(entries), 1,
        )  # fmt: skip
        text = here.metrics.text().decode()
        assert f'fengqiao_points_entries_total{{centre="{TOWNSHIP}",kind="deduction",rule="overdue"}}' in text


async def test_the_unit_that_had_the_case_at_the_time_is_charged(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        began, command = datetime.now(UTC) - 10 * DAY, a_case()
        await cases.register(rig.at(TOWNSHIP, began), command, CLERK)
        await cases.carry_out(rig.at(TOWNSHIP, began + 4 * HOUR), AssignCase(command.case_id, "justice"), CLERK)
        moved = TransferCase(command.case_id, "police", "由派出所牵头")
        await cases.carry_out(rig.at(TOWNSHIP, began + 9 * DAY), moved, CLERK)
        # The clocks of those days fire only now, as after an outage.
        await swept(rig[TOWNSHIP])
        units = {one.limit: one.unit for one in await entries_of(rig[TOWNSHIP], command.case_id) if one.rung == "red"}
        assert units["article-assign"] == "window"
        assert units["article-solve"] == "justice"


async def test_an_appeal_is_decided_by_another_and_reverses_once(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here, case_id = rig[TOWNSHIP], await overdue(rig, by=timedelta(days=4))
        entry = (await entries_of(here, case_id))[0]
        before = total(await entries_of(here, case_id))
        asked = AppealPoints(case_id, entry.id, "当事人三天联系不上，有通话记录。")
        await supervision.carry_out(here, asked, UNIT_HEAD)
        assert (await refused(supervision.carry_out(here, asked, UNIT_HEAD))).code == "points_not_standing"
        await refresh_supervision_gauges(here.database, here.metrics, TOWNSHIP)
        assert f'fengqiao_appeals_waiting{{centre="{TOWNSHIP}"}} 1.0' in here.metrics.text().decode()
        (waiting,) = (await ledger(here.database, datetime.now(UTC), 30)).waiting
        assert (waiting.entry_id, waiting.appealed_by) == (entry.id, UNIT_HEAD.name)
        upheld = DecideAppeal(case_id, entry.id, upheld=True, reason="通话记录属实。")
        own = await refused(supervision.carry_out(here, upheld, UNIT_HEAD))
        assert (own.kind, own.code) == (Kind.FORBIDDEN, "points_second_person")
        rig.statements.clear()
        await supervision.carry_out(here, upheld, SUPERVISOR)
        assert sum(rig.statements.values()) == 3
        assert (await refused(supervision.carry_out(here, upheld, COLLEAGUE))).code == "points_not_appealed"
        assert total(await entries_of(here, case_id)) == before - entry.points
        line = await entry_view(here.database, entry.id)
        assert (line.standing, line.decided_by, line.decision_reason) == (
            Standing.REVERSED, SUPERVISOR.name, "通话记录属实。",
        )  # fmt: skip
        (justice,) = [one for one in await unit_sums(here.database, entry.at - DAY) if one.unit == entry.unit]
        assert (justice.reversals, justice.points) == (1, before - entry.points)


async def test_a_dismissed_appeal_leaves_the_entry(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here, case_id, entry_id = rig[TOWNSHIP], await overdue(rig, by=timedelta(days=4)), new_id()
        by_hand = DeductPoints(case_id, entry_id, "untrue-result", "police", "回访发现没有办。")
        await supervision.carry_out(here, by_hand, SUPERVISOR)
        await supervision.carry_out(here, AppealPoints(case_id, entry_id, "已办，群众记错。"), UNIT_HEAD)
        decided = DecideAppeal(case_id, entry_id, upheld=False, reason="现场照片显示没有办。")
        assert (await refused(supervision.carry_out(here, decided, SUPERVISOR))).code == "points_second_person"
        await supervision.carry_out(here, decided, COLLEAGUE)
        line = await entry_view(here.database, entry_id)
        assert (line.standing, line.points, line.decision_reason) == (Standing.CONFIRMED, 3, "现场照片显示没有办。")
        wrong = replace(by_hand, entry_id=new_id(), rule="overdue")
        assert (await refused(supervision.carry_out(here, wrong, SUPERVISOR))).kind is Kind.INVALID


async def test_an_appeal_has_its_days(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await overdue(rig, by=timedelta(days=4))
        entry = (await entries_of(rig[TOWNSHIP], case_id))[-1]
        late = rig.at(TOWNSHIP, entry.entered_at + 10 * DAY + HOUR)
        asked = AppealPoints(case_id, entry.id, "材料晚到")
        assert (await refused(supervision.carry_out(late, asked, UNIT_HEAD))).code == "points_appeal_late"


async def test_what_was_another_holders_by_then_is_taken_back(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        command, now = a_case(), datetime.now(UTC)
        await cases.register(rig[TOWNSHIP], command, CLERK)
        await cases.carry_out(rig[TOWNSHIP], OfferCase(command.case_id, new_id(), Direction.UP, "超出职权"), CLERK)
        await rig.settle()
        await cases.carry_out(rig.at(COUNTY, now + 2.8 * HOUR), AcceptOffer(command.case_id), CLERK)
        # The township has not heard of it when the rung of three hours fires at both.
        await swept(rig.at(TOWNSHIP, now + 3.2 * HOUR))
        await swept(rig.at(COUNTY, now + 3.2 * HOUR))
        assert total(await entries_of(rig[TOWNSHIP], command.case_id)) == 1
        await rig.settle()
        township = rig.at(TOWNSHIP, now + 4 * HOUR)
        assert await supervision.take_back_disowned(township) == 1
        assert await supervision.take_back_disowned(township) == 0
        await rig.settle()
        for code in (TOWNSHIP, COUNTY):
            entries = {one.centre: one.counted for one in await entries_of(rig[code], command.case_id)}
            assert entries == {TOWNSHIP: 0, COUNTY: 1}
        assert [one.standing for one in await ledger_lines(rig[COUNTY].database, 9)] == [Standing.STANDING]


async def test_a_ledger_shows_every_sum_with_its_cases_and_compares_only_enough(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here = rig[TOWNSHIP]
        for _ in range(3):
            await overdue(rig, by=timedelta(days=4))
        await overdue(rig, unit="police", by=timedelta(days=4))
        rig.statements.clear()
        found = await ledger(here.database, datetime.now(UTC), 3)
        assert sum(rig.statements.values()) == 3
        assert [(one.unit, one.cases, found.comparable(one)) for one in found.sums] == [
            ("justice", 3, True),
            ("police", 1, False),
        ]
        for one in found.sums:
            assert one.points == sum(line.points for line in found.entries if line.unit == one.unit)


@pytest.mark.parametrize(
    "change", ["UPDATE points_entry SET points = 1", "DELETE FROM points_entry", "TRUNCATE points_entry CASCADE"]
)
async def test_nothing_in_the_ledger_is_changed_or_taken_out(postgres: PostgresServer, change: str) -> None:
    async with bench(postgres) as rig:
        await overdue(rig, by=timedelta(days=4))
        before = await ledger_lines(rig[TOWNSHIP].database, 50)
        async with rig[TOWNSHIP].database.connection() as connection:
            with pytest.raises(psycopg.IntegrityError, match="never changed"):
                await connection.execute(change.encode())
        assert await ledger_lines(rig[TOWNSHIP].database, 50) == before != ()


async def test_points_stand_in_the_journal_of_the_case(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        case_id = await overdue(rig, by=timedelta(days=4))
        kinds = await kinds_of(rig[TOWNSHIP], case_id)
        assert kinds.count(EventKind.POINTS_DEDUCTED) == len(await ledger_lines(rig[TOWNSHIP].database, 50))
