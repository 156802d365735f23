"""`verify` on real databases: clean when all is well, and each kind of damage named with exactly its case."""

import dataclasses
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from fengqiao.domain.audit import Rule
from fengqiao.domain.case import Direction
from fengqiao.domain.command import (
    AcceptOffer,
    AddNote,
    AssignCase,
    IssueDirective,
    OfferCase,
    ReceiveDirective,
    RefuseOffer,
    RegisterCase,
    ReportDirective,
    ResolveCase,
)
from fengqiao.domain.event import GENESIS, chained
from fengqiao.entry.local.ports import node_port
from fengqiao.entry.verify import Federation, Verified, local_federation, verify
from fengqiao.handlers import case as handlers
from fengqiao.handlers import directive as directive_handlers
from fengqiao.store.queries import journal
from fengqiao.store.template import database_name
from tests.containers import PostgresServer
from tests.node.rig import CITY, CLERK, COUNTY, TOWNSHIP, Bench, bench, new_id


@dataclass(frozen=True)
class Town:
    """A drained federation: `travelled` went up to the city, `refused` came back, `local` never left, one directive."""

    rig: Bench
    travelled: UUID
    refused: UUID
    local: UUID
    directive: UUID

    async def damage(self, centre: str, statement: str, **params: Any) -> None:
        """Change a database behind the program's back."""
        async with await psycopg.AsyncConnection.connect(self.rig[centre].database.dsn, autocommit=True) as connection:
            for part in statement.split(";"):
                done = await connection.execute(part.strip().encode(), params or None)
                assert done.rowcount != 0, f"nothing was damaged by {part}"

    async def verified(
        self, wait_seconds: float = 0.0, *, dead_letters_allowed: bool = False, federation: Federation | None = None
    ) -> Verified:
        databases = {code: context.database.dsn for code, context in self.rig.contexts.items()}
        return await verify(
            federation or Federation(self.rig.topology, databases, ""),
            wait_seconds=wait_seconds,
            dead_letters_allowed=dead_letters_allowed,
            progress=lambda _step, _done, _total: None,
        )

    async def found(self, **how: Any) -> set[tuple[Rule, str, UUID | None]]:
        return {(one.rule, one.centre, one.subject) for one in (await self.verified(**how)).findings}


@pytest.fixture
async def town(postgres: PostgresServer) -> AsyncIterator[Town]:
    async with bench(postgres) as rig:
        travelled, refused, local = [await _registered(rig) for _ in range(3)]
        for case in (travelled, refused):
            await handlers.carry_out(rig[TOWNSHIP], OfferCase(case, new_id(), Direction.UP, "超出职权"), CLERK)
        await rig.settle()
        await handlers.carry_out(rig[COUNTY], RefuseOffer(refused, "请先核实"), CLERK)
        await handlers.carry_out(rig[COUNTY], AcceptOffer(travelled), CLERK)
        await handlers.carry_out(rig[COUNTY], OfferCase(travelled, new_id(), Direction.UP, "跨县"), CLERK)
        await rig.settle()
        await handlers.carry_out(rig[CITY], AcceptOffer(travelled), CLERK)
        await handlers.carry_out(rig[CITY], AssignCase(travelled, "transport"), CLERK)
        await handlers.carry_out(rig[TOWNSHIP], AddNote(travelled, "又有人摔倒"), CLERK)
        await handlers.carry_out(rig[TOWNSHIP], AssignCase(local, "police"), CLERK)
        await handlers.carry_out(rig[TOWNSHIP], ResolveCase(local, "已办结"), CLERK)
        due = datetime.now(UTC) + timedelta(days=3)
        order = IssueDirective(new_id(), TOWNSHIP, unit="", title="排查", text="排查辖区铁轨", due_at=due)
        await directive_handlers.issue(rig[COUNTY], order, CLERK)
        await rig.settle()
        await directive_handlers.carry_out(rig[TOWNSHIP], ReceiveDirective(order.directive_id), CLERK)
        await directive_handlers.carry_out(rig[TOWNSHIP], ReportDirective(order.directive_id, "已排查"), CLERK)
        await rig.settle()
        yield Town(rig, travelled, refused, local, order.directive_id)


