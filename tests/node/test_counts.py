"""Counts that do not move with the machine (DESIGN section 9): round trips, statements, commits, fsyncs.

Round trips are counted in what libpq says it sent, fsyncs and commits by PostgreSQL itself; nothing else runs on the
server meanwhile, and each centre here has one connection, whose statements are prepared by then.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg.pq import Trace

from fengqiao.domain.case import Direction
from fengqiao.domain.command import AddNote, OfferCase
from fengqiao.entry.local.postgres import EmbeddedPostgres
from fengqiao.handlers import case as handlers
from fengqiao.handlers.context import Context
from fengqiao.handlers.inbox import Delivery, take_in
from fengqiao.insight.cases import CaseFilter, case_counts, case_view, list_cases
from fengqiao.store.edges import edge_positions
from fengqiao.store.outbox import acknowledge, number
from tests.node.rig import CLERK, COUNTY, TOWNSHIP, Bench, bench, new_id
from tests.node.test_handlers_case import a_case

WARM = 7
COMMITS = "SELECT xact_commit FROM pg_stat_database WHERE datname = %s"
FSYNCS = "SELECT sum(fsyncs)::bigint FROM pg_stat_io WHERE object = 'wal' AND backend_type = 'client backend'"


@dataclass(frozen=True)
class Counts:
    """What some work has cost."""

    statements: Counter[str]
    round_trips: int
    commits: int
    fsyncs: int


class Tally:
    """Counts what one centre's database does."""

    def __init__(self, postgres: EmbeddedPostgres, rig: Bench, code: str, folder: Path) -> None:
        self._admin = postgres.dsn()
        self._rig = rig
        self._context = rig[code]
        self._log = folder / f"{code}.trace"

    async def of(self, work: Callable[[], Awaitable[object]]) -> Counts:
        """Do some work and count."""
        before = await self._server()
        self._rig.statements.clear()
        with self._log.open("w") as log:
            async with self._context.database.connection() as connection:
                connection.pgconn.trace(log.fileno())
                connection.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
            await work()
            async with self._context.database.connection() as connection:
                connection.pgconn.untrace()
        statements = Counter(self._rig.statements)
        after = await self._server()
        return Counts(statements, self._asked(), after[0] - before[0] - 1, after[1] - before[1])

    async def _server(self) -> tuple[int, int]:
        # The connection that did the work hands its figures in: one commit more, and no fsync. It reads a table, for
        # without any figure of a table PostgreSQL would put the commit down only with the next one.
        async with self._context.database.connection() as connection:
            await connection.execute(b"SELECT pg_stat_force_next_flush() FROM edge", prepare=False)
        name = self._context.database.dsn.rpartition("/")[2]
        async with await psycopg.AsyncConnection.connect(self._admin, autocommit=True) as admin:
            commits = await (await admin.execute(COMMITS, (name,))).fetchone()
            fsyncs = await (await admin.execute(FSYNCS)).fetchone()
        assert commits is not None
        assert fsyncs is not None
        return commits[0], fsyncs[0]

    def _asked(self) -> int:
        lines = (line.split("\t") for line in self._log.read_text().splitlines())
        return sum(1 for line in lines if line[0] == "F" and line[2] in {"Sync", "Query"})


async def registered(context: Context, many: int) -> list[UUID]:
    commands = [a_case() for _ in range(many)]
    for command in commands:
        await handlers.register(context, command, CLERK)
    return [command.case_id for command in commands]


async def offer(context: Context, case_id: UUID) -> None:
    await handlers.carry_out(context, OfferCase(case_id, new_id(), Direction.UP, "超出镇级职权"), CLERK)


@pytest.fixture
def postgres(embedded_postgres: EmbeddedPostgres) -> EmbeddedPostgres:
    """The embedded one, wherever other tests run: only PostgreSQL 18 tells the fsyncs of each kind of process."""
    return embedded_postgres


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


async def test_an_intake_is_one_commit_on_disk(postgres: EmbeddedPostgres, folder: Path) -> None:
    async with bench(postgres) as rig:
        await registered(rig[TOWNSHIP], WARM)
        counts = await Tally(postgres, rig, TOWNSHIP, folder).of(lambda: registered(rig[TOWNSHIP], 10))
        # The serial is drawn from a sequence, which goes to the disk once in 32 draws.
        assert counts.statements == {"work.save": 10, "work.serials": 10}
        assert counts.round_trips == 20
        assert 10 <= counts.fsyncs <= 11


