"""Books through real databases: drafted by one, published by another, applied at every centre without a restart."""

import asyncio
from dataclasses import replace

import psycopg
import pytest

from fengqiao.domain.case import Direction
from fengqiao.domain.command import AssignCase, OfferCase
from fengqiao.domain.course_command import ClassifyCase
from fengqiao.domain.edition import (
    FIRST,
    YES,
    Book,
    DropDraft,
    Edition,
    EditionState,
    PublishDraft,
    PutRow,
    RemoveRow,
    Sheet,
    SheetField,
    sheet_row,
)
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.handlers import case as cases
from fengqiao.handlers import edition as editions
from fengqiao.handlers.context import Context
from fengqiao.handlers.in_force import InForce
from fengqiao.insight.cases import case_view
from fengqiao.store.changes import Changes
from fengqiao.store.editions import editions as kept_editions
from fengqiao.store.editions import standing_editions
from fengqiao.timers.upkeep import Upkeep
from tests.containers import PostgresServer
from tests.node.edition_acts import COLLEAGUE, published, renamed, routed, routing_published
from tests.node.rig import CITY, CLERK, COUNTY, TOWNSHIP, bench, new_id
from tests.node.test_handlers_case import a_case


async def refused(awaitable: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await awaitable  # type: ignore[misc]  # whatever is to be refused
    return caught.value


async def test_a_draft_is_published_by_another_person_and_applies_at_once(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        city = rig[CITY]
        draft = await renamed(city, "0102", "道路与桥梁")
        assert (draft.state, draft.number, draft.revision, draft.drafted_by) == (EditionState.DRAFT, 2, 1, CLERK.name)
        assert city.handbook.catalogue.item("0102").name == "市政与道路"
        own = await refused(editions.carry_out(city, PublishDraft(Book.CATALOGUE), CLERK))
        assert (own.kind, own.code, own.params["person"]) == (Kind.FORBIDDEN, "edition_second_person", CLERK.name)
        done = await editions.carry_out(city, PublishDraft(Book.CATALOGUE, seen_revision=1), COLLEAGUE)
        assert (done.state, done.published_by) == (EditionState.PUBLISHED, COLLEAGUE.name)
        assert city.handbook.catalogue.item("0102").name == "道路与桥梁"
        assert city.handbook.catalogue.version == done.version
        assert city.first_handbook.catalogue.number == FIRST


async def test_a_catalogue_reaches_every_centre_below_and_classifies_there(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        command = a_case()
        await cases.register(rig[TOWNSHIP], command, CLERK)
        await cases.carry_out(rig[TOWNSHIP], ClassifyCase(command.case_id, "0102"), CLERK)
        before = (await case_view(rig[TOWNSHIP].database, command.case_id)).file.case.course
        assert (before.item, before.catalogue) == ("0102", rig[CITY].first_handbook.catalogue.version)
        done = await published(rig[CITY], "0102", "道路与桥梁")
        await rig.settle()
        for code in (COUNTY, TOWNSHIP):
            (kept,) = await standing_editions(rig[code].database)
            assert kept == done, code
            assert rig[code].handbook.catalogue.item("0102").name == "道路与桥梁"
        after = (await case_view(rig[TOWNSHIP].database, command.case_id)).file.case.course
        assert after == before, "a case keeps the version that it was classified by"
        await cases.carry_out(rig[TOWNSHIP], ClassifyCase(command.case_id, "0102"), CLERK)
        again = (await case_view(rig[TOWNSHIP].database, command.case_id)).file.case.course
        assert again.catalogue == done.version


async def test_a_catalogue_that_comes_twice_or_late_changes_nothing(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        first = await published(rig[CITY], "0102", "道路一")
        (one,) = (await rig.envelopes(CITY))[COUNTY]
        second = await published(rig[CITY], "0102", "道路二")
        (two,) = (await rig.envelopes(CITY))[COUNTY]
        # The newer one is applied first: the older is put into the history, and goes no further.
        await rig.deliver(COUNTY, CITY, [two])
        await rig.deliver(COUNTY, CITY, [one, two, one])
        assert rig[COUNTY].handbook.catalogue.version == second.version
        kept = await kept_editions(rig[COUNTY].database, Book.CATALOGUE)
        assert [(edition.number, edition.state) for edition in kept] == [
            (second.number, EditionState.PUBLISHED),
            (first.number, EditionState.SUPERSEDED),
        ]
        await rig.settle()
        assert rig[TOWNSHIP].handbook.catalogue.version == second.version


async def test_a_centre_that_joined_later_is_sent_what_is_in_force_once(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        done = await published(rig[CITY], "0102", "道路与桥梁")
        assert await editions.catch_up(rig[CITY]) == 0, "whoever was told is not told again"
        async with rig[CITY].database.connection() as connection:
            await connection.execute("DELETE FROM edition_sent")
            await connection.execute("DELETE FROM outbox")
        assert await editions.catch_up(rig[CITY]) == 1
        assert await editions.catch_up(rig[CITY]) == 0
        await rig.settle()
        assert rig[TOWNSHIP].handbook.catalogue.version == done.version


async def test_another_process_of_the_centre_applies_what_was_published(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        replica = replace(rig[CITY], in_force=InForce())
        done = await published(rig[CITY], "0102", "道路与桥梁")
        assert replica.handbook.catalogue.number == FIRST
        await editions.refresh_in_force(replica)
        assert replica.handbook.catalogue.version == done.version


async def test_the_upkeep_applies_what_another_process_published_and_tells_new_children(
    postgres: PostgresServer,
) -> None:
    async with bench(postgres) as rig:
        replica = replace(rig[CITY], in_force=InForce())
        done = await published(rig[CITY], "0102", "道路与桥梁")
        async with rig[CITY].database.connection() as connection:
            await connection.execute("DELETE FROM edition_sent")
            await connection.execute("DELETE FROM outbox")
        stopping = asyncio.Event()
        turning = asyncio.create_task(Upkeep(replica, 36).run(stopping))
        async with asyncio.timeout(10):
            while replica.in_force.number(Book.CATALOGUE) == FIRST or not rig.woken[CITY]:  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.02)
            stopping.set()
            await turning
        labels = {"centre": CITY, "book": "catalogue"}
        assert replica.metrics.registry.get_sample_value("fengqiao_edition_number", labels) == done.number
        await rig.settle()
        assert rig[TOWNSHIP].handbook.catalogue.version == done.version
        township = {"centre": TOWNSHIP, "book": "catalogue"}
        registry = rig[TOWNSHIP].metrics.registry
        assert registry.get_sample_value("fengqiao_edition_number", township) == done.number


async def test_only_the_city_edits_the_catalogue_and_nobody_below_may_send_one(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        assert (await refused(renamed(rig[COUNTY], "0102", "x"))).code == "edition_city_only"
        await published(rig[CITY], "0102", "道路与桥梁")
        await rig.settle()
        (edition,) = await standing_editions(rig[TOWNSHIP].database)
        with pytest.raises(Refusal) as caught:
            editions.take_in_edition(rig[COUNTY], Changes(rig[COUNTY].clock()), edition, TOWNSHIP)
        assert caught.value.code == "edition_city_only"


async def test_a_retired_item_is_no_longer_chosen_and_still_read(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        city = rig[CITY]
        row = next(row for row in city.handbook.catalogue.rows if row.key == (Sheet.ITEM, "0102"))
        gone = await refused(_removed_and_published(rig[CITY], row.mark))
        assert (gone.code, [(one.field, one.code) for one in gone.violations]) == (
            "edition_broken",
            [("workflow.flow-0102.item", "row_item_unknown"), ("item.0102.code", "row_gone")],
        )
        await editions.carry_out(city, DropDraft(Book.CATALOGUE), CLERK)
        retired = replace(row, values={**row.values, SheetField.RETIRED: YES})
        await editions.carry_out(city, PutRow(retired, Book.CATALOGUE, row.mark), CLERK)
        await editions.carry_out(city, PublishDraft(Book.CATALOGUE), COLLEAGUE)
        command = a_case()
        await cases.register(city, command, CLERK)
        refusal = await refused(cases.carry_out(city, ClassifyCase(command.case_id, "0102"), CLERK))
        assert [one.code for one in refusal.violations] == ["item_retired"]
        found = city.handbook.catalogue.known_item("0102")
        assert found is not None
        assert found.retired


async def _removed_and_published(context: Context, mark: str) -> object:
    await editions.carry_out(context, RemoveRow(Book.CATALOGUE, Sheet.ITEM, "0102", mark), CLERK)
    return await editions.carry_out(context, PublishDraft(Book.CATALOGUE), COLLEAGUE)


async def test_two_who_begin_a_draft_at_once_do_not_lose_what_one_wrote(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        city = rig[CITY]
        done = await asyncio.gather(
            *(renamed(city, item, f"新{item}") for item in ("0101", "0102", "0103")), return_exceptions=True
        )
        stale = [one for one in done if isinstance(one, Refusal)]
        assert {one.code for one in stale} <= {"edition_stale"}
        assert [one for one in done if not isinstance(one, Edition | Refusal)] == []
        (draft,) = await standing_editions(city.database)
        names = {row.value(SheetField.NAME) for row in draft.sheet(Sheet.ITEM)}
        written = {f"新{item}" for item, one in zip(("0101", "0102", "0103"), done, strict=True) if one not in stale}
        assert written <= names
        assert draft.revision == len(written)


async def test_a_stale_row_and_a_stale_draft_are_refused(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        city = rig[CITY]
        await renamed(city, "0102", "一")
        late = await refused(renamed(city, "0102", "二"))
        assert (late.kind, late.code, late.params["person"]) == (Kind.STALE, "row_changed", CLERK.name)
        old = await refused(editions.carry_out(city, PublishDraft(Book.CATALOGUE, seen_revision=0), COLLEAGUE))
        assert old.code == "edition_stale"


async def test_the_database_keeps_what_is_published_whatever_program_tries(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        await published(rig[CITY], "0102", "道路与桥梁")
        for attempt in (
            "UPDATE edition SET rows = '[]'",
            "UPDATE edition SET state = 'draft', published_by = '', published_at = NULL",
            "DELETE FROM edition",
        ):
            async with await psycopg.AsyncConnection.connect(rig[CITY].database.dsn) as connection:
                with pytest.raises(psycopg.errors.CheckViolation):
                    await connection.execute(attempt.encode())


async def test_a_command_on_a_book_is_three_statements_and_taking_in_costs_one_more(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        rig.statements.clear()
        await renamed(rig[CITY], "0102", "一")
        assert rig.statements == {"edition.standing_locked": 1, "edition.put": 1, "work.save": 1}
        rig.statements.clear()
        await editions.carry_out(rig[CITY], PublishDraft(Book.CATALOGUE), COLLEAGUE)
        assert rig.statements == {"edition.standing_locked": 1, "edition.put": 1, "work.save": 1}
        envelopes = (await rig.envelopes(CITY))[COUNTY]
        rig.statements.clear()
        await rig.deliver(COUNTY, CITY, envelopes)
        assert rig.statements == {"work.load": 1, "edition.put": 1, "work.save": 1}


async def test_followed_suggestions_are_counted(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here = rig[TOWNSHIP]
        await routing_published(here, {"items": "02", "unit": "police"}, {"places": "新河路", "to": "up"})

        def counted(action: str, outcome: str) -> float:
            labels = {"centre": TOWNSHIP, "action": action, "outcome": outcome}
            return here.metrics.registry.get_sample_value("fengqiao_route_suggestions_total", labels) or 0

        for item, unit in (("0201", "police"), ("0202", "justice"), ("0101", "justice")):
            command = replace(a_case(), place="别处")
            await cases.register(here, command, CLERK)
            await cases.carry_out(here, ClassifyCase(command.case_id, item), CLERK)
            await cases.carry_out(here, AssignCase(command.case_id, unit), CLERK)
        up = replace(a_case(), place="新河路口")
        await cases.register(here, up, CLERK)
        await cases.carry_out(here, OfferCase(up.case_id, new_id(), Direction.UP, "职权"), CLERK)
        assert [counted("assign", outcome) for outcome in ("followed", "other", "none")] == [1, 1, 1]
        assert counted("hand_over", "followed") == 1
        await cases.register(here, replace(a_case(), place="新河路", unit="police"), CLERK)
        assert counted("register", "other") == 1


async def test_rules_of_a_centre_are_its_own_and_broken_ones_are_not_published(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        here = rig[TOWNSHIP]
        wrong = sheet_row(Sheet.ROUTE, "r1", {"name": "规则", "order": "0", "unit": "nobody", "items": "99"})
        refusal = await refused(editions.carry_out(here, PutRow(wrong, Book.ROUTING), CLERK))
        assert {(one.field, one.code) for one in refusal.violations} == {
            ("order", "route_order_wrong"),
            ("unit", "unit_unknown"),
            ("items", "route_item_unknown"),
        }
        await routed(here, "r1", 1, items="02", unit="police")
        await routed(here, "r2", 2, items="0201", unit="justice")
        shadowed = await refused(editions.carry_out(here, PublishDraft(Book.ROUTING), COLLEAGUE))
        assert [(one.field, one.code, one.params["earlier"]) for one in shadowed.violations] == [
            ("route.r2.order", "route_never", "r1")
        ]
        assert rig.woken[TOWNSHIP] == 0, "rules of a centre travel nowhere"
