"""The database of one centre: a pool of connections, statements by name, and one kind of trouble (DESIGN section 6)."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.pq import PipelineStatus, TransactionStatus
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from fengqiao.domain.errors import Refusal, unavailable
from fengqiao.store.named_sql import Statement, numbered, read_statements

Connection = AsyncConnection[DictRow]
StatementObserver = Callable[[str, float], None]
"""Is told the name and the duration in seconds of every statement."""

WAIT_SECONDS = 5.0
"""How long a caller waits for a free connection."""

STATEMENT_TIMEOUT_MS = 30_000

# A network that falls silent must not leave a loop waiting for hours, as TCP would: some 20 seconds, then it is away.
_NOTICES_SILENCE = {
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}

# What works on keys is planned once: planning `work.load` anew takes 0.6 ms of the 0.9 ms that it costs (measured).
_PLANNED_ONCE = "-c plan_cache_mode=force_generic_plan"
_PLANNED_AFRESH = b"SET LOCAL plan_cache_mode = force_custom_plan"

_SQL = read_statements("probe")


def query_text(statement: Statement) -> LiteralString:
    """Give the text of a statement to psycopg, which asks for literal strings; ours come from files of the package."""
    return statement.text


class Database:
    """The pool of one centre. Raises UNAVAILABLE database_away when PostgreSQL can't be reached."""

    def __init__(self, dsn: str, *, connections: int = 4, observe: StatementObserver | None = None) -> None:
        self.dsn = dsn
        self._observe = observe or _unobserved
        self.losses = 0
        """How often the way to PostgreSQL was lost: whoever holds in memory what a crash may take back looks again."""
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            dsn,
            connection_class=AsyncConnection[DictRow],
            kwargs={
                "autocommit": True,
                "row_factory": dict_row,
                # Statements come with their parameters numbered (see `numbered`), and are not parsed at every call.
                "cursor_factory": AsyncRawCursor,
                # Few statements, asked for again and again on long-lived connections: planned from the second use on.
                "prepare_threshold": 1,
                "connect_timeout": 5,
                **_NOTICES_SILENCE,
                "application_name": "fengqiao",
                "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC {_PLANNED_ONCE}",
            },
            min_size=1,
            max_size=connections,
            max_waiting=200,
            timeout=WAIT_SECONDS,
            reconnect_timeout=30.0,
            num_workers=1,
            open=False,
            check=None,
        )

    async def open(self, deadline_seconds: float) -> None:
        """Open the pool and wait for the first connection."""
        await self._pool.open()
        try:
            await self._pool.wait(timeout=deadline_seconds)
        except PoolTimeout as trouble:
            raise unavailable("database_away") from trouble

    async def close(self) -> None:
        """Close the pool; what is under way is given two seconds."""
        await self._pool.close(timeout=2.0)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection in autocommit mode; trouble of the connection becomes `database_away`."""
        try:
            async with self._pool.connection() as connection:
                try:
                    yield connection
                except asyncio.CancelledError:
                    # Who is cancelled may leave a pipeline half open, and what the next one sends would not be sent.
                    await connection.close()
                    raise
                finally:
                    if connection.pgconn.pipeline_status != PipelineStatus.OFF:
                        await connection.close()
        except (psycopg.OperationalError, PoolTimeout, TooManyRequests) as trouble:
            self.losses += 1
            raise _away(trouble) from trouble

    async def fetch(self, statement: Statement, params: Mapping[str, Any] | None = None) -> list[DictRow]:
        """Run one statement of its own transaction and give its rows."""
        async with self.connection() as connection:
            return await self.fetch_on(connection, statement, params)

    async def fetch_on(
        self, connection: Connection, statement: Statement, params: Mapping[str, Any] | None = None
    ) -> list[DictRow]:
        """Run one statement on a lent connection and give its rows."""
        started = time.perf_counter()
        cursor = await _sent(connection, statement, params)
        rows = await cursor.fetchall() if cursor.description else []
        self._observe(statement.name, time.perf_counter() - started)
        return rows

    async def fetch_list(self, statement: Statement, params: Mapping[str, Any]) -> list[DictRow]:
        """Run a statement that is planned for just these parameters: a list, of whose criteria most are absent."""
        async with self.transaction() as transaction:
            return await transaction.fetch(statement, params, afresh=True, last=True)

    async def run(self, statement: Statement, params: Mapping[str, Any] | None = None) -> int:
        """Run one statement of its own transaction and give the number of rows that it touched."""
        async with self.connection() as connection:
            started = time.perf_counter()
            cursor = await _sent(connection, statement, params)
            self._observe(statement.name, time.perf_counter() - started)
            return cursor.rowcount

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        """Open a transaction; what was not saved by its last statement when the block ends is not kept."""
        async with self.connection() as connection:
            transaction = Transaction(connection, self._observe)
            try:
                yield transaction
            finally:
                await transaction.end()

    def observe(self, name: str, seconds: float) -> None:
        """Count a statement that was run on a lent connection."""
        self._observe(name, seconds)


class Transaction:
    """A transaction without round trips of its own: BEGIN travels with its first statement, COMMIT with its last."""

    def __init__(self, connection: Connection, observe: StatementObserver) -> None:
        self._connection = connection
        self._observe = observe
        self._begun = False

    async def fetch(
        self, statement: Statement, params: Mapping[str, Any], *, last: bool = False, afresh: bool = False
    ) -> list[DictRow]:
        """Run a statement and give its rows; with `last` everything is committed when this returns.

        `afresh`: plan this statement, and those after it, for just their parameters.
        """
        started = time.perf_counter()
        try:
            async with self._connection.pipeline():
                if not self._begun:
                    await self._connection.execute(b"BEGIN")
                if afresh:
                    await self._connection.execute(_PLANNED_AFRESH)
                cursor = await _sent(self._connection, statement, params)
                if last:
                    await self._connection.execute(b"COMMIT")
        except BaseException:  # whatever it is, a caller that gives up included, goes on after the connection is closed
            # psycopg counts a statement as prepared although the pipeline that was to prepare it has failed, and
            # whoever uses the connection next would be told that it does not exist: nobody does.
            await self._connection.close()
            raise
        self._begun = not last
        rows = await cursor.fetchall() if cursor.description else []
        self._observe(statement.name, time.perf_counter() - started)
        return rows

    async def end(self) -> None:
        """Give up what was not committed; a connection that is broken is the pool's business."""
        if self._connection.info.transaction_status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
            await self._connection.execute(b"ROLLBACK")


async def _sent(
    connection: Connection, statement: Statement, params: Mapping[str, Any] | None
) -> psycopg.AsyncCursor[DictRow]:
    text, names = numbered(statement.text)
    return await connection.execute(text, [params[name] for name in names] if params else None)


async def alive(database: Database) -> bool:
    """Ask the database for a sign of life; raises UNAVAILABLE database_away when it gives none."""
    rows = await database.fetch(_SQL["alive"])
    return bool(rows[0]["alive"])


def _unobserved(name: str, seconds: float) -> None:
    """Observe nothing; for tools that have no metrics."""


def _away(trouble: BaseException) -> Refusal:
    refusal = unavailable("database_away")
    refusal.add_note(str(trouble))
    return refusal