async def _registered(rig: Bench) -> UUID:
    command = RegisterCase(new_id(), "铁轨横卧路中", "新河路一段废弃铁轨，行人常被绊倒。", place="新河路")
    await handlers.register(rig[TOWNSHIP], command, CLERK)
    return command.case_id


async def test_a_drained_federation_is_clean_and_says_what_was_looked_at(town: Town) -> None:
    verified = await town.verified()
    assert verified.findings == ()
    counts = dataclasses.asdict(verified.counts)
    assert counts == {
        "centres": 3,
        "cases": 3,
        "case_copies": 6,
        "directives": 1,
        "directive_copies": 2,
        "events": counts["events"],
        "edges": 2,
        "messages": counts["messages"],
        "under_way": 0,
    }
    assert counts["events"] > 20
    assert counts["messages"] > 8


async def test_a_changed_event_breaks_its_journal_and_differs_from_the_others(town: Town) -> None:
    await town.damage(
        COUNTY,
        """UPDATE event SET details = '{"text": "无人摔倒"}' WHERE subject = %(case)s AND kind = 'noted'""",
        case=town.travelled,
    )
    assert await town.found() == {
        (Rule.JOURNAL, COUNTY, town.travelled),
        (Rule.EVENT_ALIKE, COUNTY, town.travelled),
    }


async def test_a_changed_event_with_a_journal_made_to_fit_still_differs_from_the_others(town: Town) -> None:
    await town.damage(
        TOWNSHIP, "UPDATE event SET actor = '别人' WHERE subject = %(case)s AND position = 1", case=town.travelled
    )
    await _rechained(town, TOWNSHIP, town.travelled)
    assert {rule for rule, _, _ in await town.found()} == {Rule.EVENT_ALIKE}


async def test_a_deleted_event_is_named(town: Town) -> None:
    await town.damage(TOWNSHIP, "DELETE FROM event WHERE subject = %(case)s AND position = 2", case=town.local)
    assert await town.found() == {(Rule.JOURNAL, TOWNSHIP, town.local)}


async def test_an_inserted_event_is_named(town: Town) -> None:
    await town.damage(
        TOWNSHIP,
        """INSERT INTO event (subject, position, id, kind, centre, actor, at, epoch, details, hash, recorded_at)
        SELECT subject, position + 1, gen_random_uuid(), 'noted', centre, actor, at, epoch, '{"text": "假"}', hash,
            recorded_at
        FROM event WHERE subject = %(case)s ORDER BY position DESC LIMIT 1""",
        case=town.local,
    )
    assert await town.found() == {(Rule.JOURNAL, TOWNSHIP, town.local)}


async def test_an_event_cut_off_at_the_end_is_named_though_the_chain_is_whole(town: Town) -> None:
    last = """DELETE FROM event WHERE subject = %(case)s
        AND position = (SELECT max(position) FROM event WHERE subject = %(case)s)"""
    await town.damage(TOWNSHIP, last, case=town.local)
    assert await town.found() == {(Rule.JOURNAL, TOWNSHIP, town.local)}


async def test_two_holders_are_named(town: Town) -> None:
    await town.damage(TOWNSHIP, "UPDATE case_file SET role = 'holder' WHERE case_id = %(case)s", case=town.travelled)
    assert await town.found() == {(Rule.ONE_HOLDER, TOWNSHIP, town.travelled)}


async def test_a_case_that_nobody_holds_is_named(town: Town) -> None:
    await town.damage(TOWNSHIP, "UPDATE case_file SET role = 'follower' WHERE case_id = %(case)s", case=town.local)
    assert await town.found() == {(Rule.ONE_HOLDER, TOWNSHIP, town.local)}


