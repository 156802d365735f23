"""Facts of old months become sums: no figure changes, nothing is counted twice, and an audit compares all of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from fengqiao.domain.audit import Finding, Rule
from fengqiao.domain.command import RegisterCase, ResolveCase
from fengqiao.domain.course import ClosingKind
from fengqiao.domain.errors import Refusal
from fengqiao.domain.fact import month_of
from fengqiao.domain.figures import Rate
from fengqiao.domain.tally import Measure
from fengqiao.entry.verify import Federation, verify
from fengqiao.handlers import case as handlers
from fengqiao.handlers.context import Actor
from fengqiao.handlers.fact import summarise_facts, take_in_facts
from fengqiao.insight.wallboard import wallboard
from fengqiao.store import facts as store
from fengqiao.wire.feed import FeedRecord
from tests.containers import PostgresServer
from tests.node.rig import CITY, COUNTY, TOWNSHIP, Bench, bench, new_id
from tests.node.test_facts import Wire, teller
from tests.node.test_handlers_case import a_case

NOW = datetime.now(UTC)
OLD = NOW - timedelta(days=365 * 4)
CLERK = Actor("王敏", OLD)
KEPT_MONTHS = 36


async def old_and_young(rig: Bench) -> tuple[UUID, UUID, UUID]:
    """An old case that is closed, an old one that is open, and a young one that is closed; all told at their times."""
    closed, left_open, young = a_case(), a_case(), a_case()
    for command, at in ((closed, OLD), (left_open, OLD), (young, NOW - timedelta(days=2))):
        await handlers.register(rig[TOWNSHIP], command, Actor("王敏", at))
    for command, at in ((closed, OLD), (young, NOW - timedelta(days=1))):
        await resolved(rig, command, at + timedelta(hours=1))
    return closed.case_id, left_open.case_id, young.case_id


async def resolved(rig: Bench, command: RegisterCase, at: datetime) -> None:
    resolve = ResolveCase(command.case_id, "已办结。", ClosingKind.SOLVED)
    await handlers.carry_out(rig[TOWNSHIP], resolve, Actor("王敏", at))


async def told(rig: Bench) -> list[FeedRecord]:
    """What the township tells, as if each case had been told when it last changed."""
    wire = Wire()
    await teller(rig, wire).turn()
    records = []
    for record in wire.told():
        fact = record.fact
        told_at = (fact.resolved_at or fact.registered_at) if fact else record.told_at
        records.append(FeedRecord(record.centre, told_at, fact))
    return records


async def counted(rig: Bench) -> dict[tuple[Measure, str, str], int]:
    measures = list(Measure)
    found = await store.sums(rig[COUNTY].database, [TOWNSHIP], month_of(OLD), month_of(NOW), measures)
    return {(one.measure, one.detail, one.matter_class): one.many for one in found if one.many}


async def cases_known(rig: Bench) -> set[UUID]:
    async with await psycopg.AsyncConnection.connect(rig[COUNTY].database.dsn) as connection:
        return {row[0] for row in await (await connection.execute("SELECT case_id FROM fact")).fetchall()}


async def partitions(rig: Bench) -> set[str]:
    asked = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'fact'::regclass"
    async with await psycopg.AsyncConnection.connect(rig[COUNTY].database.dsn) as connection:
        return {row[0] for row in await (await connection.execute(asked)).fetchall()}


async def test_old_facts_of_closed_cases_go_and_no_sum_changes(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        closed, left_open, young = await old_and_young(rig)
        await take_in_facts(rig[COUNTY], 1, await told(rig), set())
        before = await counted(rig)
        assert await cases_known(rig) == {closed, left_open, young}
        assert await summarise_facts(rig[COUNTY], KEPT_MONTHS) == 1
        assert await cases_known(rig) == {left_open, young}
        assert await counted(rig) == before
        assert await summarise_facts(rig[COUNTY], KEPT_MONTHS) == 0


async def test_a_summarised_case_that_is_told_again_is_not_counted_twice(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        closed, left_open, _ = await old_and_young(rig)
        records = await told(rig)
        await take_in_facts(rig[COUNTY], 1, records, set())
        await summarise_facts(rig[COUNTY], KEPT_MONTHS)
        before = await counted(rig)
        assert await take_in_facts(rig[COUNTY], 1, records, set()) == {"summarised": 1, "repeated": 2}
        assert await counted(rig) == before
        assert closed not in await cases_known(rig)
        # The one that was left open closes at last: it is counted, stays for three years, and is not counted again.
        await handlers.carry_out(rig[TOWNSHIP], ResolveCase(left_open, "好", ClosingKind.SOLVED), CLERK)
        wire = Wire()
        await teller(rig, wire).turn()
        assert (await take_in_facts(rig[COUNTY], 1, wire.told(), set()))["newer"] == 1
        assert (await counted(rig))[Measure.CLOSED, "solved", ""] == before[Measure.CLOSED, "solved", ""] + 1
        assert await summarise_facts(rig[COUNTY], KEPT_MONTHS) == 0


async def test_what_is_old_and_only_now_told_is_counted_and_kept(postgres: PostgresServer) -> None:
    """Years that are imported or replayed come in as facts of old months; they are told of today."""
    async with bench(postgres) as rig:
        await old_and_young(rig)
        wire = Wire()
        await teller(rig, wire).turn()
        await take_in_facts(rig[COUNTY], 1, wire.told(), set())
        assert await summarise_facts(rig[COUNTY], KEPT_MONTHS) == 0
        assert len(await cases_known(rig)) == 3


async def test_months_that_are_empty_are_taken_away_and_come_back_when_needed(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        command = a_case()
        await handlers.register(rig[TOWNSHIP], command, CLERK)
        await resolved(rig, command, OLD + timedelta(hours=1))
        records, months = await told(rig), set[date]()
        await take_in_facts(rig[COUNTY], 1, records, months)
        month = f"fact_{month_of(OLD):%Y%m}"
        assert month in await partitions(rig)
        await summarise_facts(rig[COUNTY], KEPT_MONTHS)
        assert month not in await partitions(rig)
        assert await take_in_facts(rig[COUNTY], 1, records, months) == {"summarised": 1}
        # Years that are imported come as facts of that month; the reader of the feeds has had it before.
        await handlers.register(rig[TOWNSHIP], a_case(), CLERK)
        wire = Wire()
        await teller(rig, wire).turn()
        assert (await take_in_facts(rig[COUNTY], 1, wire.told(), months))["newer"] == 1
        assert month in await partitions(rig)


async def test_a_reader_that_is_in_use_only_delays_the_end_of_a_month(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        command = a_case()
        await handlers.register(rig[TOWNSHIP], command, CLERK)
        await resolved(rig, command, OLD + timedelta(hours=1))
        await take_in_facts(rig[COUNTY], 1, await told(rig), set())
        month = f"fact_{month_of(OLD):%Y%m}"
        async with await psycopg.AsyncConnection.connect(rig[COUNTY].database.dsn) as reader:
            await reader.execute("SELECT count(*) FROM fact")
            with pytest.raises(Refusal):
                await summarise_facts(rig[COUNTY], KEPT_MONTHS)
        assert await cases_known(rig) == set()
        assert month in await partitions(rig)
        assert await summarise_facts(rig[COUNTY], KEPT_MONTHS) == 0
        assert month not in await partitions(rig)


async def test_facts_of_a_centre_that_was_not_heard_lately_wait(postgres: PostgresServer) -> None:
    """A new reading comes by the old revisions of a case first; what was summarised by one would stay so."""
    async with bench(postgres) as rig:
        await old_and_young(rig)
        records = await told(rig)
        await take_in_facts(rig[COUNTY], 1, [one for one in records if one.fact is not None], set())
        assert await summarise_facts(rig[COUNTY], KEPT_MONTHS) == 0
        await take_in_facts(rig[COUNTY], 1, [one for one in records if one.fact is None], set())
        assert await summarise_facts(rig[COUNTY], KEPT_MONTHS) == 1


async def test_a_new_reading_forgets_the_summaries_too(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        await old_and_young(rig)
        records = await told(rig)
        await take_in_facts(rig[COUNTY], 1, records, set())
        before = await counted(rig)
        await summarise_facts(rig[COUNTY], KEPT_MONTHS)
        generation = await store.begin_again(rig[COUNTY].database)
        assert await take_in_facts(rig[COUNTY], generation, records, set()) == {"newer": 3}
        assert await counted(rig) == before


async def audited(rig: Bench) -> list[Finding]:
    databases = {code: context.database.dsn for code, context in rig.contexts.items()}
    verified = await verify(
        Federation(rig.topology, databases, ""),
        wait_seconds=0,
        dead_letters_allowed=True,
        progress=lambda _step, _done, _total: None,
        facts_held=True,
    )
    return [one for one in verified.findings if one.rule in {Rule.FACT, Rule.TALLY}]


async def heard(rig: Bench, records: Sequence[FeedRecord]) -> None:
    """The county takes records in, and hears two minutes later that everything was told."""
    later = FeedRecord(TOWNSHIP, datetime.now(UTC) + timedelta(minutes=2), None)
    await take_in_facts(rig[COUNTY], 1, [*records, later], set())


async def damage(rig: Bench, statement: bytes) -> None:
    async with await psycopg.AsyncConnection.connect(rig[COUNTY].database.dsn, autocommit=True) as connection:
        assert (await connection.execute(statement)).rowcount > 0


async def test_an_audit_is_clean_before_and_after_a_summary(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        await old_and_young(rig)
        await heard(rig, await told(rig))
        assert await audited(rig) == []
        assert await summarise_facts(rig[COUNTY], KEPT_MONTHS) == 1
        assert await audited(rig) == []


async def test_an_audit_names_the_case_that_figures_miss_and_the_one_that_they_know_as_it_was(
    postgres: PostgresServer,
) -> None:
    async with bench(postgres) as rig:
        _, left_open, young = await old_and_young(rig)
        records = await told(rig)
        await heard(rig, [record for record in records if record.fact and record.fact.case_id != young])
        await handlers.carry_out(rig[TOWNSHIP], ResolveCase(left_open, "好", ClosingKind.SOLVED), CLERK)
        # That it was told so far is not true of these two: a broker has lost them.
        found = {(one.rule, one.centre, one.subject) for one in await audited(rig)}
        assert found == {(Rule.FACT, COUNTY, young), (Rule.FACT, COUNTY, left_open)}


async def test_what_happened_after_a_centre_had_told_is_not_held_against_anybody(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        await old_and_young(rig)
        records = await told(rig)
        await take_in_facts(rig[COUNTY], 1, [one for one in records if one.fact is None], set())
        assert await audited(rig) == []


async def test_while_a_backlog_is_told_nothing_is_held_against_anybody(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        await old_and_young(rig)
        facts = [one for one in await told(rig) if one.fact is not None]
        later = FeedRecord(TOWNSHIP, datetime.now(UTC) + timedelta(minutes=30), facts[0].fact)
        await take_in_facts(rig[COUNTY], 1, [later], set())
        assert await audited(rig) == []


async def test_an_audit_names_a_case_that_is_counted_and_that_nobody_has(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        _, _, young = await old_and_young(rig)
        records = await told(rig)
        stray = next(one for one in records if one.fact is not None and one.fact.case_id == young)
        assert stray.fact is not None
        phantom = replace(stray.fact, case_id=new_id())
        await heard(rig, [*records, FeedRecord(TOWNSHIP, NOW, phantom)])
        assert {(one.rule, one.subject) for one in await audited(rig)} == {(Rule.FACT, phantom.case_id)}


async def test_an_audit_names_a_centre_that_nobody_has_ever_heard(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        await old_and_young(rig)
        # As if its cases had come in an hour ago.
        async with await psycopg.AsyncConnection.connect(rig[TOWNSHIP].database.dsn, autocommit=True) as connection:
            await connection.execute("UPDATE event SET recorded_at = recorded_at - interval '1 hour'")
        found = {(one.rule, one.centre) for one in await audited(rig)}
        assert found == {(Rule.FACT, COUNTY), (Rule.FACT, CITY)}


async def test_an_audit_names_the_sum_that_its_facts_do_not_make(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        await old_and_young(rig)
        await heard(rig, await told(rig))
        await summarise_facts(rig[COUNTY], KEPT_MONTHS)
        await damage(rig, b"UPDATE tally SET many = many + 5 WHERE measure = 'registered'")
        found = await audited(rig)
        assert {(one.rule, one.centre) for one in found} == {(Rule.TALLY, COUNTY)}
        assert [one.detail.partition(" of ")[0].split()[1] for one in found] == ["registered"] * 2
        assert sorted(one.detail.partition(" is ")[2] for one in found) == [
            "6, the facts make 1",
            "7, the facts make 2",
        ]


async def test_what_is_overdue_now_counts_as_a_limit_that_was_not_met(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        await handlers.register(rig[TOWNSHIP], a_case(), Actor("王敏", NOW - timedelta(days=3)))
        wire = Wire()
        await teller(rig, wire).turn()
        await take_in_facts(rig[COUNTY], 1, wire.told(), set())
        today = NOW.date()
        (standing,) = await wallboard(
            rig[COUNTY].database, [TOWNSHIP], today - timedelta(days=6), today + timedelta(days=1), NOW
        )
        assert standing.overdue == 1
        assert standing.on_time == Rate("on_time", 0, 1)
        days = await store.overdue_days(rig[COUNTY].database, [TOWNSHIP], today - timedelta(days=6), today, NOW)
        assert sum(days.values()) == 1
