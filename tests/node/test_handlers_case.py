"""Commands on cases through real databases: what changes, what is counted, what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from fengqiao.domain.case import CaseState, Contact, Direction, Role
from fengqiao.domain.command import AcceptOffer, AddNote, AssignCase, OfferCase, RefuseOffer, RegisterCase, ResolveCase
from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.event import first_break
from fengqiao.handlers import case as handlers
from fengqiao.handlers.context import Actor
from fengqiao.insight.cases import CaseFilter, case_counts, case_view, list_cases
from fengqiao.store.outbox import acknowledge, number
from tests.containers import PostgresServer
from tests.node.rig import CITY, CLERK, COUNTY, TOWNSHIP, Bench, bench, new_id


def a_case(**values: object) -> RegisterCase:
    base = {
        "case_id": new_id(),
        "title": "铁轨横卧路中",
        "text": "新河路一段废弃铁轨，行人常被绊倒。",
        "place": "新河路",
    }
    return RegisterCase(**(base | values))  # type: ignore[arg-type]  # values of the test's own choosing


async def escalated(rig: Bench) -> RegisterCase:
    command = a_case()
    await handlers.register(rig[TOWNSHIP], command, CLERK)
    await handlers.carry_out(rig[TOWNSHIP], OfferCase(command.case_id, new_id(), Direction.UP, "超出镇级职权"), CLERK)
    await rig.settle()
    return command


async def test_an_intake_is_one_statement_and_is_numbered_by_the_day(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        await handlers.register(rig[TOWNSHIP], a_case(), CLERK)
        rig.statements.clear()
        second = await handlers.register(rig[TOWNSHIP], a_case(), CLERK)
        assert rig.statements == {"work.save": 1, "work.serials": 1}
        assert second.file.case.number.startswith(f"{TOWNSHIP}-")
        assert second.file.case.number.endswith("-00002")
        yesterday = datetime.now(UTC) - timedelta(days=1)
        earlier = await handlers.register(rig[TOWNSHIP], a_case(), Actor("王敏", yesterday))
        assert earlier.file.case.number.endswith("-00001")


async def test_the_same_case_sent_twice_is_registered_once(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        command = a_case(reference="热线-1")
        first = await handlers.register(rig[TOWNSHIP], command, CLERK)
        again = await handlers.register(rig[TOWNSHIP], command, CLERK)
        other_id = await handlers.register(rig[TOWNSHIP], a_case(reference="热线-1"), CLERK)
        assert (first.new, again.new, other_id.new) == (True, False, False)
        assert again.file.case.id == other_id.file.case.id == first.file.case.id
        assert len((await list_cases(rig[TOWNSHIP].database, CaseFilter())).rows) == 1


async def test_a_command_is_two_statements_and_wakes_the_relay_when_something_leaves(
    postgres: PostgresServer,
) -> None:
    async with bench(postgres) as rig:
        command = a_case()
        await handlers.register(rig[TOWNSHIP], command, CLERK)
        rig.statements.clear()
        await handlers.carry_out(rig[TOWNSHIP], AssignCase(command.case_id, "police"), CLERK)
        assert rig.statements == {"work.load": 1, "work.save": 1}
        assert rig.woken[TOWNSHIP] == 0
        await handlers.carry_out(rig[TOWNSHIP], OfferCase(command.case_id, new_id(), Direction.UP, "职权"), CLERK)
        assert rig.woken[TOWNSHIP] == 1


async def test_a_case_goes_up_is_accepted_and_resolved_and_all_who_had_it_see_it(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        command = await escalated(rig)
        assert (await case_counts(rig[COUNTY].database)).offers_waiting == 1
        await handlers.carry_out(rig[COUNTY], AcceptOffer(command.case_id), CLERK)
        await handlers.carry_out(rig[COUNTY], OfferCase(command.case_id, new_id(), Direction.UP, "跨县"), CLERK)
        await rig.settle()
        await handlers.carry_out(rig[CITY], AcceptOffer(command.case_id), CLERK)
        await handlers.carry_out(rig[CITY], AssignCase(command.case_id, "transport"), CLERK)
        await handlers.carry_out(rig[TOWNSHIP], AddNote(command.case_id, "又有人摔倒"), CLERK)
        await handlers.carry_out(rig[CITY], ResolveCase(command.case_id, "铁轨已拆除"), CLERK)
        await rig.settle()
        views = {code: await case_view(rig[code].database, command.case_id) for code in (TOWNSHIP, COUNTY, CITY)}
        assert {code: view.file.role for code, view in views.items()} == {
            TOWNSHIP: Role.FOLLOWER,
            COUNTY: Role.FOLLOWER,
            CITY: Role.HOLDER,
        }
        assert views[TOWNSHIP].file.case == views[COUNTY].file.case == views[CITY].file.case
        assert views[CITY].file.case.state is CaseState.RESOLVED
        assert views[CITY].file.case.first_receiver.unit == "transport"
        events = {code: {row.event.id for row in view.events} for code, view in views.items()}
        assert events[TOWNSHIP] == events[COUNTY] == events[CITY]
        for view in views.values():
            assert first_break((row.position, row.event, row.hash) for row in view.events) is None


async def test_a_refused_case_stays_and_can_be_offered_again(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        command = await escalated(rig)
        await handlers.carry_out(rig[COUNTY], RefuseOffer(command.case_id, "请镇里先核实"), CLERK)
        await rig.settle()
        view = await case_view(rig[TOWNSHIP].database, command.case_id)
        assert view.file.role is Role.HOLDER
        assert view.file.case.offer is None
        await handlers.carry_out(rig[TOWNSHIP], OfferCase(command.case_id, new_id(), Direction.UP, "已核实"), CLERK)
        await rig.settle()
        file = await handlers.carry_out(rig[COUNTY], AcceptOffer(command.case_id), CLERK)
        assert (file.role, file.case.epoch) == (Role.HOLDER, 2)


async def test_a_batch_of_messages_is_two_statements_whatever_its_length(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        for _ in range(20):
            command = a_case()
            await handlers.register(rig[TOWNSHIP], command, CLERK)
            await handlers.carry_out(rig[TOWNSHIP], OfferCase(command.case_id, new_id(), Direction.UP, "职权"), CLERK)
        rig.statements.clear()
        envelopes = await rig.envelopes(TOWNSHIP)
        assert rig.statements == {"outbox.number": 1}
        rig.statements.clear()
        taken = await rig.deliver(COUNTY, TOWNSHIP, envelopes[COUNTY])
        assert taken.received_seqs == {TOWNSHIP: 20}
        assert rig.statements == {"work.load": 1, "work.save": 1}


async def test_the_relay_numbers_without_gaps_and_keeps_what_is_not_acknowledged(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        for _ in range(3):
            await escalated(rig)
        for _ in range(2):
            command = a_case()
            await handlers.register(rig[TOWNSHIP], command, CLERK)
            await handlers.carry_out(rig[TOWNSHIP], OfferCase(command.case_id, new_id(), Direction.UP, "职权"), CLERK)
        database, now = rig[TOWNSHIP].database, rig[TOWNSHIP].clock()
        assert [row.seq for row in await number(database, "rig", now, 100)] == [4, 5]
        assert await number(database, "another process", now, 100) == []
        assert await acknowledge(database, COUNTY, 99) == 0
        assert await acknowledge(database, COUNTY, 4) == 1


async def test_the_contact_stays_where_the_case_was_taken_in(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        command = a_case(contact=Contact("李大爷", "13800000000"))
        await handlers.register(rig[TOWNSHIP], command, CLERK)
        await handlers.carry_out(rig[TOWNSHIP], OfferCase(command.case_id, new_id(), Direction.UP, "职权"), CLERK)
        for envelope in (await rig.envelopes(TOWNSHIP))[COUNTY]:
            assert "李大爷".encode() not in envelope
            await rig.deliver(COUNTY, TOWNSHIP, [envelope])
        assert (await case_view(rig[TOWNSHIP].database, command.case_id)).contact == Contact("李大爷", "13800000000")
        assert (await case_view(rig[COUNTY].database, command.case_id)).contact is None


async def test_what_is_refused_changes_nothing(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        command = a_case()
        await handlers.register(rig[TOWNSHIP], command, CLERK)
        before = await case_view(rig[TOWNSHIP].database, command.case_id)
        refusals: list[tuple[object, Kind]] = [
            (AssignCase(command.case_id, "no-such-unit"), Kind.INVALID),
            (AssignCase(command.case_id, "police", seen_version=7), Kind.STALE),
            (AcceptOffer(command.case_id), Kind.STATE),
            (ResolveCase(command.case_id, " \x00 "), Kind.INVALID),
            (AddNote(command.case_id, "长" * 4001), Kind.INVALID),
            (OfferCase(command.case_id, new_id(), Direction.DOWN, "理由", CITY), Kind.FORBIDDEN),
            (AssignCase(new_id(), "police"), Kind.NOT_FOUND),
        ]
        for wrong, kind in refusals:
            with pytest.raises(Refusal) as caught:
                await handlers.carry_out(rig[TOWNSHIP], wrong, CLERK)  # type: ignore[arg-type]  # a table of commands
            assert caught.value.kind is kind, wrong
        assert await case_view(rig[TOWNSHIP].database, command.case_id) == before
        tomorrow = Actor("王敏", datetime.now(UTC) + timedelta(days=1))
        with pytest.raises(Refusal, match="time_future"):
            await handlers.carry_out(rig[TOWNSHIP], AssignCase(command.case_id, "police"), tomorrow)


async def test_lists_come_in_pages_of_one_statement_that_neither_skip_nor_repeat(postgres: PostgresServer) -> None:
    async with bench(postgres) as rig:
        for serial in range(7):
            await handlers.register(rig[TOWNSHIP], a_case(title=f"诉求 100% {serial}"), CLERK)
        database = rig[TOWNSHIP].database
        for order in ("-updated_at", "registered_at", "number", "-number"):
            rig.statements.clear()
            seen: list[str] = []
            token = ""
            while True:
                page = await list_cases(database, CaseFilter(view="holder", words="100% "), order, 3, token)
                seen.extend(file.case.number for file in page.rows)
                token = page.next_token
                if not token:
                    break
            assert len(seen) == len(set(seen)) == 7
            assert rig.statements == {"case_file.list": 3}
        assert (await list_cases(database, CaseFilter(words="100_"))).rows == ()
        for wrong in (("-text", 3, ""), ("number", 0, ""), ("number", 3, "bm9uc2Vuc2U=")):
            with pytest.raises(Refusal) as caught:
                await list_cases(database, CaseFilter(), *wrong)
            assert caught.value.kind is Kind.INVALID