async def test_an_emptied_first_receiver_is_named(town: Town) -> None:
    check = "ALTER TABLE case_file DROP CONSTRAINT case_file_first_receiver_unit_check;"
    await town.damage(TOWNSHIP, check)
    await town.damage(
        TOWNSHIP, "UPDATE case_file SET first_receiver_unit = '' WHERE case_id = %(case)s", case=town.local
    )
    assert await town.found() == {(Rule.FIRST_RECEIVER, TOWNSHIP, town.local)}


async def test_a_first_receiver_changed_after_it_was_fixed_is_named(town: Town) -> None:
    await town.damage(
        TOWNSHIP, "UPDATE case_file SET first_receiver_unit = 'police' WHERE case_id = %(case)s", case=town.travelled
    )
    found = await town.found()
    assert Rule.FIRST_RECEIVER in {rule for rule, _, _ in found}
    assert {subject for _, _, subject in found} == {town.travelled}


async def test_a_mirror_that_differs_is_named_with_its_centre(town: Town) -> None:
    await town.damage(COUNTY, "UPDATE case_file SET title = '别的' WHERE case_id = %(case)s", case=town.travelled)
    assert await town.found() == {(Rule.MIRROR, COUNTY, town.travelled)}
    assert (await town.verified()).findings[0].detail.startswith("title differ")


async def test_a_case_that_stands_otherwise_than_its_events_tell_is_named(town: Town) -> None:
    await town.damage(TOWNSHIP, "UPDATE case_file SET unit = 'justice' WHERE case_id = %(case)s", case=town.local)
    assert await town.found() == {(Rule.STANDING, TOWNSHIP, town.local)}


async def test_what_a_bystander_knows_may_be_out_of_date(town: Town) -> None:
    await handlers.carry_out(town.rig[TOWNSHIP], AssignCase(town.refused, "police"), CLERK)
    assert await town.found() == set()


async def test_an_event_missing_at_a_follower_is_named(town: Town) -> None:
    note = """DELETE FROM event WHERE subject = %(case)s
        AND position = (SELECT position FROM event WHERE subject = %(case)s AND kind = 'noted')"""
    await town.damage(COUNTY, note, case=town.travelled)
    await town.damage(
        COUNTY, "UPDATE case_file SET journal_length = journal_length - 1 WHERE case_id = %(case)s", case=town.travelled
    )
    await _rechained(town, COUNTY, town.travelled)
    assert await town.found() == {(Rule.EVENT_MISSING, COUNTY, town.travelled)}


async def test_a_file_missing_at_a_follower_is_named(town: Town) -> None:
    await town.damage(COUNTY, "DELETE FROM case_file WHERE case_id = %(case)s", case=town.travelled)
    assert await town.found() == {
        (Rule.FOLLOWER, COUNTY, town.travelled),
        (Rule.JOURNAL, COUNTY, town.travelled),
    }


async def test_a_row_that_cannot_be_read_is_named_and_the_rest_is_audited(town: Town) -> None:
    await town.damage(
        TOWNSHIP, "UPDATE event SET kind = 'invented' WHERE subject = %(case)s AND position = 1", case=town.local
    )
    assert await town.found() == {(Rule.READABLE, TOWNSHIP, town.local)}


async def test_a_directive_that_differs_is_named(town: Town) -> None:
    await town.damage(TOWNSHIP, "UPDATE directive SET report = '未排查' WHERE directive_id = %(id)s", id=town.directive)
    found = await town.found()
    assert {(rule, subject) for rule, _, subject in found} == {(Rule.DIRECTIVE, town.directive)}


async def test_a_directive_missing_on_one_side_is_named(town: Town) -> None:
    await town.damage(TOWNSHIP, "DELETE FROM directive WHERE directive_id = %(id)s", id=town.directive)
    assert await town.found() == {
        (Rule.DIRECTIVE, TOWNSHIP, town.directive),
        (Rule.JOURNAL, TOWNSHIP, town.directive),
    }