async def test_many_intakes_at_once_share_statements_and_fsyncs(postgres: EmbeddedPostgres, folder: Path) -> None:
    async with bench(postgres) as rig:
        await registered(rig[TOWNSHIP], WARM)

        async def at_once() -> None:
            await asyncio.gather(*(registered(rig[TOWNSHIP], 1) for _ in range(64)))

        counts = await Tally(postgres, rig, TOWNSHIP, folder).of(at_once)
        assert counts.statements["work.save"] <= 4
        assert counts.statements["work.serials"] <= 4
        assert counts.fsyncs <= 8
        assert (await case_counts(rig[TOWNSHIP].database)).of_view("holder") == WARM + 64


async def test_a_command_is_two_round_trips_and_one_commit(postgres: EmbeddedPostgres, folder: Path) -> None:
    async with bench(postgres) as rig:
        cases = await registered(rig[TOWNSHIP], WARM + 1)
        for case_id in cases[:WARM]:
            await offer(rig[TOWNSHIP], case_id)
        counts = await Tally(postgres, rig, TOWNSHIP, folder).of(lambda: offer(rig[TOWNSHIP], cases[-1]))
        assert counts == Counts(Counter({"work.load": 1, "work.save": 1}), round_trips=2, commits=1, fsyncs=1)


async def test_a_batch_is_numbered_by_one_statement_and_one_fsync(postgres: EmbeddedPostgres, folder: Path) -> None:
    async with bench(postgres) as rig:
        here = rig[TOWNSHIP]
        for _ in range(WARM):
            await offer(here, (await registered(here, 1))[0])
            await number(here.database, "rig", here.clock(), 500)
        for case_id in await registered(here, 40):
            await offer(here, case_id)
        tally = Tally(postgres, rig, TOWNSHIP, folder)
        counts = await tally.of(lambda: number(here.database, "rig", here.clock(), 500))
        assert counts == Counts(Counter({"outbox.number": 1}), round_trips=1, commits=1, fsyncs=1)
        nothing = await tally.of(lambda: number(here.database, "rig", here.clock(), 500))
        assert nothing == Counts(Counter({"outbox.number": 1}), round_trips=1, commits=1, fsyncs=0)
        receipt = await tally.of(lambda: acknowledge(here.database, COUNTY, WARM + 40))
        assert receipt == Counts(Counter({"outbox.acknowledge": 1}), round_trips=1, commits=1, fsyncs=0)
        assert (await edge_positions(here.database))[COUNTY].acked_seq == WARM + 40


async def test_a_batch_is_taken_in_by_two_statements_and_one_fsync(postgres: EmbeddedPostgres, folder: Path) -> None:
    async with bench(postgres) as rig:
        for _ in range(WARM):
            await offer(rig[TOWNSHIP], (await registered(rig[TOWNSHIP], 1))[0])
            await rig.carry(TOWNSHIP)
        for case_id in await registered(rig[TOWNSHIP], 40):
            await offer(rig[TOWNSHIP], case_id)
            await handlers.carry_out(rig[TOWNSHIP], AddNote(case_id, "又有人摔倒"), CLERK)
        envelopes = (await rig.envelopes(TOWNSHIP))[COUNTY]
        deliveries = [Delivery(TOWNSHIP, envelope, "kafka") for envelope in envelopes]
        counts = await Tally(postgres, rig, COUNTY, folder).of(lambda: take_in(rig[COUNTY], deliveries))
        assert len(deliveries) >= 40
        assert counts == Counts(Counter({"work.load": 1, "work.save": 1}), round_trips=2, commits=1, fsyncs=1)


async def test_a_page_of_cases_is_one_statement_whatever_its_length(postgres: EmbeddedPostgres, folder: Path) -> None:
    async with bench(postgres) as rig:
        here = rig[TOWNSHIP]
        tally = Tally(postgres, rig, TOWNSHIP, folder)
        cases = await registered(here, 60)
        for size in (2, 50):
            for _ in range(WARM):
                await list_cases(here.database, CaseFilter(), size=size)
            counts = await tally.of(lambda size=size: list_cases(here.database, CaseFilter(), size=size))  # type: ignore[misc]  # bound at once
            assert counts == Counts(Counter({"case_file.list": 1}), round_trips=1, commits=1, fsyncs=0)
        page = await tally.of(lambda: case_view(here.database, cases[0]))
        assert sum(page.statements.values()) <= 5
        assert page.fsyncs == 0