async def test_a_message_lost_from_the_outbox_is_named(town: Town) -> None:
    for text in ("一", "二", "三"):
        await handlers.carry_out(town.rig[TOWNSHIP], AddNote(town.travelled, text), CLERK)
    assert (await town.verified()).clean, "what was only just written is under way"
    await town.rig.envelopes(TOWNSHIP)
    await town.damage(TOWNSHIP, "DELETE FROM outbox WHERE seq = (SELECT max(seq) - 1 FROM outbox)")
    assert {(rule, centre) for rule, centre, _ in await town.found()} == {(Rule.OUTBOX, TOWNSHIP)}


async def test_what_was_acknowledged_and_never_taken_in_is_named(town: Town) -> None:
    await town.damage(
        COUNTY, "UPDATE edge SET received_seq = received_seq - 1 WHERE neighbour = %(code)s", code=TOWNSHIP
    )
    assert (Rule.ACKNOWLEDGED, TOWNSHIP, None) in await town.found()


@pytest.mark.parametrize("which", ["first", "between", "last"])
async def test_a_received_number_that_is_not_noted_is_named(town: Town, which: str) -> None:
    statements = {
        "first": "DELETE FROM inbox WHERE neighbour = %(code)s AND seq = 1",
        "between": "DELETE FROM inbox WHERE neighbour = %(code)s AND seq = 2",
        "last": """DELETE FROM inbox WHERE neighbour = %(code)s
            AND seq = (SELECT max(seq) FROM inbox WHERE neighbour = %(code)s)""",
    }
    await town.damage(COUNTY, statements[which], code=TOWNSHIP)
    assert await town.found() == {(Rule.INBOX, COUNTY, None)}


async def test_numbers_that_upkeep_forgot_are_no_gap(town: Town) -> None:
    await town.damage(COUNTY, "UPDATE inbox SET taken_at = taken_at - interval '8 days' WHERE seq <= 2")
    await town.damage(COUNTY, "UPDATE schema_migration SET applied_at = applied_at - interval '30 days'")
    await town.damage(COUNTY, "DELETE FROM inbox WHERE seq <= 2")
    assert await town.found() == set()


async def test_a_message_held_for_ever_is_named_once_it_was_waited_for(town: Town) -> None:
    await town.damage(
        CITY,
        """INSERT INTO inbox (neighbour, seq, message_id, type, subject, state, attempts, next_try_at, reason, envelope,
            taken_at)
        SELECT neighbour, received_seq + 1, gen_random_uuid(), 'newer', %(case)s, 'waiting', 1, now(),
            'message_unknown_type', 'x', now() - interval '1 minute' FROM edge;
        UPDATE edge SET received_seq = received_seq + 1""",
        case=town.local,
    )
    await town.damage(
        COUNTY, "UPDATE edge SET sent_seq = sent_seq + 1, acked_seq = acked_seq + 1 WHERE neighbour = %(c)s", c=CITY
    )
    assert await town.found(wait_seconds=0.2) == {(Rule.HELD, CITY, town.local)}


async def test_a_message_that_is_not_delivered_is_named_only_after_a_wait(town: Town) -> None:
    await handlers.carry_out(town.rig[CITY], ResolveCase(town.travelled, "铁轨已拆除"), CLERK)
    verified = await town.verified()
    assert verified.clean
    assert verified.counts.under_way == 1
    assert await town.found(wait_seconds=0.2) == {(Rule.UNDELIVERED, CITY, None)}


async def test_a_parked_message_is_wrong_unless_it_is_allowed(town: Town) -> None:
    await town.damage(
        CITY,
        """INSERT INTO dead_letter (neighbour, seq, carrier, topic, partition, record_offset, type, subject, code,
            params, payload, parked_at, state)
        VALUES ('371401', NULL, 'kafka', 'fengqiao.up.371401', 0, 7, 'unknown', NULL, 'message_unreadable',
            '{}', 'x', now(), 'parked')""",
    )
    assert await town.found() == {(Rule.DEAD_LETTER, CITY, None)}
    allowed = await town.verified(dead_letters_allowed=True)
    assert allowed.clean
    assert "fengqiao.up.371401@7" in allowed.warnings[0].detail


async def test_a_database_that_is_away_is_named(town: Town) -> None:
    databases = {code: context.database.dsn for code, context in town.rig.contexts.items()}
    databases[CITY] = databases[CITY].replace("rig_", "gone_")
    verified = await town.verified(federation=Federation(town.rig.topology, databases, ""))
    assert (Rule.READABLE, CITY) in {(one.rule, one.centre) for one in verified.findings}


async def test_a_database_that_was_dropped_is_named_with_its_cases(
    town: Town, postgres: PostgresServer, tmp_path: Path
) -> None:
    for code, context in town.rig.contexts.items():
        await context.database.close()
        made = context.database.dsn.rpartition("/")[2]
        await _on_server(postgres, sql.SQL("ALTER DATABASE {} RENAME TO {}"), made, database_name(code))
    ports = {"postgres": postgres.port, "kafka": 1} | {node_port(code): 1 for code in town.rig.contexts}
    (tmp_path / "ports.json").write_text(json.dumps(ports))
    try:
        assert (await _verified_locally(town, tmp_path)).clean
        await _on_server(postgres, sql.SQL("DROP DATABASE {}"), database_name(TOWNSHIP))
        verified = await _verified_locally(town, tmp_path)
        found = {(one.rule, one.centre, one.subject) for one in verified.findings}
        assert (Rule.DATABASE, TOWNSHIP, None) in found
        assert (Rule.FOLLOWER, TOWNSHIP, town.travelled) in found
        assert (Rule.DIRECTIVE, TOWNSHIP, town.directive) in found
        del ports[node_port(TOWNSHIP)]
        (tmp_path / "ports.json").write_text(json.dumps(ports))
        verified = await _verified_locally(town, tmp_path)
        assert {(one.rule, one.centre) for one in verified.findings} == {(Rule.DATABASE, TOWNSHIP)}
    finally:
        for code in town.rig.contexts:
            await _on_server(postgres, sql.SQL("DROP DATABASE IF EXISTS {}"), database_name(code))


@pytest.mark.parametrize("centre", [COUNTY, TOWNSHIP])
async def test_a_missing_row_of_an_edge_is_named(town: Town, centre: str) -> None:
    await town.damage(centre, "DELETE FROM edge WHERE neighbour IN (%(up)s, %(down)s)", up=COUNTY, down=TOWNSHIP)
    assert await town.found() == {(Rule.EDGE, centre, None)}


async def test_a_parked_message_without_its_letter_is_named(town: Town) -> None:
    await town.damage(
        CITY,
        """UPDATE inbox SET state = 'parked', reason = 'message_misplaced', envelope = 'x', subject = %(case)s
        WHERE seq = 1""",
        case=town.travelled,
    )
    assert await town.found() == {(Rule.HELD, CITY, town.travelled)}


async def _verified_locally(town: Town, data: Path) -> Verified:
    local = dataclasses.replace(local_federation(data, town.rig.topology), kafka="")
    return await town.verified(federation=local)


async def _on_server(postgres: PostgresServer, statement: sql.SQL, *names: str) -> None:
    async with await psycopg.AsyncConnection.connect(postgres.dsn(), autocommit=True) as connection:
        await connection.execute(statement.format(*map(sql.Identifier, names)))


async def _rechained(town: Town, centre: str, case: UUID) -> None:
    """Make the journal fit again, as a local administrator would who covers his tracks."""
    last, position = GENESIS, 0
    for row in await journal(town.rig[centre].database, case):
        last, position = chained(last, row.event), position + 1
        await town.damage(
            centre,
            "UPDATE event SET hash = %(hash)s, position = %(to)s WHERE subject = %(case)s AND position = %(at)s",
            hash=last,
            to=position,
            case=case,
            at=row.position,
        )
    await town.damage(
        centre, "UPDATE case_file SET journal_hash = %(hash)s WHERE case_id = %(case)s", hash=last, case=case
    )
